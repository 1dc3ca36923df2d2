// Addenda, and protocols that are for some work only.
#include <gtest/gtest.h>

#include "protocol/load.h"
#include "protocol/render.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::outline;
using testing::problems_of;
using testing::Repository;

constexpr std::string_view kLaw = R"(writ: 1
kind: Protocol
id: kinds
version: 1.0.0
authority: enforced
addenda:
  - id: executors
    when: {module_kind: [executor, runner]}
    requires: {spec: [module.purpose]}
    rules: {sequential: true, words: {executors: Nothing runs twice.}}
    invariants: [{id: INV-1, text: One lease, paths: ["src/lease/**"]}]
    phases:
      - {id: lease, stage: validate, steps: [{id: scope, check: scope}]}
    attest: [scope_held]
  - id: web
    when: {module_kind: web-api, touches: "src/api/**"}
    rules: {words: {web: Contract first.}}
)";

std::string spec(std::string_view module) {
  return "writ: 1\nkind: Spec\nmodule: {id: m" + std::string(module) +
         "}\nprotocols: [kinds@1]\nsteps: [{run: make}]\n";
}

TEST(Addenda, HoldForTheirKindOfModuleAndThePlanSaysSo) {
  const Repository repository;
  repository.write_protocol("kinds", kLaw);
  const auto plan = repository.load(spec(", kind: executor, purpose: Run"));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_TRUE(plan->scope.sequential);
  EXPECT_EQ(plan->invariants.at(0).id, "INV-1");
  EXPECT_TRUE(outline(*plan).contains("lease/scope")) << outline(*plan);
  EXPECT_EQ(plan->attest.at(0).name, "scope_held");
  ASSERT_EQ(plan->addenda.size(), 1u);
  EXPECT_EQ(plan->addenda[0].id, "executors");
  EXPECT_EQ(plan->addenda[0].why, "module.kind is executor");
  ASSERT_EQ(plan->inapplicable.size(), 1u);
  EXPECT_EQ(plan->inapplicable[0].what, "addendum web");
  EXPECT_EQ(plan->inapplicable[0].why, "module.kind is executor, not web-api");
  const std::string text = render_plan(*plan);
  EXPECT_TRUE(
      text.contains("addenda that hold\n  executors  module.kind is executor  "
                    ".writ/protocols/kinds.yaml:7"))
      << text;
  EXPECT_TRUE(text.contains("does not apply\n  addendum web  module.kind is executor, not web-api"))
      << text;
}

TEST(Addenda, DoNotHoldWhereTheSpecGivesNoKind) {
  const Repository repository;
  repository.write_protocol("kinds", kLaw);
  const auto plan = repository.load(spec(""));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_FALSE(plan->scope.sequential);
  EXPECT_TRUE(plan->addenda.empty());
  ASSERT_EQ(plan->inapplicable.size(), 2u);
  EXPECT_EQ(plan->inapplicable[0].why,
            "the spec gives no module.kind; this is for executor or runner");
}

TEST(Addenda, AskForTheirKeys) {
  const Repository repository;
  repository.write_protocol("kinds", kLaw);
  EXPECT_EQ(problems_of(repository.load(spec(", kind: runner"))),
            "3:9 SPEC_BLOCKER: kinds@1.0.0 requires `module.purpose`, and the spec lacks it");
}

TEST(Addenda, HoldOnlyWhenEveryConditionDoes) {
  const Repository repository;
  repository.write_protocol("kinds", kLaw);
  const auto other = repository.load(spec(", kind: web-api, repo: {may_change: [src/cli/a.cc]}"));
  ASSERT_EQ(problems_of(other), "");
  EXPECT_EQ(other->inapplicable.at(1).why, "nothing that may change touches src/api/**");
  const auto plan = repository.load(spec(", kind: web-api, repo: {may_change: [src/api/a.cc]}"));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->addenda.at(0).why, "module.kind is web-api, what may change touches src/api/**");
  EXPECT_EQ(plan->rules.at(0).name, "words.web");
}

TEST(Addenda, ContradictOtherLawLikeTheirProtocol) {
  const Repository repository;
  repository.write_protocol("kinds", kLaw);
  repository.write_protocol("other",
                            "writ: 1\nkind: Protocol\nid: other\nversion: 1.0.0\n"
                            "authority: enforced\nrules: {sequential: false}\n");
  const std::string text = spec(", kind: executor, purpose: Run");
  const std::string both = std::string(text).replace(text.find("kinds@1"), 7, "kinds@1, other@1");
  EXPECT_TRUE(problems_of(repository.load(both))
                  .contains("rule `sequential` is false here and "
                            "true at"));
}

TEST(Addenda, OfASpecsPhaseCanBeByKindToo) {
  const Repository repository;
  const auto plan = repository.load(
      "writ: 1\nkind: Spec\nmodule: {id: m, kind: executor}\n"
      "steps: [{run: make}, {id: web, run: serve, when: {module_kind: web-api}}]\n");
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->inapplicable.at(0).what, "step main/web");
}

TEST(Protocol, ThatIsForOtherWorkIsShownAndLeftOut) {
  const Repository repository;
  repository.write_protocol("kinds",
                            "writ: 1\nkind: Protocol\nid: kinds\nversion: 1.0.0\n"
                            "when: {work_type: REFACTOR}\nrules: {sequential: true}\n");
  const auto plan = repository.load(spec(""));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_TRUE(plan->protocols.empty());
  EXPECT_FALSE(plan->scope.sequential);
  ASSERT_EQ(plan->inapplicable.size(), 1u);
  EXPECT_EQ(plan->inapplicable[0].what, "protocol kinds@1.0.0");
  EXPECT_EQ(plan->inapplicable[0].why, "the work type is IMPLEMENTATION, not REFACTOR");
  EXPECT_EQ(plan->inapplicable[0].origin.at, (Position{4, 13}));
}

}  // namespace
}  // namespace writ::protocol
