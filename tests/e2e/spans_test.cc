// What a collector gets to see of requests, by OTLP/HTTP.
#include <algorithm>

#include "people.h"

namespace writ::e2e {
namespace {

class SpansTest : public PeopleTest {
 protected:
  // The spans of what `script` does to a server that samples that many of 10,000.
  std::vector<Value> spans(int sampled_per_10000, const std::string& script) const {
    bash("rm -f ../port; mkfifo ../port\n/usr/bin/python3 " WRIT_SOURCE_DIR
         "/tests/e2e/collector.py ../spans > ../port 2> ../collector.log & pid=$!\n"
         "trap 'kill $pid' EXIT\nread -r port < ../port\n"
         "coproc server { exec " WRIT_BINARY
         " serve --addr 127.0.0.1:0 --setting telemetry.endpoint=http://127.0.0.1:$port"
         " --setting telemetry.sampled_per_10000=" +
         std::to_string(sampled_per_10000) +
         " --setting log.requests=true 2>server.log; }\n"
         "writ=$server_PID; trap 'kill -9 $pid $writ 2>/dev/null || true' EXIT\n"
         "read -r line <&\"${server[0]}\"; url=${line#listening on }\n"
         "ask() { curl -sS -o /dev/null \"$@\"; }\n" +
         script + "\nkill -TERM $writ; wait $writ || true\n");
    EXPECT_EQ(read("../collector.log"), "");
    return json_lines(read("../spans"));
  }
  static const Value* named(const std::vector<Value>& spans, std::string_view name) {
    const auto at = std::ranges::find_if(
        spans, [&](const Value& span) { return span.string_or("name", "") == name; });
    return at == spans.end() ? nullptr : &*at;
  }
  static std::string attribute(const Value& span, std::string_view name) {
    const Value all = at(span, {"attributes"});
    for (const Value& one : all.as_array()) {
      if (one.string_or("key", "") != name) continue;
      const Value value = at(one, {"value"});
      return std::string(value.string_or("stringValue", value.string_or("intValue", "?")));
    }
    return "none";
  }
};

TEST_F(SpansTest, ASignInIsSeenWithWhatItWaitedForWithinItsCallersTrace) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto seen =
      spans(0, "ask $url/auth/jwt/login -H 'traceparent: 00-" + trace +
                   "-00f067aa0ba902b7-01' -d 'username=root@example.org&password=hush'\n"
                   "ask $url/v1/data/x -H 'traceparent: 00-" +
                   trace + "-00f067aa0ba902b7-01'\n");
  const Value* request = named(seen, "login");
  ASSERT_NE(request, nullptr) << read("../spans");
  EXPECT_EQ(request->string_or("parentSpanId", ""), "00f067aa0ba902b7");
  EXPECT_EQ(attribute(*request, "http.route"), "/auth/jwt/login");
  EXPECT_EQ(attribute(*request, "http.response.status_code"), "400");
  for (const std::string name : {"password.hash", "store.write"}) {
    const Value* child = named(seen, name);
    ASSERT_NE(child, nullptr) << name;
    EXPECT_EQ(child->string_or("parentSpanId", ""), request->string_or("spanId", "x")) << name;
  }
  for (const Value& span : seen) EXPECT_EQ(span.string_or("traceId", ""), trace);
  EXPECT_FALSE(contains(read("../spans"), "hush"));
  EXPECT_FALSE(contains(read("../spans"), "root@example.org"));
  bool is_named = false;
  for (const Value& line : json_lines(read("server.log"))) {
    is_named = is_named || (line.string_or("event", "") == "request.served" &&
                            line.string_or("trace_id", "") == trace &&
                            line.string_or("span_id", "") == request->string_or("spanId", "x"));
  }
  EXPECT_TRUE(is_named) << read("server.log");
}

TEST_F(SpansTest, ADecisionOfAPolicyHasOneWithinItsRequest) {
  const auto seen = spans(10'000, "ask $url/v1/data/x\n");
  ASSERT_EQ(seen.size(), 2u) << read("../spans");
  const Value* const request = named(seen, "opaGetData");
  const Value* const decision = named(seen, "policy.decide");
  ASSERT_TRUE(request != nullptr && decision != nullptr) << read("../spans");
  EXPECT_EQ(attribute(*request, "http.response.status_code"), "200");
  EXPECT_TRUE(contains(attribute(*request, "http.route"), "/v1/data/{path}"))
      << attribute(*request, "http.route");
  EXPECT_EQ(request->find("parentSpanId"), nullptr);
  EXPECT_EQ(decision->string_or("parentSpanId", ""), request->string_or("spanId", "x"));
}

TEST_F(SpansTest, WhatIsRefusedSaysWhy) {
  const auto seen = spans(10'000,
                          "ask $url/users/me\n"
                          "ask $url/users/me -H 'Authorization: Bearer nobody'\n"
                          "ask $url/nowhere\n"
                          "ask -X DELETE $url/healthz\n");
  std::vector<std::string> refusals;
  for (const Value& span : seen) {
    if (attribute(span, "error.type") == "none") continue;
    refusals.push_back(std::string(span.string_or("name", "")) + " " +
                       attribute(span, "http.response.status_code") + " " +
                       attribute(span, "error.type"));
  }
  std::ranges::sort(refusals);
  EXPECT_EQ(refusals, (std::vector<std::string>{"DELETE 405 invalid_input", "GET 404 not_found",
                                                "getSelf 401 unauthenticated",
                                                "getSelf 401 unauthenticated"}))
      << read("../spans");
}

TEST_F(SpansTest, WhatIsNotSampledIsNotSeen) {
  EXPECT_EQ(spans(0, "ask $url/healthz; ask $url/v1/data/x").size(), 0u);
  EXPECT_EQ(spans(10'000,
                  "for path in healthz v1/data/x auth/jwt/login; do ask $url/$path -H "
                  "'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'; done")
                .size(),
            0u)
      << "who asked decided so";
  EXPECT_EQ(spans(10'000, "ask $url/healthz").size(), 1u);
}

}  // namespace
}  // namespace writ::e2e
