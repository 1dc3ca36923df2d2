// What a request leaves behind for those who run the server: spans, and its line in the log.
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "observe/log.h"
#include "observe/log_sinks.h"
#include "observe/span.h"
#include "server/api/testing/pet_api.h"

namespace writ::server {
namespace {

using net::Method;

// "name kind parent attributes" of each span, in the order in which they ended.
std::string told(const std::vector<observe::SpanRecord>& spans) {
  std::string out;
  for (const observe::SpanRecord& span : spans) {
    out += span.name + " " + std::to_string(static_cast<int>(span.kind)) + " " + span.parent.hex();
    for (const observe::KeptAttribute& one : span.attributes) {
      const auto* text = std::get_if<std::string>(&one.value);
      out += " " + one.name + "=" +
             (text != nullptr ? *text : std::to_string(std::get<std::int64_t>(one.value)));
    }
    out += span.is_error ? " failed\n" : "\n";
  }
  return out;
}

class ObservedRequestsTest : public PetApi {};

TEST_F(ObservedRequestsTest, EveryRequestHasASpanWithinTheTraceOfWhoAsks) {
  std::vector<observe::SpanRecord> spans;
  observe::Tracer tracer(clock_, random_,
                         [&](observe::SpanRecord span) { spans.push_back(std::move(span)); });
  ApiOptions with = options();
  with.tracer = &tracer;
  std::vector<Binding> some = bindings();
  some[1].function = Operation([](const Call&) -> Result<net::Answer> {
    return fail(Code::storage_failed, "no space left");
  });
  auto built = Api::build(some, std::move(with));
  ASSERT_TRUE(built) << built.error().text();
  const testing::ApiCaller api((*built)->routes());
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto asked = [&](const std::string& flags, const std::string& token) {
    testing::Fields fields = as(token);
    fields.emplace_back("traceparent", "00-" + trace + "-00f067aa0ba902b7-" + flags);
    return fields;
  };
  api.send({Method::GET, "/pets?kind=cat", {}, asked("00", "reader")});
  api.send({Method::GET, "/pets", {}, as("reader")});
  EXPECT_EQ(told(spans), "") << "neither was sampled";
  api.send({Method::GET, "/pets?kind=cat", {}, asked("01", "reader")});
  EXPECT_EQ(trace_, trace);
  ASSERT_EQ(spans.size(), 2u);
  for (const observe::SpanRecord& span : spans) EXPECT_EQ(span.context.trace.hex(), trace);
  const std::string own = spans.back().context.span.hex();
  EXPECT_EQ(told(spans),
            "caller.identify 0 " + own +
                "\nlistPets 1 00f067aa0ba902b7 http.request.method=GET http.route=/pets "
                "http.response.status_code=200\n");
  spans.clear();
  testing::Ask add =
      testing::ask_json(Method::POST, "/pets", R"({"name":"Rex"})", asked("01", "writer"));
  api.send(add);
  add.fields = asked("01", "nobody");
  api.send(add);
  add.fields = asked("01", "reader");
  api.send(add);
  std::erase_if(spans, [](const auto& span) { return span.name != "addPet"; });
  EXPECT_EQ(told(spans),
            "addPet 1 00f067aa0ba902b7 http.request.method=POST http.route=/pets "
            "http.response.status_code=507 error.type=storage_failed failed\n"
            "addPet 1 00f067aa0ba902b7 http.request.method=POST http.route=/pets "
            "http.response.status_code=401 error.type=unauthenticated\n"
            "addPet 1 00f067aa0ba902b7 http.request.method=POST http.route=/pets "
            "http.response.status_code=403 error.type=not_permitted\n");
  spans.clear();
  net::Request nowhere;
  nowhere.path = "/nowhere";
  const testing::Fields shown = asked("01", "reader");
  for (const auto& [name, value] : shown) nowhere.fields.add(name, value);
  (*built)->render(fail(Code::not_found, "nothing is there").error(), nowhere, 404);
  EXPECT_EQ(told(spans),
            "GET 1 00f067aa0ba902b7 http.request.method=GET http.response.status_code=404 "
            "error.type=not_found\n");
}

TEST_F(ObservedRequestsTest, WhatTheServerFailedAtIsInTheLogUnderTheIncidentOfItsAnswer) {
  std::ostringstream out;
  std::vector<std::unique_ptr<observe::LogSink>> sinks;
  sinks.push_back(observe::make_json_lines_sink(out));
  observe::Log log(clock_, std::move(sinks));
  ApiOptions with = options();
  with.log = &log;
  Code code = Code::storage_failed;
  std::vector<Binding> failing = bindings();
  failing[0].function =
      Operation([&](const Call&) -> Result<net::Answer> { return fail(code, "the disk is full"); });
  auto built = Api::build(failing, std::move(with));
  ASSERT_TRUE(built) << built.error().text();
  const testing::ApiCaller api((*built)->routes());
  const auto body = parse_json(api.send({Method::GET, "/pets", {}, as("reader")}).body);
  const auto said = parse_json(out.str());
  ASSERT_TRUE(said) << out.str();
  EXPECT_EQ(said->string_or("event", ""), "request.failed");
  EXPECT_EQ(said->string_or("operation", ""), "listPets");
  EXPECT_EQ(said->string_or("code", ""), "storage_failed");
  EXPECT_EQ(said->string_or("message", ""), "the disk is full");
  EXPECT_EQ(said->string_or("trace_id", "none"), body->string_or("incident", ""));
  out.str("");
  for (const Code theirs : {Code::not_found, Code::invalid_input, Code::overloaded}) {
    code = theirs;
    api.send({Method::GET, "/pets", {}, as("reader")});
  }
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace writ::server
