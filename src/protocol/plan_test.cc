#include "protocol/plan.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "contract/validate_document.h"
#include "protocol/load.h"
#include "protocol/testing/random_plan.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::problems_of;
using testing::Repository;

TEST(Plan, FindsItsSteps) {
  Plan plan;
  plan.steps.resize(2);
  plan.steps[1].path = "test/unit";
  EXPECT_EQ(plan.find("test/unit"), 1u);
  EXPECT_EQ(plan.find("nothing"), 2u);
}

TEST(Plan, ReadsBackExactlyWhateverIsInIt) {
  const auto schema = contract::load_contract("plan");
  ASSERT_TRUE(schema) << schema.error().text();
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const Plan plan = testing::random_plan(seed);
    const std::string text = to_json(plan.to_value());
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << value.error().text();
    const auto valid = schema->validate(*value);
    ASSERT_TRUE(valid.is_valid()) << valid.violations[0].instance << " "
                                  << valid.violations[0].message;
    const auto again = Plan::from_value(*value);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(to_json(again->to_value()), text);
    EXPECT_EQ(again->digest(), plan.digest());
  }
}

TEST(Plan, RefusesAStoredPlanThatIsNotWhatItWrites) {
  const Plan plan = testing::random_plan(7);
  const auto broken = [&](auto change) {
    Value value = plan.to_value();
    change(value.as_object().find("plan")->as_object());
    const auto read = Plan::from_value(value);
    EXPECT_EQ(read ? Code::internal : read.error().code, Code::tampered);
    return read ? std::string("accepted") : read.error().message;
  };
  EXPECT_EQ(broken([](Object& p) { p.erase("budget"); }), "the stored plan is broken at budget");
  EXPECT_EQ(broken([](Object& p) { p.set("extra", 1); }),
            "the stored plan is broken at an unknown member");
  EXPECT_EQ(broken([](Object& p) { p.set("work_type", "PLAY"); }),
            "the stored plan is broken at work_type");
  EXPECT_EQ(
      broken([](Object& p) { p.find("steps")->as_array()[0].as_object().set("kind", "dance"); }),
      "the stored plan is broken at steps.kind");
  EXPECT_EQ(broken([](Object& p) {
              p.find("steps")->as_array()[0].as_object().set("needs", Array{"later"});
            }),
            "the stored plan is broken: step s/0 needs what does not come before it");
  EXPECT_EQ(broken([](Object& p) {
              Array& steps = p.find("steps")->as_array();
              steps.push_back(steps[0]);
            }),
            "the stored plan is broken: two steps are called s/0");
  EXPECT_EQ(Plan::from_value(Value()).error().message,
            "this is no stored plan of the format writ.plan/v1");
}

constexpr std::string_view kSpec = R"(writ: 1
kind: Spec
module: {id: orders.book}
protocols: [zero-tolerance-session@2/lite]
steps:
  - run: cmake -S . -B build
  - run: ctest
    evidence: {tests: junit.xml}
    gate: tests.failed == 0
)";

std::string with_scope(std::string spec) {
  return spec.replace(spec.find("{id: orders.book}"), 17,
                      "{id: orders.book, repo: {may_change: [src/a.cc]}}");
}

TEST(PlanDigest, DoesNotDependOnFormattingCommentsOrPlace) {
  const Repository here;
  const Repository there;
  const auto one = here.load(with_scope(std::string(kSpec)));
  ASSERT_EQ(problems_of(one), "");
  const auto two = there.load(
      "# The same, written otherwise.\n\n" +
      with_scope("kind: Spec\nwrit: 1\nmodule: {id: orders.book}\n"
                 "steps:\n\n"
                 "  - run: \"cmake  -S .   -B build\"\n"
                 "  - {run: [ctest], gate: [{open: true, when: \"0 == (tests.failed)\"}],\n"
                 "     evidence: {tests: [./junit.xml]}}\n"
                 "protocols:\n  - zero-tolerance-session@2.0.0/lite\n"));
  ASSERT_EQ(problems_of(two), "");
  EXPECT_EQ(one->canonical(), two->canonical());
  EXPECT_EQ(one->digest(), two->digest());
  EXPECT_NE(one->spec_digest, two->spec_digest);
  EXPECT_EQ(one->digest().size(), 64u);
}

TEST(PlanDigest, DependsOnEverythingThatTheRunWouldDoOtherwise) {
  const Repository repository;
  const auto digest_of = [&](std::string_view from, std::string_view to) {
    std::string spec = with_scope(std::string(kSpec));
    if (!from.empty()) spec.replace(spec.find(from), from.size(), to);
    const auto plan = repository.load(spec);
    EXPECT_EQ(problems_of(plan), "");
    return plan ? plan->digest() : std::string();
  };
  const std::string digest = digest_of("", "");
  EXPECT_NE(digest_of("-B build", "-B other"), digest);
  EXPECT_NE(digest_of("tests.failed == 0", "tests.failed <= 0"), digest);
  EXPECT_NE(digest_of("junit.xml", "report.xml"), digest);
  EXPECT_NE(digest_of("src/a.cc", "src/b.cc"), digest);
  EXPECT_NE(digest_of("orders.book", "orders.bok"), digest);
}

TEST(StepDigest, ChangesWithTheStepAndNotWithItsPlace) {
  PlanStep step = testing::random_plan(3).steps[0];
  const std::string digest = step_digest(step);
  step.origin.at = {77, 7};
  step.origin.file = "elsewhere.yaml";
  EXPECT_EQ(step_digest(step), digest);
  step.timeout = Duration(12'345);
  EXPECT_NE(step_digest(step), digest);
}

}  // namespace
}  // namespace writ::protocol
