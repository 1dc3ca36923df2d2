// The contract and the functions held together: what a function never sees, and how it is said.
#include "server/api/api.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/json.h"
#include "server/api/testing/pet_api.h"
#include "store/request_scope.h"

namespace writ::server {
namespace {

using net::Method;
using testing::Ask;
using testing::ask_json;

class ApiTest : public PetApi {};

TEST_F(ApiTest, IsNotBuiltWhereContractAndFunctionsDiffer) {
  std::vector<Binding> some = bindings();
  some.erase(some.begin());
  some.push_back({"feedPet", tells()});
  some.push_back({"addPet", tells()});
  EXPECT_EQ(refusal(some, {"pets", "users"}),
            "nothing carries out `listPets`\n"
            "`exchange` is bound and its family is switched off\n"
            "the contract has no operation `feedPet`\n"
            "`addPet` is bound twice\n");
  EXPECT_EQ(refusal({{"login",
                      [](const net::Request&, net::Context&) -> Result<net::Answer> {
                        return net::Response{};
                      }}},
                    {"users"}),
            "`login` is raw on one side only\n");
}

TEST_F(ApiTest, GivesParametersInTheirTypesWithDefaults) {
  const auto api = start();
  EXPECT_EQ(api.said({Method::GET, "/pets", {}, as("reader")}), "200 {}");
  EXPECT_EQ(seen_, R"({"parameters":{"limit":20},"body":null})");
  testing::Fields fields = as("reader");
  fields.emplace_back("if-match", "\"7\"");
  EXPECT_EQ(api.said({Method::GET, "/pets?kind=cat&limit=3&kind=dog&dry_run", {}, fields}),
            "200 {}");
  EXPECT_EQ(seen_,
            R"({"parameters":{"kind":["cat","dog"],"limit":3,"dry_run":true,"If-Match":"\"7\""},)"
            R"("body":null})");
}

TEST_F(ApiTest, RefusesParametersThatBreakTheContract) {
  const auto api = start();
  const auto why = [&](const std::string& query) {
    const auto body = parse_json(api.send({Method::GET, "/pets?" + query, {}, as("reader")}).body);
    const Value& first = body->find("errors")->as_array().front();
    return std::string(first.string_or("parameter", "")) + ": " +
           std::string(first.string_or("detail", ""));
  };
  EXPECT_EQ(why("limit=0"), "limit: `limit` must be at least 1, is 0");
  EXPECT_EQ(why("limit=x"), "limit: `limit` must be integer, is string \"x\"");
  EXPECT_EQ(why("limit=1&limit=2"), "limit: is given more than once");
  EXPECT_EQ(why("kind=fish"), "kind/0: `kind[0]` must be \"cat\" or \"dog\", is \"fish\"");
  EXPECT_EQ(why("colour=red"), "colour: there is no such parameter");
  EXPECT_EQ(seen_, "");
}

TEST_F(ApiTest, AnswersNotFoundForAPathThatCannotBeOne) {
  const auto api = start();
  const net::Response response = api.send({Method::DELETE, "/pets/x", {}, as("root")});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(parse_json(response.body)->string_or("detail", ""), "there is no such pets");
  answer_ = no_content();
  EXPECT_EQ(
      api.said({Method::DELETE, "/pets/0190b3a2-0000-7000-8000-000000000000", {}, as("root")}),
      "204");
}

TEST_F(ApiTest, RefusesBodiesThatBreakTheContractAsProblems) {
  const auto api = start();
  const net::Response response =
      api.send(ask_json(Method::POST, "/pets", R"({"age": -1, "colour": "red"})", as("writer")));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto problem = parse_json(response.body);
  EXPECT_EQ(problem->string_or("code", ""), "invalid_input");
  EXPECT_EQ(to_json(*problem->find("errors")),
            R"([{"detail":"Field required","pointer":"#/name","remedy":"Add `name`"},)"
            R"({"detail":"`age` must be at least 0, is -1","pointer":"#/age"},)"
            R"({"detail":"unknown key `colour`","pointer":"#/colour",)"
            R"("remedy":"Known keys: age, name"}])");
  EXPECT_EQ(problem->string_or("incident", ""), response.field("X-Trace-Id"));
  EXPECT_EQ(seen_, "");
}

