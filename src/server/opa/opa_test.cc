// OPA's REST API as its documentation shows it, over real sockets.
#include <gtest/gtest.h>

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "base/testing/fake_clock.h"
#include "net/client.h"
#include "net/testing/served.h"
#include "policy/term/json.h"
#include "server/opa/routes.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using net::Method;

struct Api {
  Api() {
    services.clock = &clock;
    services.random = &random;
    net::ServerOptions options;
    options.loops = 2;
    options.pool_threads = 2;
    OpaOptions opa;
    opa.steps_on_loop = 2000;
    opa.version = "7.8.9";
    options.render_error = &render_for_opa;
    opa.id = "the-id";
    service = std::make_unique<OpaService>(fabric, services, options, opa);
    options.on_served = [this](const net::ServerOptions::Served& one) {
      service->metrics().count(one);
    };
    served = std::make_unique<net::testing::Served>(*opa_routes(*service), std::move(options));
    service->set_server(&served->server());
  }

  net::Response call(Method method, const std::string& path, std::string body = {},
                     std::vector<std::pair<std::string, std::string>> fields = {}) {
    net::Call call;
    call.method = method;
    call.url = served->url(path);
    call.body = std::move(body);
    call.fields = std::move(fields);
    auto response = client.send(call);
    EXPECT_TRUE(response) << response.error().text();
    return response ? std::move(*response) : net::Response{};
  }
  // "200 body", without the newline at the end.
  std::string said(Method method, const std::string& path, std::string body = {}) {
    const net::Response response = call(method, path, std::move(body));
    std::string text = std::to_string(response.status);
    if (!response.body.empty()) text += " " + response.body.substr(0, response.body.size() - 1);
    return text;
  }

  SystemClock clock;
  SystemRandom random;
  rego::Services services;
  FakeClock activation{parse_rfc3339("2026-01-02T03:04:05Z").value()};
  rego::Fabric fabric{{.clock = &activation}};
  std::unique_ptr<OpaService> service;
  std::unique_ptr<net::testing::Served> served;
  net::Client client{clock, random};
};

constexpr const char* kPolicy =
    "package app\n\nimport rego.v1\n\ndefault allow := false\n\nallow if input.user == \"ada\"\n\n"
    "conflict := 1\nconflict := 2 if input.both\n\nlong := count([1 | some x in numbers.range(1, "
    "5000); x > 0])\n";

TEST(OpaApi, AnswersWithDocuments) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/app/main.rego", kPolicy), "200 {}");
  EXPECT_EQ(api.said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"ada"}})"),
            R"(200 {"result":true})");
  EXPECT_EQ(api.said(Method::POST, "/v1/data/app/allow", R"({"input":{"user":"eve"}})"),
            R"(200 {"result":false})");
  EXPECT_EQ(api.said(Method::POST, "/v1/data/app/nothing", R"({"input":{}})"), "200 {}");
  EXPECT_EQ(api.said(Method::GET, "/v1/data/app/allow?input=%7B%22user%22%3A%22ada%22%7D"),
            R"(200 {"result":true})");
  EXPECT_EQ(api.said(Method::POST, "/v1/data/app/allow?pretty=true", R"({"input":{"user":"ada"}})"),
            "200 {\n  \"result\": true\n}");
}

TEST(OpaApi, WarnsWhenThereIsNoInput) {
  Api api;
  for (const char* body : {"", "{}"}) {
    EXPECT_EQ(
        api.said(Method::POST, "/v1/data/app", body),
        R"(200 {"warning":{"code":"api_usage_warning","message":"'input' key missing from the request"}})");
  }
}

TEST(OpaApi, TakesYamlAndEscapesHtml) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/p", "package p\nsaid := input.text"), "200 {}");
  const net::Response response = api.call(Method::POST, "/v1/data/p/said", "input:\n  text: a<b\n",
                                          {{"Content-Type", "application/yaml"}});
  EXPECT_EQ(response.body, "{\"result\":\"a\\u003cb\"}\n");
  EXPECT_EQ(response.content_type, "application/json");
}

TEST(OpaApi, DecidesElsewhereWhatTakesLong) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/app", kPolicy), "200 {}");
  EXPECT_EQ(api.said(Method::GET, "/v1/data/app/long"), R"(200 {"result":5000})");
}

