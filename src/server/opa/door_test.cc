// What stands before every handler: who may ask, and how bodies travel. Over real sockets.
#include "server/opa/door.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "net/client.h"
#include "net/testing/served.h"
#include "policy/term/json.h"
#include "server/opa/answers.h"
#include "server/opa/routes.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using net::Method;
using Fields = std::vector<std::pair<std::string, std::string>>;

class Guarded : public ::testing::Test {
 protected:
  void start(const AccessOptions& access) {
    services_.clock = &clock_;
    services_.random = &random_;
    net::ServerOptions options;
    options.loops = 2;
    options.pool_threads = 2;
    options.render_error = &render_for_opa;
    OpaOptions opa;
    opa.steps_on_loop = 2000;
    service_ = std::make_unique<OpaService>(fabric_, services_, options, opa);
    std::vector<net::Route> routes = *opa_routes(*service_);
    put_door(*service_, {.access = access}, routes);
    served_ = std::make_unique<net::testing::Served>(std::move(routes), std::move(options));
  }
  void put(const std::string& id, const std::string& policy) {
    const auto put = fabric_.put_policy(id, policy);
    ASSERT_TRUE(put.has_value()) << put.error().text();
  }
  net::Response call(Method method, const std::string& path, std::string body = {},
                     Fields fields = {}) {
    net::Call call;
    call.method = method;
    call.url = served_->url(path);
    call.body = std::move(body);
    call.fields = std::move(fields);
    auto response = client_.send(call);
    EXPECT_TRUE(response) << response.error().text();
    return response ? std::move(*response) : net::Response{};
  }
  // "401 unauthorized: why" of an error, "200 body" of an answer.
  std::string said(Method method, const std::string& path, std::string body = {},
                   Fields fields = {}) {
    const net::Response response = call(method, path, std::move(body), std::move(fields));
    const std::string status = std::to_string(response.status) + " ";
    rego::Arena arena;
    const auto value = rego::parse_json(arena, response.body);
    if (!value || response.status < 400) return status + response.body;
    return status + std::string(value->find("code")->text()) + ": " +
           std::string(value->find("message")->text());
  }

  SystemClock clock_;
  SystemRandom random_;
  rego::Services services_;
  rego::Fabric fabric_;
  std::unique_ptr<OpaService> service_;
  std::unique_ptr<net::testing::Served> served_;
  net::Client client_{clock_, random_};
};

const AccessOptions kBasic{.reads_tokens = true, .is_checked = true};

TEST_F(Guarded, LetsNobodyInWithoutAPolicyThatSaysSo) {
  start(kBasic);
  const std::string undefined = "500 internal_error: authorization policy missing or undefined";
  EXPECT_EQ(said(Method::GET, "/v1/data"), undefined);
  EXPECT_EQ(said(Method::GET, "/health"), undefined);
  EXPECT_EQ(said(Method::GET, "/metrics"), undefined);
  EXPECT_EQ(said(Method::PUT, "/v1/policies/x", "package x\n"), undefined);
  put("a", "package system.authz\nallow := 1\n");
  EXPECT_EQ(said(Method::GET, "/v1/data"),
            "401 unauthorized: request rejected by administrative policy");
  put("a", "package system.authz\nallow := {\"reason\": \"no word of it\"}\n");
  EXPECT_EQ(said(Method::GET, "/v1/data"), undefined);
  put("a", "package system.authz\nallow := true\nallow := false\n");
  EXPECT_EQ(said(Method::GET, "/v1/data"),
            "500 internal_error: error(s) occurred while evaluating query");
}

TEST_F(Guarded, AsksThePolicyWithWhatTheRequestSays) {
  start(kBasic);
  put("a", R"(package system.authz
allow := {"allowed": false, "reason": json.marshal(object.remove(input, ["headers"]))} if input.params.tell
allow if { not input.params.tell; input.identity == "s3cret" }
)");
  const Fields token{{"Authorization", "Bearer s3cret"}, {"X-Two", "b"}};
  EXPECT_EQ(said(Method::GET, "/v1/data/none", "", token), "200 {}\n");
  EXPECT_EQ(said(Method::GET, "/v1/data/none", "", {{"Authorization", "Basic s3cret"}}),
            "500 internal_error: authorization policy missing or undefined");
  EXPECT_EQ(
      said(Method::POST, "/v1/data/a%2Fb/c?tell=1&x=a%20b&x=c", R"({"input": {"n": 1.0}})", token),
      R"(401 unauthorized: {"body":{"input":{"n":1.0}},"identity":"s3cret","method":"POST",)"
      R"("params":{"tell":["1"],"x":["a b","c"]},"path":["v1","data","a/b","c"]})");
  EXPECT_EQ(
      said(Method::PUT, "/v1/data/x?tell", "[1]"),
      R"(401 unauthorized: {"method":"PUT","params":{"tell":[""]},"path":["v1","data","x"]})");
  EXPECT_EQ(said(Method::POST, "/?tell", "[1]"),
            R"(401 unauthorized: {"body":[1],"method":"POST","params":{"tell":[""]},"path":[""]})");
  EXPECT_EQ(said(Method::POST, "/v1/data?tell", "{"),
            "400 invalid_parameter: expected a key in quotes, the text ends");
  put("a",
      "package system.authz\nallow := {\"allowed\": false, \"reason\": concat(\",\", "
      "array.concat(input.headers[\"X-Two\"], input.headers[\"Content-Type\"]))}\n");
  EXPECT_EQ(
      said(Method::POST, "/v1/query", "{}", {{"x-TWO", "2"}, {"content-type", "application/json"}}),
      "401 unauthorized: 2,application/json");
}

