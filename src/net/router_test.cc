#include "net/router.h"

#include <gtest/gtest.h>

namespace writ::net {
namespace {

using Parameters = std::vector<std::string>;

Route route(Method method, std::string pattern) {
  Route out;
  out.method = method;
  out.pattern = std::move(pattern);
  return out;
}

Router router_of(std::vector<Route> routes) {
  auto router = Router::build(std::move(routes));
  EXPECT_TRUE(router) << router.error().text();
  return std::move(*router);
}

TEST(Router, PrefersLiteralsToParametersAndGoesBackWhereTheyLeadNowhere) {
  const Router router =
      router_of({route(Method::GET, "/v1/{name}/x"), route(Method::GET, "/v1/a/y"),
                 route(Method::GET, "/v1/{rest...}"), route(Method::GET, "/")});
  struct Case {
    const char* path;
    const char* pattern;
    Parameters parameters;
  };
  const Case cases[] = {
      {"/v1/a/y", "/v1/a/y", {}},
      {"/v1/a/x", "/v1/{name}/x", {"a"}},
      {"/v1/b/x", "/v1/{name}/x", {"b"}},
      {"/v1/a/z/deep", "/v1/{rest...}", {"a/z/deep"}},
      {"/v1", "/v1/{rest...}", {""}},
      {"/v1/", "/v1/{rest...}", {""}},
      {"/", "/", {}},
  };
  for (const Case& c : cases) {
    const auto match = router.find(Method::GET, c.path);
    ASSERT_TRUE(match && match->route != nullptr) << c.path;
    EXPECT_EQ(match->route->pattern, c.pattern) << c.path;
    EXPECT_EQ(match->parameters, c.parameters) << c.path;
  }
  EXPECT_EQ(router.find(Method::GET, "/v2").value().route, nullptr);
}

TEST(Router, DecodesParametersAfterSplitting) {
  const Router router = router_of({route(Method::GET, "/runs/{run}/{rest...}")});
  EXPECT_EQ(router.find(Method::GET, "/runs/a%2Fb/c%20d/e").value().parameters,
            (Parameters{"a/b", "c d/e"}));
  EXPECT_EQ(router.find(Method::GET, "/runs/%zz/x").error().code, Code::invalid_input);
}

TEST(Router, SaysWhichMethodsAPathTakes) {
  const Router router = router_of({route(Method::PUT, "/k/{key}"), route(Method::GET, "/k/{key}")});
  const auto match = router.find(Method::DELETE, "/k/1").value();
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, PUT");
  EXPECT_EQ(router.find(Method::HEAD, "/k/1").value().route->method, Method::GET);
}

TEST(Router, RefusesPatternsThatAreNone) {
  for (const char* pattern : {"", "v1", "/{rest...}/x", "/{open", "/close}"}) {
    std::vector<Route> routes;
    routes.push_back(route(Method::GET, pattern));
    EXPECT_EQ(Router::build(std::move(routes)).error().code, Code::invalid_input) << pattern;
  }
  std::vector<Route> twice;
  twice.push_back(route(Method::GET, "/a/{x}"));
  twice.push_back(route(Method::GET, "/a/{y}"));
  EXPECT_NE(Router::build(std::move(twice)).error().message.find("routed twice"),
            std::string::npos);
}

}  // namespace
}  // namespace writ::net