TEST(OpaApi, SaysWhatIsWrongWithARequest) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/app.rego", kPolicy), "200 {}");
  struct Case {
    Method method;
    const char* path;
    const char* body;
    int status;
    const char* code;
    const char* message;
  };
  const Case cases[] = {
      {Method::POST, "/v1/data/app", "{b", 400, "invalid_parameter",
       "body contains malformed input document: "},
      {Method::GET, "/v1/data/app?input=%7B", "", 400, "invalid_parameter",
       "parameter contains malformed input document: "},
      {Method::POST, "/v1/data/app/conflict", R"({"input":{"both":true}})", 500, "internal_error",
       "error(s) occurred while evaluating query"},
      {Method::POST, "/v0/data/app/undefined", "{}", 404, "undefined_document",
       "document undefined: data.app.undefined"},
      {Method::POST, "/", "{}", 404, "undefined_document", "document missing: data.system.main"},
      {Method::GET, "/v1/policies/nope", "", 404, "resource_not_found",
       "storage_not_found_error: policy id \"nope\""},
      {Method::DELETE, "/v1/policies/nope", "", 404, "resource_not_found",
       "storage_not_found_error: policy id \"nope\""},
      {Method::PATCH, "/v1/data/foo", R"([{"op":"replace","path":"/nope","value":1}])", 404,
       "resource_not_found", "document does not exist"},
      {Method::PATCH, "/v1/data", R"([{"op":"zz","path":"/a"}])", 400, "invalid_parameter",
       "bad patch operation: zz"},
      {Method::DELETE, "/v1/data/none", "", 404, "resource_not_found",
       "storage_not_found_error: /none: document does not exist"},
      {Method::GET, "/v1/query", "", 400, "invalid_parameter", "missing parameter 'q'"},
      {Method::PUT, "/v1/policies/p", "package p\nx if", 400, "invalid_parameter",
       "error(s) occurred while compiling module(s)"},
  };
  for (const Case& c : cases) {
    const net::Response response = api.call(c.method, c.path, c.body);
    EXPECT_EQ(response.status, c.status) << c.path;
    rego::Arena arena;
    const rego::Term body = rego::parse_json(arena, response.body).value();
    EXPECT_EQ(rego::to_json(*body.find("code")), "\"" + std::string(c.code) + "\"") << c.path;
    const rego::Term message = *body.find("message");
    EXPECT_NE(message.text().find(c.message), std::string_view::npos) << response.body;
  }
}

TEST(OpaApi, PointsAtTheConflict) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/app.rego", kPolicy), "200 {}");
  const net::Response response =
      api.call(Method::POST, "/v1/data/app/conflict", R"({"input":{"both":true}})");
  EXPECT_NE(response.body.find(R"("code": "eval_conflict_error")"), std::string::npos)
      << response.body;
  EXPECT_NE(response.body.find(R"("file": "app.rego")"), std::string::npos);
  EXPECT_NE(response.body.find(R"("row": 10)"), std::string::npos);
}

TEST(OpaApi, KeepsDocuments) {
  Api api;
  EXPECT_EQ(api.said(Method::PUT, "/v1/data/a/b", R"({"n":1.50})"), "204");
  EXPECT_EQ(api.said(Method::GET, "/v1/data/a"), R"(200 {"result":{"b":{"n":1.50}}})");
  EXPECT_EQ(api.call(Method::PUT, "/v1/data/a/b", "2", {{"If-None-Match", "*"}}).status, 304);
  EXPECT_EQ(api.said(Method::PATCH, "/v1/data/a",
                     R"([{"op":"add","path":"b/m","value":[]},{"op":"remove","path":"/b/n"}])"),
            "204");
  EXPECT_EQ(api.said(Method::GET, "/v1/data/a/b"), R"(200 {"result":{"m":[]}})");
  EXPECT_EQ(api.said(Method::DELETE, "/v1/data/a"), "204");
  EXPECT_EQ(api.said(Method::GET, "/v1/data"), R"(200 {"result":{}})");
}

TEST(OpaApi, RefusesDataInThePlaceOfARule) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/p.rego", "package app\n\nallow := true"), "200 {}");
  EXPECT_EQ(
      api.said(Method::PUT, "/v1/data/app/allow", "1"),
      "400 {\n  \"code\": \"invalid_parameter\",\n  \"message\": \"1 error occurred: p.rego:3: "
      "rego_compile_error: conflicting rule for data path app/allow found\"\n}");
  EXPECT_EQ(api.said(Method::GET, "/v1/data"), R"(200 {"result":{"app":{"allow":true}}})");
}

