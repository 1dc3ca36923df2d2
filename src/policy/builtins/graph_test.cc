#include <gtest/gtest.h>

#include "policy/testing/call_builtin.h"

namespace writ::rego {
namespace {

using testing::BuiltinCall;

struct Case {
  const char* name;
  const char* args;
  const char* want;
};

TEST(GraphBuiltins, ReachWhatTheEdgesLeadTo) {
  constexpr Case kCases[] = {
      {"graph.reachable", R"([{"a": ["b"], "b": ["c"], "c": ["a"]}, ["a"]])", R"({"a", "b", "c"})"},
      {"graph.reachable", R"([{"a": ["b"]}, ["a"]])", R"({"a"})"},  // b is not in the graph
      {"graph.reachable", R"([{"a": null}, ["a"]])", R"({"a"})"},
      {"graph.reachable", R"([{}, ["a"]])", "set()"},
      {"graph.reachable", R"([1, ["a"]])",
       "type error: graph.reachable: operand 1 must be object but got number"},
      {"graph.reachable", R"([{}, "a"])",
       "type error: graph.reachable: operand 2 must be {array, set} but got string"},
  };
  for (const Case& c : kCases) EXPECT_EQ(BuiltinCall().text(c.name, c.args), c.want) << c.args;
}

TEST(GraphBuiltins, FollowPathsToTheirEnd) {
  constexpr Case kCases[] = {
      {"graph.reachable_paths", R"([{"a": ["b", "c"], "b": ["c"], "c": []}, ["a"]])",
       R"({["a", "b", "c"], ["a", "c"]})"},
      // A path ends where it would come back to itself, and before a vertex without entry.
      {"graph.reachable_paths", R"([{"a": ["b"], "b": ["a"]}, ["a"]])", R"({["a", "b"]})"},
      {"graph.reachable_paths", R"([{"a": ["b", "x"], "b": []}, ["a"]])", R"({["a"], ["a", "b"]})"},
      {"graph.reachable_paths", R"([{"a": ["a"]}, ["a", "z"]])", R"({["a", "a"]})"},
      // What one path has passed, the others with the same first edge do not enter again.
      {"graph.reachable_paths",
       R"([{"a": ["b"], "b": ["c", "d"], "c": ["e"], "d": ["e", "c"], "e": []}, ["a"]])",
       R"({["a", "b", "c", "e"], ["a", "b", "d"], ["a", "b", "d", "e"]})"},
      {"graph.reachable_paths", R"([{"a": null}, ["a"]])", R"({["a"]})"},
      {"graph.reachable_paths", "[1, [1]]",
       "type error: graph.reachable_paths: operand 1 must be object but got number"},
  };
  for (const Case& c : kCases) EXPECT_EQ(BuiltinCall().text(c.name, c.args), c.want) << c.args;
}

TEST(GraphBuiltins, StopWhenTheQueryIsCancelled) {
  // 64 vertices, each connected to all others.
  std::string graph = "{";
  for (int i = 0; i < 64; ++i) {
    graph += (i == 0 ? "\"" : ", \"") + std::to_string(i) + "\": [";
    for (int j = 0; j < 64; ++j) graph += (j == 0 ? "\"" : ", \"") + std::to_string(j) + "\"";
    graph += "]";
  }
  graph += "}";
  BuiltinCall call;
  int asked = 0;
  call.env().stopped = [&] { return ++asked > 10; };
  EXPECT_EQ(call.text("graph.reachable_paths", "[" + graph + R"(, ["0"]])"), "undefined");
  EXPECT_GT(asked, 10);
}

}  // namespace
}  // namespace writ::rego
