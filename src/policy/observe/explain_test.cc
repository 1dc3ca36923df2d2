#include "policy/observe/explain.h"

#include <gtest/gtest.h>

#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

constexpr const char* kPolicy = R"(package app

default allow := false

allow if {
	input.method == "GET"
	is_member
}

allow if is_admin

is_admin if input.user.role == "admin"

is_member if {
	some member in ["ada", "bob"]
	member == input.user.name
}

level := "high" if {
	input.risk > 5
} else := "middle" if {
	input.risk > 2
} else := "low"
)";

std::string line(const RuleVerdict& one) {
  std::string out =
      one.rule + " " + std::to_string(one.at.line) + " " + std::string(to_text(one.outcome));
  if (!one.statement.empty()) {
    out += " at " + std::to_string(one.statement_at.line) + ": " + one.statement;
  }
  for (const auto& [name, value] : one.values) out += " [" + name + " is " + value + "]";
  return out;
}

struct Explained {
  std::vector<std::string> candidates;
  std::vector<std::string> helpers;
};

Explained explain(std::vector<std::string> path, std::string_view input) {
  RegoRun run({kPolicy}, {.is_observed = true, .is_indexed = false});
  EXPECT_EQ(run.problem(), "");
  Explanation explanation;
  run.options().observer = &explanation;
  std::string query = "data";
  for (const std::string& key : path) query += "." + key;
  run.with_input(input).value(query);
  const Term asked = run.options().input;
  Explained out;
  const auto candidates = explanation.candidates(*run.program(), path, asked);
  for (const RuleVerdict& one : candidates) out.candidates.push_back(line(one));
  for (const RuleVerdict& one : explanation.helpers(candidates, asked)) {
    out.helpers.push_back(line(one));
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST(Explanation, NamesTheRuleThatDecidedAndWhyOthersDidNot) {
  const Explained said =
      explain({"app", "allow"}, R"({"method":"POST","user":{"name":"ada","role":"admin"}})");
  EXPECT_EQ(
      said.candidates,
      (Lines{"data.app.allow 5 failed at 6: input.method == \"GET\" [input.method is \"POST\"]",
             "data.app.allow 10 held", "data.app.allow 3 skipped"}));
  EXPECT_EQ(said.helpers, (Lines{"data.app.is_admin 12 held"}));
}

TEST(Explanation, SaysWhereADefaultCameFrom) {
  const Explained said = explain({"app", "allow"}, R"({"method":"GET","user":{"name":"eve"}})");
  EXPECT_EQ(said.candidates,
            (Lines{"data.app.allow 5 failed at 7: is_member",
                   "data.app.allow 10 failed at 10: is_admin", "data.app.allow 3 fell_back"}));
  EXPECT_EQ(said.helpers, (Lines{"data.app.is_admin 12 failed at 12: input.user.role == \"admin\" "
                                 "[input.user.role is undefined]",
                                 "data.app.is_member 14 failed at 16: member == input.user.name "
                                 "[input.user.name is \"eve\"]"}));
}

TEST(Explanation, TellsWhichBranchWasTaken) {
  EXPECT_EQ(explain({"app", "level"}, R"({"risk":4})").candidates,
            (Lines{"data.app.level 19 failed at 20: input.risk > 5 [input.risk is 4]",
                   "data.app.level 21 held", "data.app.level 23 skipped"}));
}

TEST(Explanation, OfAPackageHasAllItsRules) {
  const Explained said = explain({"app"}, R"({"risk":9,"method":"GET","user":{"name":"ada"}})");
  EXPECT_EQ(said.candidates.size(), 8u);
  EXPECT_EQ(said.candidates.front(), "data.app.allow 5 held");
  EXPECT_EQ(said.helpers, Lines{});
}

}  // namespace
}  // namespace writ::rego