TEST(OpaApi, QuotesTheLineThatDoesNotParse) {
  Api api;
  const net::Response response =
      api.call(Method::PUT, "/v1/policies/t.rego", "package t\n\nallow if {\n  1 +\n}\n");
  EXPECT_EQ(response.status, 400);
  rego::Arena arena;
  const rego::Term body = rego::parse_json(arena, response.body).value();
  const rego::Term error = body.find("errors")->items().front();
  EXPECT_EQ(rego::to_json(*error.find("code")), "\"rego_parse_error\"");
  EXPECT_EQ(rego::to_json(*error.find("location")), R"({"col":1,"file":"t.rego","row":5})");
  EXPECT_EQ(rego::to_json(*error.find("details")), R"({"idx":0,"line":"}"})");
  EXPECT_EQ(
      api.said(Method::PUT, "/v1/policies/t2", ""),
      "400 {\n  \"code\": \"invalid_parameter\",\n  \"errors\": [\n    {\n      \"code\": "
      "\"rego_parse_error\",\n      \"message\": \"empty module\"\n    }\n  ],\n  \"message\": "
      "\"error(s) occurred while compiling module(s)\"\n}");
}

TEST(OpaApi, AddsWhatTheCallerAskedFor) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/p", "package p\nq := 1"), "200 {}");
  EXPECT_EQ(
      api.said(Method::GET, "/v1/data/p/q?provenance"),
      R"(200 {"provenance":{"build_commit":"","build_hostname":"","build_timestamp":"","version":"7.8.9"},"result":1})");
  const auto metrics = [&](const std::string& path) {
    const net::Response response = api.call(Method::GET, path);
    rego::Arena arena;
    const rego::Term body = rego::parse_json(arena, response.body).value();
    std::string names;
    for (const rego::Term& key : body.find("metrics")->keys())
      names += std::string(key.text()) + " ";
    return names;
  };
  // Each worker compiles a query once; asked often enough, one of them knows it.
  std::string names;
  for (int i = 0; i < 5; ++i) names = metrics("/v1/data/p/q?metrics=true");
  EXPECT_EQ(names,
            "counter_server_query_cache_hit timer_rego_input_parse_ns timer_rego_query_eval_ns "
            "timer_server_handler_ns ");
  EXPECT_NE(metrics("/v1/query?q=1%3D1&instrument").find("timer_rego_query_compile_ns"),
            std::string::npos);
}

constexpr const char* kExplained =
    "package e\n\nallow if {\n\ttrace(\"asked\")\n\tinput.x > 1\n}\n";

TEST(OpaApi, ExplainsInLinesOfText) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/e.rego", kExplained), "200 {}");
  EXPECT_EQ(api.said(Method::POST, "/v1/data/e/allow?explain=fails&pretty", R"({"input":{"x":1}})"),
            R"x(200 {
  "explanation": [
    "query:1      Enter data[\"e\"][\"allow\"]",
    "query:1      | Eval data[\"e\"][\"allow\"]",
    "e.rego:3     | | Enter data.e.allow",
    "e.rego:5     | | | Fail input.x \u003e 1",
    "query:1      | Fail data[\"e\"][\"allow\"]"
  ]
})x");
  EXPECT_EQ(api.said(Method::GET, "/v1/query?q=data.e.allow%3Dx&explain=notes&pretty"),
            R"x(200 {
  "explanation": [
    "query:1      Enter data.e.allow=x",
    "query:1      | Eval data.e.allow=x",
    "e.rego:3     | | Enter data.e.allow",
    "e.rego:4     | | | Eval trace(\"asked\")",
    "e.rego:4     | | | | Note \"asked\""
  ]
})x");
  for (const char* const word : {"off", "unheard-of"}) {
    EXPECT_EQ(api.said(Method::POST, std::string("/v1/data/e/allow?explain=") + word,
                       R"({"input":{"x":2}})"),
              R"(200 {"result":true})");
  }
}

