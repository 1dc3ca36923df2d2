#include "execution/transition.h"

#include <gtest/gtest.h>

#include "execution/testing/engine_room.h"

namespace writ::execution {
namespace {

using enum StepStatus;

constexpr StepStatus kAll[] = {pending, running, waiting, passed, failed, shut, blocked};
const RunId kRun{Uuid::v5(kWritNamespace, "run")};
const RunId kOther{Uuid::v5(kWritNamespace, "other")};

StepPlaces plan() { return StepPlaces(plan_of({step_named("a")})); }

// Step a is at attempt 2, or at none where it never began.
RunState state_with(StepStatus status, std::uint32_t attempt = 2) {
  RunState state;
  state.run.id = kRun;
  state.run.tree = "00";
  StepState& step = state.steps.emplace_back();
  step.status = status;
  step.attempt = attempt;
  step.fence = 7;
  step.since = WallTime{10};
  step.claimed_by = status == waiting ? "agent" : "";
  return state;
}

Completion completion(StepStatus status) {
  Completion out;
  out.status = status;
  out.tree_before = "01";
  out.tree_after = "02";
  out.reason = "because";
  out.elapsed_ms = 5;
  return out;
}

StepState adopted_state() {
  StepState step;
  step.status = passed;
  step.attempt = 3;
  step.tree_after = "02";
  return step;
}

struct Row {
  const char* name;
  Transition transition;
  std::vector<StepStatus> from;    // where it may follow
  std::optional<StepStatus> into;  // nullopt: it changes no status
};

std::vector<Row> rows() {
  return {
      {"started", step_started("a", 3, 8, "01", WallTime{20}), {pending}, running},
      {"completed", step_completed("a", 2, completion(passed)), {running, waiting}, passed},
      {"failed", step_completed("a", 2, completion(failed)), {running, waiting}, failed},
      {"shut", step_completed("a", 2, completion(shut)), {running, waiting}, shut},
      {"blocked", step_completed("a", 2, completion(blocked)), {running, waiting}, blocked},
      {"waiting", step_waiting("a", 2, "for you", {}), {running, waiting}, waiting},
      {"reopened",
       step_reopened("a", "edited"),
       {running, waiting, passed, failed, shut, blocked},
       pending},
      {"claimed", step_claimed("a", 2, "agent"), {waiting}, std::nullopt},
      {"decided",
       gate_decided("a", 2, true, "ab"),
       {std::begin(kAll), std::end(kAll)},
       std::nullopt},
      {"said",
       statement_recorded("writ.approval.given", "a", 2, "key", "ab"),
       {std::begin(kAll), std::end(kAll)},
       std::nullopt},
  };
}

TEST(Transition, FollowsWhereItMayAndIsRefusedEverywhereElse) {
  for (const Row& row : rows()) {
    for (const StepStatus from : kAll) {
      RunState state = state_with(from);
      const RunState before = state;
      const auto applied = apply(state, plan(), row.transition);
      const bool may = std::find(row.from.begin(), row.from.end(), from) != row.from.end();
      ASSERT_EQ(applied.has_value(), may) << row.name << " from " << status_name(from);
      if (may) {
        EXPECT_EQ(state.steps[0].status, row.into.value_or(from)) << row.name;
        EXPECT_EQ(state.run.next_seq, before.run.next_seq + 1) << row.name;
      } else {
        EXPECT_EQ(applied.error().code, Code::conflict) << row.name;
        EXPECT_EQ(state, before) << row.name << " was refused and changed the state";
      }
    }
  }
}

TEST(Transition, IsRefusedForAnotherAttemptThanTheStepsOwn) {
  const std::pair<Transition, StepStatus> others[] = {
      {step_started("a", 2, 1, "01", {}), pending},
      {step_started("a", 4, 1, "01", {}), pending},
      {step_completed("a", 1, completion(passed)), running},
      {step_completed("a", 3, completion(passed)), running},
      {step_waiting("a", 1, "", {}), running},
      {step_claimed("a", 1, "agent"), waiting},
  };
  for (const auto& [transition, status] : others) {
    RunState state = state_with(status);
    const auto applied = apply(state, plan(), transition);
    ASSERT_FALSE(applied.has_value()) << transition.type;
    EXPECT_EQ(applied.error().code, Code::conflict);
  }
}

TEST(Transition, StartsAnAttemptWithNothingOfTheLastOne) {
  RunState state = state_with(pending);
  state.steps[0].reason = "edited";
  const std::vector<EvidenceRef> kept{{EvidenceId{kOther.uuid}, "ab"}};
  ASSERT_TRUE(apply(state, plan(), step_started("a", 3, 8, "05", WallTime{20}, {"04", kept})));
  StepState expected;
  expected.status = running;
  expected.attempt = 3;
  expected.fence = 8;
  expected.tree_before = "04";
  expected.since = WallTime{20};
  expected.evidence = kept;
  EXPECT_EQ(state.steps[0], expected);
  EXPECT_EQ(state.run.tree, "05") << "the tree as it is, not what the change is measured from";
}

TEST(Transition, CompletesWithWhatTheAttemptLeftAndKeepsItsBeginning) {
  RunState state = state_with(waiting);
  ASSERT_TRUE(apply(state, plan(), step_completed("a", 2, completion(passed))));
  const StepState& step = state.steps[0];
  EXPECT_EQ(step.fence, 7u);
  EXPECT_EQ(step.since, WallTime{10});
  EXPECT_EQ(step.claimed_by, "agent");
  EXPECT_EQ(step.tree_before, "01");
  EXPECT_EQ(step.tree_after, "02");
  EXPECT_EQ(state.run.tree, "02");
  EXPECT_EQ(state.run.active_ms, 5);
}

TEST(Transition, PutsAFailureThatIsRetriedBackToPending) {
  RunState state = state_with(running);
  Completion failure = completion(failed);
  failure.retry_at = WallTime{99};
  ASSERT_TRUE(apply(state, plan(), step_completed("a", 2, failure)));
  EXPECT_EQ(state.steps[0].status, pending);
  EXPECT_EQ(state.steps[0].wake, WallTime{99});
  EXPECT_FALSE(state.steps[0].owes_for_change());
  // Even a pending step can be reopened while it waits for its retry.
  ASSERT_TRUE(apply(state, plan(), step_reopened("a", "tried again on resume")));
  EXPECT_EQ(state.steps[0].wake, std::nullopt);
}

TEST(Transition, RemembersWhatAReopenedStepOwes) {
  RunState state = state_with(blocked);
  ASSERT_TRUE(apply(state, plan(), step_reopened("a", "checked again", "01")));
  StepState expected;
  expected.attempt = 2;
  expected.reason = "checked again";
  expected.tree_before = "01";
  EXPECT_EQ(state.steps[0], expected);
  EXPECT_TRUE(state.steps[0].owes_for_change());
}

TEST(Transition, AdoptsOnlyAStepThatNeverBegan) {
  RunState fresh = state_with(pending, 0);
  ASSERT_TRUE(apply(fresh, plan(), step_adopted("a", kOther, adopted_state())));
  EXPECT_EQ(fresh.steps[0].status, passed);
  EXPECT_EQ(fresh.steps[0].attempt, 3u);
  EXPECT_EQ(fresh.steps[0].adopted, kOther);
  for (const StepStatus from : kAll) {
    RunState state = state_with(from);
    EXPECT_EQ(apply(state, plan(), step_adopted("a", kOther, adopted_state())).error().code,
              Code::conflict)
        << status_name(from);
  }
}

TEST(Transition, RaisesAndResolvesABlockerOnce) {
  RunState state = state_with(blocked);
  Blocker blocker;
  blocker.id = {Uuid::v5(kRun.uuid, "blocker")};
  blocker.kind = protocol::BlockerKind::SPEC_BLOCKER;
  blocker.step = "a";
  blocker.attempt = 2;
  blocker.issue = "unclear";
  ASSERT_TRUE(apply(state, plan(), blocker_raised(blocker)));
  ASSERT_NE(state.open_blocker("a"), nullptr);
  EXPECT_EQ(*state.open_blocker("a"), blocker);
  ASSERT_TRUE(apply(state, plan(), blocker_resolved(blocker.id, "alice")));
  EXPECT_EQ(state.open_blocker("a"), nullptr);
  EXPECT_EQ(state.blockers.at(0).resolved_by, "alice");
  EXPECT_EQ(apply(state, plan(), blocker_resolved(blocker.id, "bob")).error().code, Code::conflict);
  EXPECT_EQ(state.blockers.at(0).resolved_by, "alice");
  EXPECT_EQ(apply(state, plan(), blocker_resolved({kRun.uuid}, "bob")).error().code,
            Code::conflict);
}

TEST(Transition, EndsARunAndLetsNothingFollow) {
  const RunStatus ends[] = {RunStatus::attested, RunStatus::cancelled, RunStatus::stopped,
                            RunStatus::superseded};
  for (const RunStatus end : ends) {
    RunState state = state_with(pending);
    ASSERT_TRUE(apply(state, plan(), run_ended(end, "ab", kOther)));
    EXPECT_EQ(state.run.status, end);
    EXPECT_EQ(state.run.attestation, "ab");
    EXPECT_EQ(state.run.superseded_by, kOther);
    const RunState before = state;
    for (const Row& row : rows()) {
      EXPECT_EQ(apply(state, plan(), row.transition).error().code, Code::conflict) << row.name;
    }
    EXPECT_EQ(apply(state, plan(), tree_observed("03")).error().code, Code::conflict);
    EXPECT_EQ(apply(state, plan(), run_ended(RunStatus::cancelled, "", {})).error().code,
              Code::conflict);
    EXPECT_EQ(state, before);
  }
}

TEST(Transition, BeginsARunWithEveryStepPending) {
  RunState state;
  RunRow row;
  row.id = kRun;
  row.tree = "01";
  row.plan = "ab";
  ASSERT_TRUE(apply(state, plan(), run_started(row)));
  ASSERT_EQ(state.steps.size(), 1u);
  EXPECT_EQ(state.steps[0], StepState{});
  EXPECT_EQ(state.run.id, kRun);
  EXPECT_EQ(state.run.next_seq, 2u);
}

TEST(Transition, RefusesWhatNoPlanAndNoLogKnows) {
  RunState state = state_with(running);
  EXPECT_EQ(apply(state, plan(), step_waiting("b", 2, "", {})).error().code, Code::conflict);
  EXPECT_EQ(apply(state, plan(), {"writ.step.invented", "a", Object{}}).error().code,
            Code::tampered);
  EXPECT_EQ(apply(state, plan(), {"writ.run.invented", "", Object{}}).error().code, Code::tampered);
  EXPECT_FALSE(
      apply(state, plan(), {"writ.step.completed", "a", Object{{"attempt", 2}}}).has_value());
  EXPECT_EQ(state, state_with(running));
}

}  // namespace
}  // namespace writ::execution
