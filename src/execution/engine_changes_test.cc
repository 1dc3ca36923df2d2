// What a step did to the tree, held to the scope, the law of one file a step and the budget,
// however often it was tried and whichever process was there.
#include <gtest/gtest.h>

#include "execution/engine.h"
#include "execution/testing/engine_drives.h"

namespace writ::execution {
namespace {

using protocol::BlockerKind;
using protocol::PlanStep;

// A step of an outside agent under a law of one file a step; the drive that starts it is over.
RunId start_agents_step(EngineRoom& room) {
  PlanStep step = step_named("port");
  step.kind = protocol::StepKind::external;
  protocol::Plan plan = plan_of({step});
  plan.scope.sequential = true;
  plan.scope.is_locked = true;
  plan.scope.may_change = {"src/**"};
  // As the executor of such steps: it waits until there is a word.
  room.executor.scripts["port"] = [](const StepContext& context) {
    StepResult result;
    if (context.words.empty()) result.verdict = Verdict::waiting;
    return result;
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan, &run).outcome, Outcome::waiting);
  return run;
}

TEST(Engine, RefusesAWriteOutsideTheScope) {
  EngineRoom room;
  protocol::Plan plan = plan_of({step_named("a")});
  plan.scope.is_locked = true;
  plan.scope.may_change = {"src/a.cc"};
  room.executor.scripts["a"] = [&](const StepContext&) {
    room.workspace.set("src/secret.cc", "int x;");
    return StepResult{};
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan, &run).outcome, Outcome::blocked);
  EXPECT_EQ(room.state_of(run).blockers.at(0).file, "src/secret.cc");
}

TEST(Engine, RefusesAWriteByAStepThatMayNotWrite) {
  EngineRoom room;
  PlanStep step = step_named("a");
  step.writes_tree = false;
  step.stage = "validate";
  room.executor.scripts["a"] = [&](const StepContext&) {
    room.workspace.set("src/a.cc", "int x;");
    return StepResult{};
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan_of({step}), &run).outcome, Outcome::step_failed);
  EXPECT_NE(room.state_of(run).steps[0].reason.find("src/a.cc"), std::string::npos);
}

TEST(Engine, LetsOnlyOneFileChangeAStepWhereTheLawIsSequential) {
  EngineRoom room;
  protocol::Plan plan = plan_of({step_named("a")});
  plan.scope.sequential = true;
  room.executor.scripts["a"] = [&](const StepContext&) {
    room.workspace.set("src/b.cc", "int b;");
    room.workspace.set("src/c.cc", "int c;");
    return StepResult{};
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan, &run).outcome, Outcome::blocked);
}

TEST(Engine, CountsWhatAnAgentChangedWhileNoProcessWasThere) {
  EngineRoom room;
  const RunId run = start_agents_step(room);
  room.workspace.set("src/b.cc", "int b;");
  room.workspace.set("src/c.cc", "int c;");
  hand_in(room, run);
  EXPECT_EQ(drive(room, run).outcome, Outcome::blocked);
  const RunState state = room.state_of(run);
  EXPECT_EQ(state.steps[0].reason,
            "it changed 2 files and the law allows one a step: src/b.cc, src/c.cc");
  ASSERT_EQ(state.blockers.size(), 1u);
  EXPECT_EQ(state.blockers[0].file, "src/b.cc");
  EXPECT_EQ(state.blockers[0].kind, BlockerKind::FIX_REQUIRED);
}

TEST(Engine, TakesOneFileOfAnAgentAfterARestart) {
  EngineRoom room;
  const RunId run = start_agents_step(room);
  room.workspace.set("src/b.cc", "int b;");
  hand_in(room, run);
  EXPECT_EQ(drive(room, run).outcome, Outcome::attested);
}

TEST(Engine, HoldsAnAgentToTheScopeAfterARestart) {
  EngineRoom room;
  const RunId run = start_agents_step(room);
  room.workspace.set("docs/plan.md", "mine");
  hand_in(room, run);
  EXPECT_EQ(drive(room, run).outcome, Outcome::blocked);
  EXPECT_EQ(room.state_of(run).blockers.at(0).file, "docs/plan.md");
}

TEST(Engine, DoesNotForgetARefusedChangeAtTheNextAttempt) {
  EngineRoom room;
  const RunId run = start_agents_step(room);
  room.workspace.set("src/b.cc", "int b;");
  room.workspace.set("src/c.cc", "int c;");
  hand_in(room, run);
  EXPECT_EQ(drive(room, run).outcome, Outcome::blocked);
  EXPECT_EQ(drive(room, run).outcome, Outcome::waiting);
  hand_in(room, run);
  EXPECT_EQ(drive(room, run).outcome, Outcome::blocked) << "the same two files once more";
  EXPECT_EQ(drive(room, run).outcome, Outcome::waiting);
  room.workspace.remove("src/c.cc");
  hand_in(room, run);
  EXPECT_EQ(drive(room, run).outcome, Outcome::attested);
  EXPECT_EQ(room.state_of(run).steps[0].attempt, 3u);
}

TEST(Engine, DoesNotLetASecondAttemptHideAWriteOutsideTheScope) {
  EngineRoom room;
  protocol::Plan plan = plan_of({step_named("a")});
  plan.scope.is_locked = true;
  plan.scope.may_change = {"src/a.cc"};
  // Writes once, fails, and finds its work done when it is tried again.
  room.executor.scripts["a"] = [&](const StepContext& context) {
    room.workspace.set("src/secret.cc", "int x;");
    return context.attempt == 1 ? failed("exit") : StepResult{};
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan, &run).outcome, Outcome::blocked);
  EXPECT_EQ(room.state_of(run).steps[0].reason,
            "said so; src/secret.cc is new and not among the spec's allowed_new_files");
  EXPECT_EQ(drive(room, run).outcome, Outcome::blocked);
  room.workspace.remove("src/secret.cc");
  room.executor.scripts.erase("a");
  EXPECT_EQ(drive(room, run).outcome, Outcome::attested);
}

TEST(Engine, CountsWhatACutOffAttemptChanged) {
  EngineRoom room;
  protocol::Plan plan = plan_of({step_named("a")});
  plan.scope.is_locked = true;
  plan.scope.may_change = {"src/a.cc"};
  Engine engine = room.engine();
  const auto run = engine.start(plan, {"base", "trust", false, "r", {}});
  auto journal = Journal::open(room.journal_deps(), *run);
  ASSERT_TRUE(
      journal->stage(step_started("a", 1, 1, journal->state().run.tree, room.clock.wall())));
  ASSERT_TRUE(journal->flush());
  room.workspace.set("src/secret.cc", "int x;");
  EXPECT_EQ(drive(room, *run).outcome, Outcome::blocked);
  EXPECT_EQ(room.state_of(*run).blockers.at(0).file, "src/secret.cc");
}

TEST(Engine, HoldsARunToItsBudgetOfSizeHoweverOftenItIsTried) {
  EngineRoom room;
  protocol::Plan plan = plan_of({step_named("a")});
  plan.budget.max_files = 1;
  room.executor.scripts["a"] = [&](const StepContext&) {
    room.workspace.set("src/b.cc", "int b;");
    room.workspace.set("src/c.cc", "int c;");
    return StepResult{};
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan, &run).outcome, Outcome::gate_shut);
  EXPECT_EQ(room.state_of(run).steps[0].reason,
            "over budget: max_files is 2 changed files, allowed is 1");
  EXPECT_EQ(drive(room, run).outcome, Outcome::gate_shut);
}

}  // namespace
}  // namespace writ::execution