TEST(OpaApi, ExplainsInEventsWithTheirSyntax) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/e.rego", kExplained), "200 {}");
  const std::string body =
      api.call(Method::POST, "/v1/data/e/allow?explain=full", R"({"input":{"x":2}})").body;
  rego::Arena arena;
  const auto answer = rego::parse_json(arena, body);
  ASSERT_TRUE(answer.has_value()) << body;
  EXPECT_TRUE(answer->find("result")->is_true());
  std::string told;
  for (const rego::Term& event : answer->find("explanation")->items()) {
    told += std::string(event.find("op")->text()) + " " + std::string(event.find("type")->text()) +
            " " + rego::to_json(*event.find("query_id")) + " " +
            rego::to_json(*event.find("parent_id")) + "\n";
    EXPECT_EQ(event.size(), 7u) << body;
  }
  EXPECT_EQ(told,
            "enter body 1 0\neval expr 1 0\nenter rule 2 1\neval expr 2 1\nnote expr 2 1\n"
            "eval expr 2 1\nexit rule 2 1\nredo expr 2 1\nredo expr 2 1\nexit body 1 0\n"
            "redo expr 1 0\n")
      << body;
  const rego::Term events = *answer->find("explanation");
  EXPECT_EQ(rego::to_json(*events.items()[5].find("node")),
            R"({"index":0,"terms":[{"type":"ref","value":[{"type":"var","value":"gt"}]},)"
            R"({"type":"ref","value":[{"type":"var","value":"input"},)"
            R"({"type":"string","value":"x"}]},{"type":"number","value":1}]})");
  EXPECT_EQ(events.items()[2].find("node")->find("head")->find("name")->text(), "allow");
  EXPECT_EQ(events.items()[4].find("message")->text(), "asked");
}

TEST(OpaApi, SaysWhereAnExplanationIsCutOff) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/e.rego",
                     "package e\nallow if {\n\tsome x in numbers.range(1, 10000)\n\tx < 0\n}"),
            "200 {}");
  const std::string body =
      api.call(Method::POST, "/v1/data/e/allow?explain=full", R"({"input":{}})").body;
  rego::Arena arena;
  const auto answer = rego::parse_json(arena, body);
  ASSERT_TRUE(answer.has_value()) << body.substr(0, 1000);
  const auto events = answer->find("explanation")->items();
  ASSERT_EQ(events.size(), 20'001U);
  EXPECT_EQ(events.back().find("message")->text(), "cut off after 20000 events");
  EXPECT_EQ(events.back().find("op")->text(), "note");
}

TEST(OpaApi, HasNothingElsewhere) {
  Api api;
  EXPECT_EQ(api.said(Method::GET, "/nothing"), "404 404 page not found");
  const net::Response response = api.call(Method::DELETE, "/v1/query");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.field("Allow"), "GET, POST");
}

TEST(OpaApi, TakesASegmentWithASlashForData) {
  Api api;
  EXPECT_EQ(api.said(Method::PUT, "/v1/data/a%2Fb/c", "1"), "204");
  EXPECT_EQ(api.said(Method::GET, "/v1/data"), R"(200 {"result":{"a/b":{"c":1}}})");
}

TEST(OpaApi, ListsPolicies) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/b/p.rego", "package b"), "200 {}");
  constexpr const char* kShown =
      R"({"ast":{"package":{"path":[{"type":"var","value":"data"},{"type":"string","value":"b"}]}},)"
      R"("id":"b/p.rego","raw":"package b"})";
  EXPECT_EQ(api.said(Method::GET, "/v1/policies"),
            "200 {\"result\":[" + std::string(kShown) + "]}");
  EXPECT_EQ(api.said(Method::GET, "/v1/policies/b/p.rego"),
            "200 {\"result\":" + std::string(kShown) + "}");
  EXPECT_EQ(api.said(Method::DELETE, "/v1/policies/b/p.rego"), "200 {}");
  EXPECT_EQ(api.said(Method::GET, "/v1/policies"), R"(200 {"result":[]})");
}

TEST(OpaApi, AnswersQueries) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/data/xs", R"(["a","b"])"), "204");
  EXPECT_EQ(api.said(Method::GET, "/v1/query?q=x%20%3D%20data.xs%5B_%5D"),
            R"(200 {"result":[{"x":"a"},{"x":"b"}]})");
  EXPECT_EQ(api.said(Method::POST, "/v1/query", R"({"query":"input.y == 1","input":{"y":1}})"),
            R"(200 {"result":[{}]})");
  EXPECT_EQ(api.said(Method::POST, "/v1/query", R"({"query":"input.y == 2","input":{"y":1}})"),
            "200 {}");
}