TEST_F(Guarded, DecidesElsewhereWhoMayAskWhenThatTakesLong) {
  start(kBasic);
  put("a",
      "package system.authz\nallow if count([1 | some x in numbers.range(1, 5000); x > 0]) "
      "== 5000\n");
  EXPECT_EQ(said(Method::GET, "/v1/data/none"), "200 {}\n");
}

TEST_F(Guarded, DoesNotReadTokensUnlessItIsTold) {
  start({.reads_tokens = false, .is_checked = true});
  put("a", "package system.authz\ndefault allow := false\nallow if input.identity\n");
  EXPECT_EQ(said(Method::GET, "/v1/data", "", {{"Authorization", "Bearer x"}}),
            "401 unauthorized: request rejected by administrative policy");
}

TEST_F(Guarded, PacksLargeAnswersForThoseWhoTakeThem) {
  start({});
  put("p",
      "package p\nsmall := 1\nlarge := [x | some x in numbers.range(1, 1000)]\n"
      "huge := [x | some x in numbers.range(1, 100000)]\n");
  const std::string large = call(Method::GET, "/v1/data/p/large").body;
  EXPECT_EQ(large.size(), 3906u);
  const auto packed = [&](const std::string& path, const std::string& accept) {
    return call(Method::GET, path, "", {{"Accept-Encoding", accept}});
  };
  for (const char* const accept : {"gzip", "br, GZIP;q=0.5", "*", "deflate, gzip"}) {
    const net::Response response = packed("/v1/data/p/large", accept);
    EXPECT_EQ(response.field("Content-Encoding"), "gzip") << accept;
    EXPECT_EQ(response.field("Vary"), "Accept-Encoding") << accept;
    EXPECT_EQ(gunzip(response.body, 10'000).bytes, large) << accept;
  }
  for (const char* const accept : {"br", "gzip;q=0", "gzip;q=0, *", "identity"}) {
    const net::Response response = packed("/v1/data/p/large", accept);
    EXPECT_EQ(response.field("Content-Encoding"), "") << accept;
    EXPECT_EQ(response.field("Vary"), "Accept-Encoding") << accept;
    EXPECT_EQ(response.body, large) << accept;
  }
  EXPECT_EQ(packed("/v1/data/p/small", "gzip").body, "{\"result\":1}\n");
  EXPECT_EQ(gunzip(packed("/v1/data/p/huge", "gzip").body, 1u << 20).bytes,
            call(Method::GET, "/v1/data/p/huge").body);
}

TEST_F(Guarded, PacksElsewhereWhatIsLargeAndAtHand) {
  start({});
  rego::Arena arena;
  const std::string text(200'000, 'x');
  ASSERT_TRUE(fabric_.put_data(std::vector<std::string>{"t"}, make_string(arena, text)));
  const net::Response response = call(Method::GET, "/v1/data/t", "", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(response.field("Content-Encoding"), "gzip");
  EXPECT_EQ(gunzip(response.body, 1u << 20).bytes, R"({"result":")" + text + "\"}\n");
}

TEST_F(Guarded, UnpacksBodiesAndRefusesBrokenOnesAndBombs) {
  start({});
  put("p", "package p\nsize := count(input)\n");
  const auto post = [&](const std::string& body, const char* coding = "gzip") {
    return said(Method::POST, "/v1/data/p/size", body, {{"Content-Encoding", coding}});
  };
  const std::string packed = gzip(R"({"input": "abc"})").value();
  EXPECT_EQ(post(packed), "200 {\"result\":3}\n");
  EXPECT_EQ(post(R"({"input": "abcd"})", "identity"), "200 {\"result\":4}\n");
  EXPECT_EQ(post(gzip("{\"input\": \"" + std::string(1u << 20, 'x') + "\"}").value()),
            "200 {\"result\":1048576}\n");
  EXPECT_EQ(post(packed.substr(0, packed.size() - 3)),
            "400 invalid_parameter: the body is no whole gzip");
  EXPECT_EQ(post(R"({"input": 1})"), "400 invalid_parameter: the body is no whole gzip");
  EXPECT_EQ(post(gzip(std::string(20u << 20, ' ')).value()),
            "413 invalid_parameter: the body unpacks to more than 16777216 bytes");
  EXPECT_EQ(post(packed, "br"), "415 invalid_parameter: Content-Encoding br is not gzip");
}

TEST_F(Guarded, SeesTheUnpackedBodyAndUnpacksNoOtherForStrangers) {
  start(kBasic);
  put("a", "package system.authz\ndefault allow := false\nallow if input.body.input == \"abc\"\n");
  const Fields coded{{"Content-Encoding", "gzip"}};
  EXPECT_EQ(said(Method::POST, "/v1/data/none", gzip(R"({"input": "abc"})").value(), coded),
            "200 {}\n");
  EXPECT_EQ(said(Method::POST, "/v1/data/none", gzip(R"({"input": "x"})").value(), coded),
            "401 unauthorized: request rejected by administrative policy");
  EXPECT_EQ(said(Method::PUT, "/v1/data/none", "broken", coded),
            "401 unauthorized: request rejected by administrative policy");
}

}  // namespace
}  // namespace writ::server
