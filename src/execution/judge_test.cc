#include "execution/judge.h"

#include <gtest/gtest.h>

#include "execution/testing/engine_room.h"

namespace writ::execution {
namespace {

using protocol::BlockerKind;
using protocol::Plan;
using protocol::PlanStep;

constexpr WallTime kNow{1'000'000'000};

// One running step `a` at its first attempt, on a tree that may change under it.
class JudgeTest : public testing::Test {
 protected:
  JudgeTest() : plan_(plan_of({step_named("a")})) {
    workspace_.set("src/a.cc", "int a;");
    workspace_.freeze_base();
    state_.run.id = RunId{Uuid::v5(kWritNamespace, "run")};
    state_.steps.resize(1);
    state_.steps[0].status = StepStatus::running;
    state_.steps[0].attempt = 1;
    before_ = *workspace_.tree();
  }

  PlanStep& step() { return plan_.steps[0]; }

  Judgement judged(StepResult result, std::uint32_t retries = 0, double jitter = 0) {
    Attempt attempt;
    attempt.before = before_;
    attempt.after = *workspace_.tree();
    attempt.result = std::move(result);
    attempt.elapsed = std::chrono::milliseconds(40);
    attempt.retries = retries;
    attempt.jitter = jitter;
    auto out = judge({plan_, state_, {}, workspace_, kNow}, std::move(attempt));
    EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().text());
    return out ? *std::move(out) : Judgement{};
  }

  static StepResult failure(std::string kind) {
    StepResult result;
    result.verdict = Verdict::failed;
    result.failure = std::move(kind);
    result.reason = "exited with 1";
    return result;
  }

  Plan plan_;
  RunState state_;
  FixedWorkspace workspace_;
  Tree before_;
};

TEST_F(JudgeTest, PassesWhatPassedAndSaysOnWhichTrees) {
  step().inputs = {"src/**"};
  const Judgement out = judged({});
  EXPECT_EQ(out.completion.status, StepStatus::passed);
  EXPECT_EQ(out.completion.tree_before, before_.digest.hex());
  EXPECT_EQ(out.completion.tree_after, before_.digest.hex());
  EXPECT_EQ(out.completion.inputs, digest_of(before_, {"src/**"}).hex());
  EXPECT_EQ(out.completion.elapsed_ms, 40);
  EXPECT_FALSE(out.blocker.has_value());
}

TEST_F(JudgeTest, WaitsWithoutJudgingAnything) {
  StepResult result;
  result.verdict = Verdict::waiting;
  result.reason = "for you";
  result.wake = WallTime{5};
  workspace_.set("src/b.cc", "");
  plan_.scope.is_locked = true;
  const Judgement out = judged(std::move(result));
  EXPECT_TRUE(out.is_waiting);
  EXPECT_EQ(out.wake, WallTime{5});
  EXPECT_EQ(out.completion.reason, "for you");
  EXPECT_TRUE(out.attachments.records.empty());
}

TEST_F(JudgeTest, RecordsEvidenceOfTheTreeAtTheEnd) {
  workspace_.set("src/a.cc", "int changed;");
  StepResult result;
  evidence::Draft draft;
  draft.kind = evidence::Kind::tests;
  draft.name = "junit.xml";
  draft.data = Object{};
  result.evidence.push_back(std::move(draft));
  const Judgement out = judged(std::move(result));
  ASSERT_EQ(out.attachments.records.size(), 2u) << "the report, and what changed";
  const evidence::Record& record = out.attachments.records[0];
  EXPECT_EQ(record.tree, workspace_.tree()->digest);
  EXPECT_EQ(record.at, kNow);
  EXPECT_EQ(record.id,
            evidence::make_evidence_id(state_.run.id, "a", 1, evidence::Kind::tests, "junit.xml"));
  EXPECT_EQ(out.attachments.records[1].kind, evidence::Kind::diff);
  ASSERT_EQ(out.completion.evidence.size(), 2u);
  EXPECT_EQ(out.completion.evidence[0].digest, record.digest().hex());
}

TEST_F(JudgeTest, RetriesTheNamedFailuresWithABackoffThatDoublesUpToItsLimit) {
  step().retry = {5, {"timeout"}, Duration{100}, Duration{300}};
  struct Case {
    std::uint32_t retries;
    double jitter;
    std::int64_t wait_ms;
  };
  for (const Case& c :
       {Case{0, 1, 100}, Case{0, 0, 50}, Case{1, 1, 200}, Case{2, 1, 300}, Case{4, 0.5, 225}}) {
    const Judgement out = judged(failure("timeout"), c.retries, c.jitter);
    ASSERT_TRUE(out.completion.retry_at.has_value()) << c.retries;
    EXPECT_EQ(out.completion.retry_at->micros - kNow.micros, c.wait_ms * 1000) << c.retries;
    EXPECT_EQ(out.completion.status, StepStatus::failed);
  }
  EXPECT_FALSE(judged(failure("timeout"), 5).completion.retry_at.has_value()) << "tried enough";
  EXPECT_FALSE(judged(failure("exit")).completion.retry_at.has_value()) << "not one of those";
}

TEST_F(JudgeTest, MakesABlockerOfTheFirstProblem) {
  step().blocks = BlockerKind::SPEC_BLOCKER;
  StepResult result = failure("check");
  for (const char* file : {"src/a.cc", "src/b.cc"}) {
    Problem problem;
    problem.file = file;
    problem.at = {3, 1};
    problem.message = "is no good";
    problem.remedy = "Make it good";
    result.problems.push_back(std::move(problem));
  }
  const Judgement out = judged(std::move(result));
  EXPECT_EQ(out.completion.status, StepStatus::blocked);
  ASSERT_TRUE(out.blocker.has_value());
  EXPECT_EQ(out.blocker->kind, BlockerKind::SPEC_BLOCKER);
  EXPECT_EQ(out.blocker->file, "src/a.cc");
  EXPECT_EQ(out.blocker->line, 3u);
  EXPECT_EQ(out.blocker->issue, "is no good (and 1 more)");
  EXPECT_EQ(out.blocker->proposed_fix, "Make it good");
  EXPECT_EQ(out.blocker->attempt, 1u);
}

TEST_F(JudgeTest, TakesTheExecutorsBlockerBeforeThePlans) {
  step().blocks = BlockerKind::FIX_REQUIRED;
  StepResult result = failure("context");
  result.blocker = BlockerKind::HARD_STOP;
  const Judgement out = judged(std::move(result));
  ASSERT_TRUE(out.blocker.has_value());
  EXPECT_EQ(out.blocker->kind, BlockerKind::HARD_STOP);
  EXPECT_EQ(out.blocker->issue, "exited with 1");
}

TEST_F(JudgeTest, NamesTheFilesThatAStepChangedTogetherUnderALawOfOne) {
  plan_.scope.sequential = true;
  workspace_.set("src/b.cc", "");
  EXPECT_EQ(judged({}).completion.status, StepStatus::passed) << "one is allowed";
  workspace_.set("src/c.cc", "");
  const Judgement out = judged({});
  EXPECT_EQ(out.completion.status, StepStatus::blocked);
  EXPECT_EQ(out.completion.failure, kScopeFailure);
  EXPECT_EQ(out.completion.reason,
            "it changed 2 files and the law allows one a step: src/b.cc, src/c.cc");
  ASSERT_EQ(out.problems.size(), 2u);
  EXPECT_EQ(out.problems[1].file, "src/c.cc");
  EXPECT_EQ(out.blocker->kind, BlockerKind::FIX_REQUIRED);
}

TEST_F(JudgeTest, HoldsAFailedStepThatMayWriteToItsScope) {
  plan_.scope.is_locked = true;
  plan_.scope.may_change = {"src/a.cc"};
  workspace_.set("src/b.cc", "");
  const Judgement out = judged(failure("exit"));
  EXPECT_EQ(out.completion.status, StepStatus::blocked);
  EXPECT_EQ(out.completion.failure, kScopeFailure);
  EXPECT_TRUE(out.completion.reason.starts_with("exited with 1; src/b.cc "))
      << out.completion.reason;
}

TEST_F(JudgeTest, LetsAFailureOfAStepThatMayNotWriteStand) {
  step().writes_tree = false;
  workspace_.set("src/b.cc", "");
  const Judgement failed = judged(failure("exit"));
  EXPECT_EQ(failed.completion.reason, "exited with 1");
  EXPECT_EQ(failed.completion.failure, "exit");
  const Judgement passed = judged({});
  EXPECT_EQ(passed.completion.status, StepStatus::failed);
  EXPECT_TRUE(passed.completion.reason.starts_with("it changed src/b.cc, and nothing may write"))
      << passed.completion.reason;
}

TEST_F(JudgeTest, ShutsAfterTheLastIterationOfTheBudget) {
  plan_.budget.max_iterations = 2;
  state_.steps[0].attempt = 2;
  EXPECT_EQ(judged({}).completion.status, StepStatus::passed);
  state_.steps[0].attempt = 3;
  const Judgement out = judged({});
  EXPECT_EQ(out.completion.status, StepStatus::shut);
  EXPECT_EQ(out.completion.reason,
            "over budget: max_iterations is 3 attempts of this step, allowed is 2");
}

TEST_F(JudgeTest, CountsTheAttemptItselfAgainstTheTimeAtWork) {
  plan_.budget.active = Duration{100};
  state_.run.active_ms = 60;
  EXPECT_EQ(judged({}).completion.status, StepStatus::passed);
  state_.run.active_ms = 61;
  const Judgement out = judged({});
  EXPECT_EQ(out.completion.status, StepStatus::shut);
  EXPECT_EQ(out.completion.reason, "over budget: active is 101ms at work, allowed is 100ms");
}

}  // namespace
}  // namespace writ::execution