TEST(OpaApi, SaysWhatRemainsOfAQuery) {
  Api api;
  api.said(Method::PUT, "/v1/policies/p",
           "package app\nallow if { input.user == data.acl.owner; input.action == \"read\" }\n"
           "allow if input.admin");
  EXPECT_EQ(api.said(Method::PUT, "/v1/data/acl", R"({"owner": "bob"})"), "204");
  EXPECT_EQ(
      api.said(Method::POST, "/v1/compile",
               R"({"query": "data.app.allow == true", "input": {"action": "read"},
                         "unknowns": ["input.user", "input.admin"]})"),
      R"(200 {"result":{"queries":[[{"index":0,"terms":[{"type":"ref","value":[{"type":"var",)"
      R"("value":"eq"}]},{"type":"ref","value":[{"type":"var","value":"input"},{"type":)"
      R"("string","value":"user"}]},{"type":"string","value":"bob"}]}],[{"index":0,"terms":)"
      R"({"type":"ref","value":[{"type":"var","value":"input"},{"type":"string","value":)"
      R"("admin"}]}}]]}})");
  EXPECT_EQ(api.said(Method::POST, "/v1/compile", R"({"query": "1 == 1"})"),
            R"(200 {"result":{"queries":[[]]}})");
  EXPECT_EQ(api.said(Method::POST, "/v1/compile", R"({"query": "1 == 2"})"),
            R"(200 {"result":{}})");
  const std::string kept = api.said(
      Method::POST, "/v1/compile",
      R"({"query": "data.app.allow", "options": {"disableInlining": ["data.app.allow"]}})");
  EXPECT_TRUE(kept.contains(R"("support":[{"package":{"path":[{"type":"var","value":"data"},)"
                            R"({"type":"string","value":"partial"},)"))
      << kept;
}

TEST(OpaApi, SaysWhyNothingCanRemainOfAQuery) {
  Api api;
  EXPECT_TRUE(
      api.said(Method::POST, "/v1/compile", "{}").contains("missing required 'query' value"));
  EXPECT_TRUE(api.said(Method::POST, "/v1/compile", R"({"query": "1 +"})")
                  .contains("error(s) occurred while parsing query"));
  EXPECT_TRUE(api.said(Method::POST, "/v1/compile", R"({"query": "x > 1"})")
                  .contains("error(s) occurred while compiling query"));
  EXPECT_TRUE(api.said(Method::POST, "/v1/compile", R"({"query": "1", "unknowns": "input"})")
                  .contains("unknowns must be an array of strings"));
}

constexpr const char* kFilters =
    "package filters\n\n# METADATA\n# scope: document\n# compile:\n#   unknowns: [input.fruits]\n"
    "#   mask_rule: masks\ninclude if input.fruits.price > input.least\n"
    "include if {\n\tinput.fruits.name == \"kiwi\"\n\tinput.fruits.colour in {\"red\"}\n}\n\n"
    "masks.fruits.price.replace.value := \"?\"\n\nodd if input.fruits.seeds[_] == 1\n";

TEST(OpaApi, FiltersRowsByTheDialectThatIsAccepted) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/f", kFilters), "200 {}");
  const auto filter = [&](const std::string& accept, const std::string& body) {
    const net::Response response =
        api.call(Method::POST, "/v1/compile/filters/include", body, {{"Accept", accept}});
    return std::to_string(response.status) + " " + response.body;
  };
  const std::string masks = R"("masks":{"fruits":{"price":{"replace":{"value":"?"}}}},)";
  EXPECT_EQ(filter("application/vnd.opa.sql.postgresql+json", R"({"input": {"least": 3}})"),
            "200 {\"result\":{" + masks +
                R"_("query":"WHERE (fruits.price \u003e 3 OR (fruits.name = E'kiwi' AND )_"
                R"_(fruits.colour IN (E'red')))"}})_"
                "\n");
  EXPECT_EQ(
      filter("application/vnd.opa.multitarget+json",
             R"({"input": {}, "options": {"targetDialects": ["ucast+prisma", "sql+sqlite"],
                       "maskRule": "data.filters.none",
                       "targetSQLTableMappings": {"sqlite": {"fruits": {"$self": "FR"}}}}})"),
      R"_(200 {"result":{"sqlite":{"query":"WHERE (FR.name = 'kiwi' AND FR.colour IN )_"
      R"_(('red'))"},"ucast":{"query":{"operator":"and","type":"compound","value":[{"field":)_"
      R"_("fruits.name","operator":"eq","type":"field","value":"kiwi"},{"field":)_"
      R"_("fruits.colour","operator":"in","type":"field","value":["red"]}]}}}})_"
      "\n");
  EXPECT_TRUE(filter("*/*", "{}").contains("Accept header: unsupported header: */*"));
}

TEST(OpaApi, NamesWhatAFilterCannotSay) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/f", kFilters), "200 {}");
  const net::Response response = api.call(Method::POST, "/v1/compile/filters/odd", "{}",
                                          {{"Accept", "application/vnd.opa.ucast.all+json"}});
  EXPECT_EQ(response.status, 400);
  EXPECT_TRUE(response.body.contains("input.fruits.seeds[v_1] = 1 compares no column of a row"))
      << response.body;
}

