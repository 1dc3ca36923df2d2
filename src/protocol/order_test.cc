// The order of a plan: stages, slots, authority, needs.
#include <gtest/gtest.h>

#include "protocol/load.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::outline;
using testing::problems_of;
using testing::Repository;

constexpr std::string_view kHead = "writ: 1\nkind: Spec\nmodule: {id: m}\n";

std::string outline_of(std::string_view body) {
  const Repository repository;
  const auto plan = repository.load(std::string(kHead) + std::string(body));
  return plan ? outline(*plan) : problems_of(plan);
}

TEST(Order, StepsOfAPhaseFollowEachOther) {
  EXPECT_EQ(outline_of("steps:\n  - {id: a, run: x}\n  - {id: b, run: x}\n  - {id: c, run: x}\n"),
            "implement work main/a run <-\n"
            "implement work main/b run <- main/a\n"
            "implement work main/c run <- main/b\n");
}

TEST(Order, NeedsOpenBranchesThatAGateGathers) {
  EXPECT_EQ(outline_of("phases:\n"
                       "  - id: p\n"
                       "    steps:\n"
                       "      - {id: a, run: x}\n"
                       "      - {id: b, run: x, needs: [a]}\n"
                       "      - {id: c, run: x, needs: [a]}\n"
                       "      - {id: d, run: x, needs: []}\n"
                       "    gate: exit.ok\n"
                       "  - {id: q, steps: [{id: e, run: x}]}\n"),
            "implement work p/a run <-\n"
            "implement work p/b run <- p/a\n"
            "implement work p/c run <- p/a\n"
            "implement work p/d run <-\n"
            "implement work p/gate gate <- p/b p/c p/d\n"
            "implement work q/e run <- p/gate\n");
}

TEST(Order, PhasesWithoutNeedsAreSideBySide) {
  EXPECT_EQ(outline_of("phases:\n"
                       "  - {id: a, steps: [{id: x, run: x}, {id: y, run: x}]}\n"
                       "  - {id: b, needs: [], steps: [{id: x, run: x}]}\n"
                       "  - {id: c, needs: [a, b], steps: [{id: x, run: x}]}\n"
                       "  - {id: d, needs: [a/x], steps: [{id: x, run: x}]}\n"),
            "implement work a/x run <-\n"
            "implement work a/y run <- a/x\n"
            "implement work b/x run <-\n"
            "implement work c/x run <- a/y b/x\n"
            "implement work d/x run <- a/x\n");
}

TEST(Order, PhasesMayStandInAnyOrderInTheDocument) {
  EXPECT_EQ(outline_of("phases:\n"
                       "  - {id: last, stage: validate, steps: [{id: x, run: x}]}\n"
                       "  - {id: second, needs: [first], steps: [{id: x, run: x}]}\n"
                       "  - {id: first, needs: [], steps: [{id: x, run: x}]}\n"),
            "implement work first/x run <-\n"
            "implement work second/x run <- first/x\n"
            "validate work last/x run <- second/x\n");
}

TEST(Order, EveryStepOfAStageComesAfterAllOfTheStageBefore) {
  EXPECT_EQ(outline_of("phases:\n"
                       "  - {id: a, steps: [{id: x, run: x}]}\n"
                       "  - {id: b, needs: [], steps: [{id: x, run: x}]}\n"
                       "  - {id: c, stage: validate, needs: [a], steps: [{id: x, run: x}]}\n"
                       "  - {id: d, stage: validate, needs: [], steps: [{id: x, run: x}]}\n"),
            "implement work a/x run <-\n"
            "implement work b/x run <-\n"
            "validate work c/x run <- a/x b/x\n"
            "validate work d/x run <- a/x b/x\n");
}