TEST_F(ApiTest, RefusesBodiesOfAnotherMediaTypeOrNoJson) {
  const auto api = start();
  const net::Response text =
      api.send({Method::POST,
                "/pets",
                "name: Rex",
                {{"Authorization", "Bearer writer"}, {"Content-Type", "text/yaml"}}});
  EXPECT_EQ(text.status, 415);
  EXPECT_EQ(parse_json(text.body)->string_or("remediation", ""),
            "Send Content-Type: application/json");
  const net::Response broken =
      api.send(ask_json(Method::POST, "/pets", R"({"name": )", as("writer")));
  EXPECT_EQ(broken.status, 400);
  EXPECT_TRUE(parse_json(broken.body)
                  ->string_or("detail", "")
                  .starts_with("the request does not keep to the contract: body: "))
      << broken.body;
  const net::Response none = api.send({Method::POST, "/pets", {}, as("writer")});
  EXPECT_EQ(to_json(*parse_json(none.body)->find("errors")),
            R"([{"detail":"Field required","pointer":"#"}])");
  const net::Response unasked = api.send({Method::GET, "/pets", "x", as("reader")});
  EXPECT_EQ(to_json(*parse_json(unasked.body)->find("errors")),
            R"([{"detail":"no body is taken here","pointer":"#"}])");
}

TEST_F(ApiTest, SaysFaultsOfFormsAsPydanticDoesAndRepeatsNoSecret) {
  const auto api = start();
  const net::Response response =
      api.send(form("/login", "username=abcdefghijklmnopqrstuvwxyz&password=hunter2&extra=1"));
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.body.find("hunter2"), std::string::npos);
  EXPECT_EQ(
      response.body,
      R"({"detail":[{"type":"string_too_long","loc":["body","username"],)"
      R"("msg":"`username` must have at most 20 characters, has 26","input":"abcdefghijklmnopqrstuvwxyz"},)"
      R"({"type":"string_too_short","loc":["body","password"],)"
      R"("msg":"does not keep to `minLength`: >= 8 characters","input":null},)"
      R"({"type":"extra_forbidden","loc":["body","extra"],"msg":"unknown key `extra`",)"
      R"("input":"1"}]})");
  EXPECT_EQ(api.said(form("/login", "username=ada")),
            R"(422 {"detail":[{"type":"missing","loc":["body","password"],)"
            R"("msg":"Field required","input":null}]})");
  EXPECT_EQ(api.said(form("/login", "username=ada&password=correct+horse&username=eve")),
            R"(422 {"detail":[{"type":"value_error","loc":["body","username"],)"
            R"("msg":"is given more than once","input":null}]})");
  EXPECT_EQ(api.said(form("/login", "username=ada&password=correct+horse")), "200 {}");
  EXPECT_EQ(seen_, R"({"parameters":{},"body":{"username":"ada","password":"correct horse"}})");
}

TEST_F(ApiTest, SaysErrorsOfOAuthAsOAuthDoes) {
  const auto api = start();
  EXPECT_EQ(
      api.said(form("/token", "resource=a&resource=b")),
      R"(400 {"error":"invalid_request","error_description":"body grant_type: Field required"})");
  EXPECT_EQ(api.said(form("/token", "grant_type=x&resource=a&resource=b&unknown=1")), "200 {}");
  EXPECT_EQ(seen_, R"({"parameters":{},"body":{"grant_type":"x","resource":["a","b"],)"
                   R"("unknown":"1"}})");
}

TEST_F(ApiTest, AsksForACredentialAndSaysWhereToGetOne) {
  const auto api = start();
  const net::Response none = api.send({Method::GET, "/pets"});
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.field("WWW-Authenticate"),
            R"(Bearer scope="pets:read", resource_metadata="https://writ.example/meta")");
  const net::Response wrong = api.send({Method::GET, "/pets", {}, as("stolen")});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.field("WWW-Authenticate"), R"(Bearer error="invalid_token", scope="pets:read", )"
                                             R"(resource_metadata="https://writ.example/meta")");
  EXPECT_EQ(parse_json(wrong.body)->string_or("code", ""), "unauthenticated");
}

TEST_F(ApiTest, LooksAtCredentialsWhereTheyAreOptionalAndNotWhereNobodyHasToBeKnown) {
  const auto api = start();
  Ask ask = form("/token", "grant_type=x");
  EXPECT_EQ(api.said(ask), "200 {}");
  ask.fields.emplace_back("Authorization", "Bearer stolen");
  EXPECT_EQ(api.said(ask),
            R"(401 {"error":"invalid_token","error_description":"the credential is not valid"})");
  Ask open = form("/login", "username=ada&password=correct+horse");
  open.fields.emplace_back("Authorization", "Bearer stolen");
  EXPECT_EQ(api.said(open), "200 {}");
}

TEST_F(ApiTest, NamesEveryScopeThatIsNeeded) {
  const auto api = start();
  const net::Response response =
      api.send(ask_json(Method::POST, "/pets", R"({"name": "Rex"})", as("reader")));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.field("WWW-Authenticate"),
            R"(Bearer error="insufficient_scope", scope="pets:write pets:read", )"
            R"(resource_metadata="https://writ.example/meta")");
  EXPECT_EQ(parse_json(response.body)->string_or("detail", ""),
            "the credential does not have the scope: pets:write pets:read");
  answer_ = json(201, Object{{"name", "Rex"}});
  EXPECT_EQ(api.said(ask_json(Method::POST, "/pets", R"({"name": "Rex"})", as("writer"))),
            R"(201 {"name":"Rex"})");
}

TEST_F(ApiTest, LetsSuperusersActForThemselvesOnly) {
  const auto api = start();
  answer_ = no_content();
  const std::string target = "/pets/0190b3a2-0000-7000-8000-000000000000";
  EXPECT_EQ(api.said({Method::DELETE, target, {}, as("root")}), "204");
  for (const char* token : {"writer", "agent-of-root"}) {
    const net::Response response = api.send({Method::DELETE, target, {}, as(token)});
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(parse_json(response.body)->string_or("detail", ""),
              "only superusers may do this, for themselves");
  }
}

TEST_F(ApiTest, LimitsHowOftenOneMayAsk) {
  ApiOptions with = options();
  with.rates = {{"login", {2, 0.5}}, {"read", {1, 1}}};
  const auto api = start(std::move(with));
  Ask ask = form("/login", "username=ada&password=correct+horse");
  EXPECT_EQ(api.said(ask), "200 {}");
  ask.fields.emplace_back("X-Forwarded-For", "1.2.3.4");
  EXPECT_EQ(api.said(ask), "200 {}");
  const net::Response third = api.send(ask);
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.field("Retry-After"), "2");
  EXPECT_EQ(third.body, R"({"detail":"Too Many Requests"})");
  ask.peer = "127.0.0.2:1";
  EXPECT_EQ(api.said(ask), "200 {}");
  ask.peer = "unix";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(api.said(ask), "200 {}");
  // Of callers, each for itself, wherever from.
  EXPECT_EQ(api.said({Method::GET, "/pets", {}, as("reader")}), "200 {}");
  EXPECT_EQ(api.send({Method::GET, "/pets", {}, as("reader"), "127.0.0.9:1"}).status, 429);
  EXPECT_EQ(api.said({Method::GET, "/pets", {}, as("writer")}), "200 {}");
}