TEST(OpaApi, SpeaksTheOldWay) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/s", "package system\nmain := {\"in\": input}"),
            "200 {}");
  EXPECT_EQ(api.said(Method::POST, "/", "[1]"), R"(200 {"in":[1]})");
  EXPECT_EQ(api.said(Method::POST, "/v0/data/system/main/in", "true"), "200 true");
}

TEST(OpaApi, SaysHowItIsConfigured) {
  Api api;
  EXPECT_EQ(
      api.said(Method::GET, "/v1/config"),
      R"(200 {"result":{"default_authorization_decision":"/system/authz/allow","default_decision":"/system/main","labels":{"id":"the-id","version":"7.8.9"}}})");
}

TEST(OpaApi, SaysWhichBundlesAreActive) {
  Api api;
  EXPECT_EQ(api.said(Method::GET, "/v1/status"),
            R"(200 {"result":{"bundles":{},"labels":{"id":"the-id","version":"7.8.9"}}})");
  const auto bundle = rego::make_bundle({{".manifest", R"({"revision":"r1","roots":["a"]})"}});
  ASSERT_TRUE(bundle) << bundle.error().text();
  ASSERT_TRUE(api.fabric.activate("b", *bundle));
  EXPECT_EQ(
      api.said(Method::GET, "/v1/status"),
      R"(200 {"result":{"bundles":{"b":{"active_revision":"r1","last_successful_activation":"2026-01-02T03:04:05.000000Z","name":"b","size":0,"type":"snapshot"}},"labels":{"id":"the-id","version":"7.8.9"},"plugins":{"bundle":{"state":"OK"}}}})");
}

TEST(OpaApi, CountsRequestsByHandlerMethodAndStatus) {
  Api api;
  ASSERT_EQ(api.said(Method::PUT, "/v1/data/a", "[1]"), "204");
  for (int i = 0; i < 5; ++i) api.said(Method::GET, "/v1/data/a");
  EXPECT_EQ(api.call(Method::GET, "/nothing").status, 404);
  const net::Response metrics = api.call(Method::GET, "/metrics");
  EXPECT_EQ(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"# TYPE http_request_duration_seconds histogram\n",
        "http_request_duration_seconds_count{code=\"200\",handler=\"v1/data\",method=\"get\"} 5\n",
        "http_request_duration_seconds_bucket{code=\"200\",handler=\"v1/"
        "data\",method=\"get\",le=\"+"
        "Inf\"} 5\n",
        "http_request_duration_seconds_count{code=\"204\",handler=\"v1/data\",method=\"put\"} 1\n",
        "http_request_duration_seconds_count{code=\"404\",handler=\"catchall\",method=\"get\"} 1\n",
        "\nwrit_policy_changes_total 1\n", "\nwrit_policy_bundles 0\n",
        "# TYPE writ_server_connections gauge\n"}) {
    EXPECT_NE(metrics.body.find(line), std::string::npos) << line << metrics.body;
  }
}

TEST(OpaApi, TellsItsHealth) {
  Api api;
  EXPECT_EQ(api.said(Method::GET, "/health"), "200 {}");
  const char* const policy = "package system.health\nlive := true\nready := false";
  ASSERT_EQ(api.said(Method::PUT, "/v1/policies/h", policy), "200 {}");
  EXPECT_EQ(api.said(Method::GET, "/health/live"), "200 {}");
  EXPECT_EQ(api.said(Method::GET, "/health/none"),
            R"(500 {"error":"health check (data.system.health.none) was undefined"})");
  EXPECT_EQ(api.call(Method::GET, "/health/ready").status, 500);
}

}  // namespace
}  // namespace writ::server