TEST(Order, LevelsAreInThePathWhereTheyAreWritten) {
  EXPECT_EQ(outline_of("phases:\n"
                       "  - id: p\n"
                       "    actions:\n"
                       "      - id: a\n"
                       "        tasks:\n"
                       "          - {id: t, steps: [{id: s, run: x}, {id: u, run: x}]}\n"
                       "          - {id: v, steps: [{id: s, run: x, needs: [t]}]}\n"
                       "      - {id: b, steps: [{id: s, run: x, needs: [a/v/s, a/t/s]}]}\n"),
            "implement work p/a/t/s run <-\n"
            "implement work p/a/t/u run <- p/a/t/s\n"
            "implement work p/a/v/s run <- p/a/t/s p/a/t/u\n"
            "implement work p/b/s run <- p/a/t/s p/a/v/s\n");
}

TEST(Order, ChecksStandAroundTheWorkByAuthority) {
  const Repository repository;
  const auto law = [&](std::string_view id, std::string_view authority) {
    repository.write_protocol(
        id, "writ: 1\nkind: Protocol\nid: " + std::string(id) + "\nversion: 1.0.0\nauthority: " +
                std::string(authority) + "\nphases:\n  - {id: " + std::string(id) +
                "-in, at: enter, steps: [{check: scan}]}\n  - {id: " + std::string(id) +
                "-out, at: exit, steps: [{check: scope}, {check: budget}]}\n");
  };
  law("low", "default");
  law("high", "absolute");
  law("mid", "enforced");
  const auto plan = repository.load(
      std::string(kHead) + "protocols: [low@1, high@1, mid@1]\nsteps: [{id: w, run: x}]\n");
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(outline(*plan),
            "implement enter high-in/scan check <-\n"
            "implement enter mid-in/scan check <- high-in/scan\n"
            "implement enter low-in/scan check <- mid-in/scan\n"
            "implement work main/w run <- low-in/scan\n"
            "implement exit high-out/scope check <- main/w\n"
            "implement exit high-out/budget check <- high-out/scope\n"
            "implement exit mid-out/scope check <- high-out/budget\n"
            "implement exit mid-out/budget check <- mid-out/scope\n"
            "implement exit low-out/scope check <- mid-out/budget\n"
            "implement exit low-out/budget check <- low-out/scope\n");
}

TEST(Order, QuestionsAndAttestationChecksAreTheLastSteps) {
  const Repository repository;
  const auto plan =
      repository.load(std::string(kHead) +
                      "steps:\n  - {id: a, run: x}\n  - {id: b, run: x}\n"
                      "questions:\n  - {id: done, text: It is done, gate: exit.ok}\n"
                      "  - {id: first, text: Step a ran, gate: exit.ok, over: [main/a]}\n"
                      "attest: [steps_complete]\n");
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(outline(*plan),
            "implement work main/a run <-\n"
            "implement work main/b run <- main/a\n"
            "attest exit attest/steps_complete gate <- main/b\n"
            "close exit questions/done gate <- attest/steps_complete\n"
            "close exit questions/first gate <- main/a questions/done\n");
  ASSERT_EQ(plan->questions.size(), 2u);
  EXPECT_EQ(plan->questions[0].gate_over, (std::vector<std::string>{"main/a", "main/b"}));
  EXPECT_EQ(plan->questions[1].gate_over, std::vector<std::string>{"main/a"});
  EXPECT_EQ(plan->attest[0].name, "steps_complete");
  EXPECT_EQ(plan->attest[0].gate.text(), "steps.unfinished == 0");
}

TEST(Order, AGateWaitsForTheStepsThatItLooksAt) {
  EXPECT_EQ(outline_of("phases:\n"
                       "  - {id: a, needs: [], steps: [{id: x, run: x}]}\n"
                       "  - {id: b, needs: [], steps: [{id: y, check: scope, gate: exit.ok, over: "
                       "[a]}]}\n"),
            "implement work a/x run <-\n"
            "implement work b/y check <- a/x\n");
}

