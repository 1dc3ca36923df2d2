// Import and architecture rules: how they compose, and what is refused.
#include <gtest/gtest.h>

#include "base/json.h"
#include "protocol/load.h"
#include "protocol/render.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::problems_of;
using testing::Repository;

constexpr std::string_view kLaw = R"(writ: 1
kind: Protocol
id: layers
version: 1.0.0
authority: enforced
may_loosen: [imports.no-sockets]
rules:
  imports:
    no-sockets: {in: "./src/**", forbid: [sys/socket.h], because: Only net talks}
    tests: {in: "**/*_test.cc", require: [gtest/gtest.h]}
  architecture:
    core: {in: "src/core/**", may_import: ["src/core/**", "src/base/**"]}
phases:
  - {id: look, stage: validate, steps: [{id: imports, check: imports, with: {scope: tree}}]}
)";

std::string spec(std::string_view more = "") {
  return "writ: 1\nkind: Spec\nmodule: {id: m}\nprotocols: [layers@1]\n" + std::string(more) +
         "steps: [{run: make}]\n";
}

std::string rules_of_the_check(const Plan& plan) {
  return to_json(*plan.steps.at(plan.find("look/imports")).with.find("rules"));
}

TEST(ImportRules, AreGivenToTheCheckWholeAndShown) {
  const Repository repository;
  repository.write_protocol("layers", kLaw);
  const auto plan = repository.load(spec());
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(rules_of_the_check(*plan),
            R"({"architecture.core":{"in":["src/core/**"],"may_import":["src/core/**",)"
            R"("src/base/**"]},"imports.no-sockets":{"in":["src/**"],"forbid":["sys/socket.h"],)"
            R"("because":"Only net talks"},"imports.tests":{"in":["**/*_test.cc"],)"
            R"("require":["gtest/gtest.h"]}})");
  const std::string text = render_plan(*plan);
  EXPECT_TRUE(
      text.contains("imports.no-sockets  layers@1.0.0 (enforced)\n"
                    "      in src/**; never sys/socket.h: Only net talks\n"))
      << text;
  EXPECT_TRUE(text.contains("in src/core/**; of this tree only src/core/**, src/base/**"));
}

TEST(ImportRules, OfASpecAddAndTakeBackOnlyWhatMayBeTakenBack) {
  const Repository repository;
  repository.write_protocol("layers", kLaw);
  const auto plan =
      repository.load(spec("rules: {imports: {no-sockets: false, no-regex: {forbid: [regex]}}}\n"));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_FALSE(rules_of_the_check(*plan).contains("no-sockets"));
  EXPECT_TRUE(rules_of_the_check(*plan).contains(R"("imports.no-regex":{"in":["**"])"));
  EXPECT_TRUE(problems_of(repository.load(spec("rules: {imports: {tests: false}}\n")))
                  .starts_with("5:19 a spec may tighten `imports.tests` and not loosen it"));
}

TEST(ImportRules, ThatNothingHoldsAreRefused) {
  const Repository repository;
  EXPECT_EQ(problems_of(repository.load("writ: 1\nkind: Spec\nmodule: {id: m}\n"
                                        "rules: {imports: {a: {forbid: [x]}}}\n"
                                        "steps: [{run: make}]\n")),
            "4:19 nothing holds the rule `imports.a`");
}

struct Refused {
  std::string_view name;
  std::string_view rules;
  std::string_view problem;
};
constexpr Refused kRefused[] = {
    {"a misspelt key", "imports: {a: {forbids: [x]}}",
     "5:23 unknown key `forbids` (did you mean "
     "`forbid`?)"},
    {"a rule without content", "imports: {a: {in: src/**}}",
     "this rule says nothing about imports"},
    {"a path out of the tree", "architecture: {a: {in: ../x, may_import: [y]}}", "5:"},
    {"true", "imports: {a: true}", "5:"},
};

TEST(ImportRules, AreRefusedWhereTheySayNothing) {
  for (const Refused& refused : kRefused) {
    SCOPED_TRACE(refused.name);
    const Repository repository;
    repository.write_protocol("layers", kLaw);
    const std::string problems =
        problems_of(repository.load(spec("rules: {" + std::string(refused.rules) + "}\n")));
    EXPECT_TRUE(problems.contains(refused.problem)) << problems;
  }
}

}  // namespace
}  // namespace writ::protocol
