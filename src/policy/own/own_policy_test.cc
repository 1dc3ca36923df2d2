#include "policy/own/own_policy.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "policy/own/policy_text.h"

namespace writ::policy {
namespace {

constexpr std::string_view kModule = R"(package a

decision := {"allowed": input.n > 1} if is_number(input.n)
decision := {"allowed": false} if input.twice
decision := {"allowed": true} if input.twice
decision := count(numbers.range(1, 1000000000)) if input.endless
)";

std::string decide(std::string_view module, std::string_view input) {
  const OwnPolicy policy(module, "data.a.decision", "a.rego");
  const auto answer = policy.decide(*parse_json(input, "input"));
  return answer ? to_json(*answer) : answer.error().text();
}

TEST(OwnPolicy, DecidesByItsInput) {
  EXPECT_EQ(decide(kModule, R"({"n": 2})"), R"({"allowed":true})");
  EXPECT_EQ(decide(kModule, R"({"n": 1})"), R"({"allowed":false})");
}

TEST(OwnPolicy, HasNoAnswerWhereThereIsNone) {
  EXPECT_EQ(decide(kModule, "{}"),
            "internal: the policy has no answer: data.a.decision is undefined");
  EXPECT_TRUE(decide(kModule, R"({"twice": true})").contains("eval_conflict_error"))
      << decide(kModule, R"({"twice": true})");
  const std::string endless = decide(kModule, R"({"endless": true})");
  EXPECT_TRUE(endless.starts_with("internal: the policy has no answer: ")) << endless;
}

TEST(OwnPolicy, HasNoAnswerWhereItDoesNotCompile) {
  const std::string broken = decide("package a\n\ndecision := nobody", "{}");
  EXPECT_TRUE(broken.contains("a.rego:3: rego_unsafe_var_error: var nobody is unsafe")) << broken;
  EXPECT_TRUE(broken.starts_with("internal: ")) << broken;
}

TEST(OwnPolicies, AreThoseOfTheirFolder) {
  EXPECT_TRUE(own_policy_text("approval.rego").contains("package writ.approval"));
  EXPECT_TRUE(own_policy_text("default_check.rego").contains("package writ."));
  EXPECT_TRUE(std::ranges::is_sorted(embedded::policies(), {}, &EmbeddedFile::path));
}

}  // namespace
}  // namespace writ::policy