TEST(Order, ProtocolsAddStagesAndNeverReorderThem) {
  const Repository repository;
  repository.write_protocol("p",
                            "writ: 1\nkind: Protocol\nid: p\nversion: 1.0.0\n"
                            "stages: [implement, harden, validate]\n"
                            "phases: [{id: h, stage: harden, steps: [{check: scan}]}]\n");
  const std::string spec = std::string(kHead) +
                           "protocols: [p@1]\nphases:\n"
                           "  - {id: t, stage: validate, steps: [{id: x, run: x}]}\n"
                           "  - {id: w, steps: [{id: x, run: x}]}\n";
  const auto plan = repository.load(spec);
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(outline(*plan),
            "implement work w/x run <-\n"
            "harden enter h/scan check <- w/x\n"
            "validate work t/x run <- h/scan\n");
  repository.write_protocol("p",
                            "writ: 1\nkind: Protocol\nid: p\nversion: 1.0.0\n"
                            "stages: [validate, implement]\n");
  EXPECT_EQ(problems_of(repository.load(spec)),
            ".writ/protocols/p.yaml:5:20 stage `implement` cannot stand behind `validate`");
}

TEST(Order, PhasesOfTwoDocumentsHaveDifferentNames) {
  const Repository repository;
  repository.write_protocol("p",
                            "writ: 1\nkind: Protocol\nid: p\nversion: 1.0.0\n"
                            "phases: [{id: main, steps: [{check: scan}]}]\n");
  const std::string problems =
      problems_of(repository.load(std::string(kHead) + "protocols: [p@1]\nsteps: [{run: make}]\n"));
  EXPECT_TRUE(problems.starts_with(".writ/protocols/p.yaml:5:10 phase `main` is also at /"));
  EXPECT_TRUE(problems.ends_with("/spec.yaml:5:8")) << problems;
}

TEST(Order, StepsWithoutIdsAreCalledAfterWhatTheyDo) {
  EXPECT_EQ(outline_of("steps:\n"
                       "  - run: /usr/bin/make -j2\n"
                       "  - run: npm --silent test\n"
                       "  - run: npm --silent test\n"
                       "  - {run: \"ls | wc\", shell: true}\n"
                       "  - check: scope\n"
                       "  - wait: 5s\n"
                       "  - spec: parts/one.yaml\n"
                       "  - {external: Do it, evidence: {file: a}}\n"
                       "  - approval: {by: \"role:maintainer\"}\n"),
            "implement work main/make-j2 run <-\n"
            "implement work main/npm-silent run <- main/make-j2\n"
            "implement work main/npm-silent-2 run <- main/npm-silent\n"
            "implement work main/ls-wc run <- main/npm-silent-2\n"
            "implement work main/scope check <- main/ls-wc\n"
            "implement work main/wait wait <- main/scope\n"
            "implement work main/one-yaml spec <- main/wait\n"
            "implement work main/external external <- main/one-yaml\n"
            "implement work main/approval approval <- main/external\n");
}

TEST(Order, TenThousandStepsAreOrderedAtOnceAndMoreAreRefused) {
  const Repository repository;
  std::string spec(kHead);
  spec += "steps:\n";
  for (int i = 0; i < 10'000; ++i) spec += "  - run: x\n";
  const auto plan = repository.load(spec);
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->steps.back().path, "main/x-10000");
  EXPECT_EQ(plan->steps.back().needs, std::vector<std::string>{"main/x-9999"});
  EXPECT_EQ(problems_of(repository.load(spec + "  - run: x\n")),
            "5:3 `steps` must have at most 10000 items, has 10001 | "
            "10005:5 a document has at most 10,000 steps");
}

TEST(Order, TooManyStepsSideBySideAreRefused) {
  const Repository repository;
  std::string spec(kHead);
  spec += "phases:\n  - id: a\n    steps:\n";
  for (int i = 0; i < 1'000; ++i) spec += "      - {run: x, needs: []}\n";
  spec += "  - id: b\n    stage: validate\n    steps:\n";
  for (int i = 0; i < 1'000; ++i) spec += "      - {run: x, needs: []}\n";
  EXPECT_TRUE(
      problems_of(repository.load(spec)).ends_with("the plan has too many steps side by side"));
}

}  // namespace
}  // namespace writ::protocol