TEST_F(ApiTest, LimitsHowOftenCredentialsAreTried) {
  ApiOptions with = options();
  with.rates = {{"login", {2, 0.5}}};
  const auto api = start(std::move(with));
  const Ask ask{Method::GET, "/pets", {}, as("stolen")};
  EXPECT_EQ(api.send(ask).field("Retry-After"), "");
  EXPECT_EQ(api.send(ask).status, 401);
  const net::Response third = api.send(ask);
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.field("Retry-After"), "2");
}

TEST_F(ApiTest, RendersErrorsOfFunctionsAsTheContractSays) {
  std::vector<Binding> failing = bindings();
  const auto fails = [](const Call&) -> Result<net::Answer> {
    return fail(Code::conflict, "somebody was faster");
  };
  failing[0].function = Operation(fails);
  failing[3].function = Operation(fails);
  auto built = Api::build(failing, options());
  ASSERT_TRUE(built) << built.error().text();
  const testing::ApiCaller api((*built)->routes());
  EXPECT_EQ(api.said(form("/login", "username=ada&password=correct+horse")),
            R"(409 {"detail":{"code":"CONFLICT","reason":"somebody was faster"}})");
  testing::Fields fields = as("reader");
  fields.emplace_back("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const net::Response response = api.send({Method::GET, "/pets", {}, fields});
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.field("X-Trace-Id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  const auto problem = parse_json(response.body);
  EXPECT_EQ(problem->string_or("detail", ""), "somebody was faster");
  EXPECT_EQ(problem->string_or("incident", ""), "4bf92f3577b34da6a3ce929d0e0e4736");
}

// What waits for the store waits in a request, and few of those do (store/request_scope.h).
TEST_F(ApiTest, TellsWhenToComeAgainWhateverTheShapeOfItsErrors) {
  std::vector<Binding> failing = bindings();
  const auto fails = [](const Call&) -> Result<net::Answer> {
    return fail(Code::unavailable, store::RequestScope::is_current() ? "in a request" : "in none");
  };
  failing[0].function = Operation(fails);
  failing[3].function = Operation(fails);
  auto built = Api::build(failing, options());
  ASSERT_TRUE(built) << built.error().text();
  const testing::ApiCaller api((*built)->routes());
  const net::Response detail = api.send(form("/login", "username=ada&password=correct+horse"));
  EXPECT_EQ(detail.status, 503);
  EXPECT_EQ(detail.field("Retry-After"), "1");
  EXPECT_EQ(detail.body, R"({"detail":"Service Unavailable"})");
  const net::Response problem = api.send({Method::GET, "/pets", {}, as("reader")});
  EXPECT_EQ(problem.status, 503);
  EXPECT_EQ(problem.field("Retry-After"), "1");
  EXPECT_EQ(parse_json(problem.body)->string_or("detail", ""), "in a request");
  EXPECT_FALSE(store::RequestScope::is_current());
}

TEST_F(ApiTest, MakesAnswersSafeForBrowsers) {
  const auto api = start();
  Ask ask{Method::GET, "/pets", {}, as("reader")};
  const net::Response plain = api.send(ask);
  EXPECT_EQ(plain.field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(plain.field("Cache-Control"), "no-store");
  EXPECT_EQ(plain.field("Content-Security-Policy"),
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  EXPECT_EQ(plain.field("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(plain.field("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(plain.field("Strict-Transport-Security"), "");
  EXPECT_EQ(plain.field("Access-Control-Allow-Origin"), "");
  ask.is_encrypted = true;
  answer_.fields.emplace_back("Cache-Control", "public");
  const net::Response encrypted = api.send(ask);
  EXPECT_EQ(encrypted.field("Strict-Transport-Security"), "max-age=63072000; includeSubDomains");
  EXPECT_EQ(encrypted.field("Cache-Control"), "public");
}

TEST_F(ApiTest, HoldsAnswersToTheContractWhereAsked) {
  ApiOptions with = options();
  with.checks_answers = true;
  const auto api = start(std::move(with));
  const Ask ask = ask_json(Method::POST, "/pets", R"({"name": "Rex"})", as("writer"));
  answer_ = json(201, Object{{"name", "R"}});
  const net::Response broken = api.send(ask);
  EXPECT_EQ(parse_json(broken.body)->string_or("detail", ""),
            "the answer 201 of addPet has a body that breaks `minLength` at #/name: expected >= 2 "
            "characters");
  answer_ = json(200, Object{{"name", "Rex"}});
  EXPECT_EQ(parse_json(api.send(ask).body)->string_or("detail", ""),
            "the answer 200 of addPet has a body of application/json, which the contract does not "
            "describe");
  answer_ = json(201, Object{{"name", "Rex"}});
  EXPECT_EQ(api.said(ask), R"(201 {"name":"Rex"})");
}

TEST_F(ApiTest, SaysWhatTheServerRefusesInTheShapeOfTheOperation) {
  start();
  Error busy;
  busy.code = Code::overloaded;
  busy.message = "too many requests wait";
  net::Request request;
  request.method = Method::POST;
  request.path = "/login";
  EXPECT_EQ(api_->render(busy, request, 0).body, R"({"detail":"Too Many Requests"})");
  request.path = "/nowhere";
  EXPECT_EQ(api_->render(busy, request, 0).content_type, "application/problem+json");
  Error large;
  large.code = Code::invalid_input;
  large.message = "the body is larger than 4 bytes";
  const net::Response refused = api_->render(large, request, 413);
  EXPECT_EQ(refused.status, 413);
  EXPECT_TRUE(refused.body.starts_with(
      R"({"type":"about:blank","title":"Content Too Large","status":413,)"
      R"("code":"invalid_input","detail":"the body is larger than 4 bytes",)"))
      << refused.body;
  EXPECT_EQ(refused.field("X-Content-Type-Options"), "nosniff");
}

}  // namespace
}  // namespace writ::server
