#include "execution/engine.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/json.h"
#include "execution/explain.h"
#include "execution/testing/engine_drives.h"

namespace writ::execution {
namespace {

using protocol::BlockerKind;
using protocol::PlanStep;

TEST(Engine, RunsStepsInOrderAndAttests) {
  EngineRoom room;
  RunId run;
  const Standing at =
      start_and_drive(room, plan_of({step_named("a"), step_named("b"), step_named("c")}), &run);
  EXPECT_EQ(at.outcome, Outcome::attested);
  EXPECT_EQ(room.executor.ran(), (Ran{"a#1", "b#1", "c#1"}));
  const RunState state = room.state_of(run);
  EXPECT_EQ(state.run.status, RunStatus::attested);
  EXPECT_FALSE(state.run.attestation.empty());
  for (const StepState& step : state.steps) EXPECT_EQ(step.status, StepStatus::passed);
}

TEST(Engine, KeepsRowsAndEventsInAgreement) {
  EngineRoom room;
  RunId run;
  room.executor.scripts["b"] = [](const StepContext&) { return failed("exit"); };
  const protocol::Plan plan = plan_of({step_named("a"), step_named("b")});
  start_and_drive(room, plan, &run);
  const auto events = room.ledger->of_run(run);
  ASSERT_TRUE(events.has_value());
  RunState folded;
  for (const ledger::Event& event : *events) {
    const std::string& subject = event.entry.subject;
    const std::size_t at = subject.find("/step/");
    const std::string step = at == std::string::npos ? "" : subject.substr(at + 6);
    const auto payload = parse_json(event.entry.payload);
    ASSERT_TRUE(payload.has_value());
    const auto applied = apply(folded, StepPlaces(plan), {event.entry.type, step, *payload});
    ASSERT_TRUE(applied.has_value()) << applied.error().text();
  }
  EXPECT_TRUE(folded == room.state_of(run));
}

TEST(Engine, StopsAtAFailedStepAndGoesOnAfterResume) {
  EngineRoom room;
  RunId run;
  bool is_mended = false;
  room.executor.scripts["b"] = [&](const StepContext&) {
    return is_mended ? StepResult{} : failed("exit");
  };
  const Standing first =
      start_and_drive(room, plan_of({step_named("a"), step_named("b"), step_named("c")}), &run);
  EXPECT_EQ(first.outcome, Outcome::step_failed);
  EXPECT_EQ(first.step, "b");
  is_mended = true;
  EXPECT_EQ(drive(room, run).outcome, Outcome::attested);
  EXPECT_EQ(room.executor.ran(), (Ran{"a#1", "b#1", "b#2", "c#1"}));
}

TEST(Engine, RetriesOnlyTheNamedFailuresAndOnlySoOften) {
  EngineRoom room;
  PlanStep step = step_named("a");
  step.retry.max = 2;
  step.retry.on = {"timeout"};
  step.retry.backoff = Duration{0};
  room.executor.scripts["a"] = [](const StepContext& c) {
    return failed(c.attempt < 3 ? "timeout" : "exit");
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan_of({step}), &run).outcome, Outcome::step_failed);
  EXPECT_EQ(room.executor.ran(), (Ran{"a#1", "a#2", "a#3"}));
}

TEST(Engine, LeavesAGateShutWithoutEvidence) {
  EngineRoom room;
  RunId run;
  const Standing at = start_and_drive(
      room, plan_of({gated("test", "tests.failed == 0 and tests.passed >= 1")}), &run);
  EXPECT_EQ(at.outcome, Outcome::gate_shut);
  const auto journal = Journal::open(room.journal_deps(), run);
  const auto why = explain(*journal, "test");
  ASSERT_TRUE(why && why->decision);
  EXPECT_FALSE(why->decision->decision.open);
  ASSERT_EQ(why->decision->decision.operands.size(), 2u);
  EXPECT_FALSE(why->decision->decision.operands[0].value.has_value());
}

TEST(Engine, OpensAGateOnFreshEvidence) {
  EngineRoom room;
  room.executor.scripts["test"] = [](const StepContext&) {
    StepResult result;
    result.evidence.push_back(tests_draft(3, 0));
    return result;
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan_of({gated("test", "tests.failed == 0")}), &run).outcome,
            Outcome::attested);
  EXPECT_EQ(room.state_of(run).steps[0].evidence.size(), 1u);
}

TEST(Engine, DoesNotLetEvidenceOfAnotherTreeOpenAGate) {
  EngineRoom room;
  PlanStep gate;
  gate.path = "gate";
  gate.kind = protocol::StepKind::gate;
  gate.gate = gate_of("tests.failed == 0");
  gate.gate_over = {"test"};
  room.executor.scripts["test"] = [](const StepContext&) {
    StepResult result;
    result.evidence.push_back(tests_draft(3, 0));
    return result;
  };
  room.executor.scripts["edit"] = [&](const StepContext&) {
    room.workspace.set("src/a.cc", "int b;");
    return StepResult{};
  };
  RunId run;
  const Standing at =
      start_and_drive(room, plan_of({step_named("test"), step_named("edit"), gate}), &run);
  EXPECT_EQ(at.outcome, Outcome::gate_shut);
  EXPECT_NE(room.state_of(run).steps[2].reason.find("tests.failed"), std::string::npos);
}

TEST(Engine, BlocksOnAFindingAndClearsWhenTheCheckPasses) {
  EngineRoom room;
  PlanStep check = step_named("scan");
  check.kind = protocol::StepKind::check;
  check.blocks = BlockerKind::FIX_REQUIRED;
  bool is_clean = false;
  room.executor.scripts["scan"] = [&](const StepContext&) {
    if (is_clean) return StepResult{};
    StepResult result = failed("check");
    Problem problem;
    problem.file = "src/a.cc";
    problem.at = {3, 1};
    problem.message = "is no good";
    result.problems.push_back(problem);
    return result;
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan_of({check, step_named("b")}), &run).outcome,
            Outcome::blocked);
  const RunState blocked = room.state_of(run);
  ASSERT_EQ(blocked.blockers.size(), 1u);
  EXPECT_EQ(blocked.blockers[0].file, "src/a.cc");
  EXPECT_EQ(blocked.blockers[0].line, 3u);
  EXPECT_TRUE(blocked.blockers[0].is_open);
  is_clean = true;
  EXPECT_EQ(drive(room, run).outcome, Outcome::attested);
  EXPECT_FALSE(room.state_of(run).blockers[0].is_open);
}

TEST(Engine, ReopensOnlyWhatAnEditMadeStale) {
  EngineRoom room;
  PlanStep narrow = step_named("narrow");
  narrow.inputs = {"docs/**"};
  PlanStep wait = step_named("wait");
  wait.kind = protocol::StepKind::wait;
  bool is_mended = false;
  room.executor.scripts["last"] = [&](const StepContext&) {
    return is_mended ? StepResult{} : failed("exit");
  };
  room.workspace.set("docs/a.md", "text");
  RunId run;
  start_and_drive(room, plan_of({step_named("wide"), narrow, wait, step_named("last")}), &run);
  room.workspace.set("src/a.cc", "int edited;");
  is_mended = true;
  EXPECT_EQ(drive(room, run).outcome, Outcome::attested);
  EXPECT_EQ(room.executor.ran(),
            (Ran{"wide#1", "narrow#1", "wait#1", "last#1", "wide#2", "last#2"}));
}

TEST(Engine, TellsWhatIsReopenedAndWhyBeforeItBegins) {
  EngineRoom room;
  ToldProgress progress;
  room.executor.scripts["b"] = [](const StepContext& c) {
    return c.attempt == 1 ? failed("exit") : StepResult{};
  };
  RunId run;
  start_and_drive(room, plan_of({step_named("a"), step_named("b")}), &run);
  room.workspace.set("src/a.cc", "int edited;");
  room.progress = &progress;
  EXPECT_EQ(drive(room, run).outcome, Outcome::attested);
  EXPECT_EQ(progress.told, (Ran{"reopened b: tried again on resume",
                                "reopened a: the tree was edited since it passed", "started a#2",
                                "passed a", "started b#2", "passed b"}));
}

TEST(Engine, TellsOfAnAttemptThatACrashCutOff) {
  EngineRoom room;
  ToldProgress progress;
  room.progress = &progress;
  Engine engine = room.engine();
  const auto run = engine.start(plan_of({step_named("a")}), {"base", "trust", false, "r", {}});
  auto journal = Journal::open(room.journal_deps(), *run);
  ASSERT_TRUE(
      journal->stage(step_started("a", 1, 1, journal->state().run.tree, room.clock.wall())));
  ASSERT_TRUE(journal->flush());
  drive(room, *run);
  EXPECT_EQ(progress.told,
            (Ran{"reopened a: its attempt was interrupted", "started a#2", "passed a"}));
}

TEST(Engine, TellsOfAStepThatIsGivenBackWhenTheRunIsStopped) {
  EngineRoom room;
  ToldProgress progress;
  room.progress = &progress;
  std::stop_source stop;
  Engine engine = room.engine();
  const auto run = engine.start(plan_of({step_named("a")}), {"base", "trust", false, "r", {}});
  room.executor.scripts["a"] = [&](const StepContext&) -> Result<StepResult> {
    stop.request_stop();
    return fail(Code::cancelled, "stopped");
  };
  const auto driven = engine.drive(*run, stop.get_token());
  ASSERT_FALSE(driven.has_value());
  EXPECT_EQ(driven.error().code, Code::cancelled);
  EXPECT_EQ(progress.told, (Ran{"started a#1", "reopened a: interrupted on request"}));
  EXPECT_EQ(room.state_of(*run).steps[0].status, StepStatus::pending);
}

TEST(Engine, RunsNoCompletedStepAgainOnAnUnchangedTree) {
  EngineRoom room;
  room.executor.scripts["c"] = [](const StepContext& c) {
    return c.attempt == 1 ? failed("exit") : StepResult{};
  };
  RunId run;
  start_and_drive(room, plan_of({step_named("a"), step_named("b"), step_named("c")}), &run);
  drive(room, run);
  EXPECT_EQ(room.executor.ran(), (Ran{"a#1", "b#1", "c#1", "c#2"}));
}

TEST(Engine, RunsIndependentStepsSideBySide) {
  EngineRoom room;
  std::mutex mutex;
  std::condition_variable met;
  int inside = 0;
  // Each waits until the other is there too: only side by side can they pass.
  const auto meet = [&](const StepContext&) -> Result<StepResult> {
    std::unique_lock lock(mutex);
    ++inside;
    met.notify_all();
    const bool is_met = met.wait_for(lock, std::chrono::seconds(60), [&] { return inside == 2; });
    return is_met ? StepResult{} : failed("alone");
  };
  room.executor.scripts["left"] = meet;
  room.executor.scripts["right"] = meet;
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan_of({step_named("left"), step_named("right")}, false), &run)
                .outcome,
            Outcome::attested);
}

TEST(Engine, StaysForAWordThatIsSaidWhileItIsPatient) {
  EngineRoom room;
  room.options.patience = Duration{600'000};
  PlanStep port = step_named("port");
  port.kind = protocol::StepKind::external;
  std::jthread agent;  // hands in as soon as it has seen the step wait
  room.executor.scripts["port"] = [&](const StepContext& context) {
    StepResult result;
    if (!context.words.empty()) return result;
    result.verdict = Verdict::waiting;
    agent = std::jthread([&room, run = context.run] {
      while (room.state_of(run).steps[0].status != StepStatus::waiting) std::this_thread::yield();
      hand_in(room, run);
    });
    return result;
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan_of({port, step_named("next")}), &run).outcome,
            Outcome::attested);
  EXPECT_EQ(room.executor.ran(), (std::vector<std::string>{"port#1", "port#1", "next#1"}))
      << "the second look at the step saw the word";
}

// Nobody else may drive the run before: the step would run twice at once.
TEST(Engine, EndsWhatStillRunsBeforeADriveThatFailsGivesTheRunBack) {
  EngineRoom room;
  room.executor.scripts["a"] = [](const StepContext&) -> Result<StepResult> {
    return fail(Code::storage_failed, "the disk is gone");
  };
  room.executor.until_stopped = {"b"};
  Engine engine = room.engine();
  const auto run =
      engine.start(plan_of({step_named("a"), step_named("b")}, false), {"base", "", false, "", {}});
  ASSERT_TRUE(run);
  const auto standing = engine.drive(*run, {});
  ASSERT_FALSE(standing);
  EXPECT_EQ(standing.error().message, "the disk is gone");
  EXPECT_EQ(room.executor.ran(), (std::vector<std::string>{"a#1", "b#1"})) << "`b` has ended";
}

TEST(Engine, LeavesAPatientDriveWhenItIsToldTo) {
  EngineRoom room;
  room.options.patience = Duration{600'000};
  PlanStep port = step_named("port");
  port.kind = protocol::StepKind::external;
  std::stop_source stop;
  std::jthread impatient;
  room.executor.scripts["port"] = [&](const StepContext& context) {
    impatient = std::jthread([&room, &stop, run = context.run] {
      while (room.state_of(run).steps[0].status != StepStatus::waiting) std::this_thread::yield();
      stop.request_stop();
    });
    StepResult result;
    result.verdict = Verdict::waiting;
    return result;
  };
  Engine engine = room.engine();
  const auto run = engine.start(plan_of({port}), {"base", "", false, "", {}});
  ASSERT_TRUE(run);
  const auto standing = engine.drive(*run, stop.get_token());
  ASSERT_FALSE(standing);
  EXPECT_EQ(standing.error().code, Code::cancelled);
  EXPECT_EQ(room.state_of(*run).steps[0].status, StepStatus::waiting);
}

TEST(Engine, BeginsAndJudgesWhatRunsNothingInOneCommitWithWhatCameBefore) {
  EngineRoom room;
  PlanStep review = step_named("review");
  review.kind = protocol::StepKind::approval;
  room.executor.scripts["review"] = [](const StepContext&) {
    StepResult result;
    result.verdict = Verdict::waiting;
    return result;
  };
  Engine engine = room.engine();
  const auto run = engine.start(plan_of({step_named("a"), review}), {"base", "", false, "", {}});
  ASSERT_TRUE(run);
  const std::uint64_t before = room.store->stats().writes;
  const auto standing = engine.drive(*run, {});
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->outcome, Outcome::waiting);
  EXPECT_EQ(standing->seen, room.state_of(*run).run.next_seq);
  EXPECT_EQ(room.store->stats().writes - before, 4u)
      << "the lease, `a` begins, `a` ends and `review` waits, the lease again";
}

TEST(Engine, EndsTheRunAtAHardStop) {
  EngineRoom room;
  room.executor.scripts["a"] = [](const StepContext&) {
    StepResult result = failed("check");
    result.blocker = BlockerKind::HARD_STOP;
    return result;
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan_of({step_named("a")}), &run).outcome, Outcome::stopped);
  EXPECT_EQ(room.state_of(run).run.status, RunStatus::stopped);
}

TEST(Engine, GivesAnInterruptedAttemptBackAndEndsItsOrphans) {
  EngineRoom room;
  Engine engine = room.engine();
  const auto run = engine.start(plan_of({step_named("a")}), {"base", "trust", false, "r", {}});
  auto journal = Journal::open(room.journal_deps(), *run);
  // As a driver leaves it that dies inside the step.
  ASSERT_TRUE(
      journal->stage(step_started("a", 1, 1, journal->state().run.tree, room.clock.wall())));
  ASSERT_TRUE(journal->flush());
  EXPECT_EQ(drive(room, *run).outcome, Outcome::attested);
  EXPECT_EQ(room.orphans, (Ran{run->text() + "/a/1"}));
  EXPECT_EQ(room.executor.ran(), (Ran{"a#2"}));
}

TEST(Engine, AsksBeforeItRepeatsWhatMayNotBeRepeated) {
  EngineRoom room;
  PlanStep step = step_named("a");
  step.is_repeatable = false;
  Engine engine = room.engine();
  const auto run = engine.start(plan_of({step}), {"base", "trust", false, "r", {}});
  auto journal = Journal::open(room.journal_deps(), *run);
  ASSERT_TRUE(
      journal->stage(step_started("a", 1, 1, journal->state().run.tree, room.clock.wall())));
  ASSERT_TRUE(journal->flush());
  EXPECT_EQ(drive(room, *run).outcome, Outcome::blocked);
  EXPECT_TRUE(room.executor.ran().empty());
  EXPECT_EQ(room.state_of(*run).blockers.at(0).kind, BlockerKind::CONTRACT_UNCLEAR);
}

TEST(Engine, LetsOneDriverAtATimeHaveARun) {
  EngineRoom room;
  Engine engine = room.engine();
  const auto run = engine.start(plan_of({step_named("a")}), {"base", "trust", false, "r", {}});
  Owner other = this_process();
  other.host = "another host";
  ASSERT_TRUE(acquire_lease(*room.store, *run, other).has_value());
  const auto refused = engine.drive(*run, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::unavailable);
  room.clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(drive(room, *run).outcome, Outcome::attested);
}

TEST(Engine, ADriverThatLostItsLeaseChangesNothing) {
  EngineRoom room;
  room.executor.scripts["a"] = [&](const StepContext& context) {
    room.clock.advance(std::chrono::seconds(60));
    Owner other = this_process();
    other.host = "another host";
    EXPECT_TRUE(acquire_lease(*room.store, context.run, other).has_value());
    return StepResult{};
  };
  Engine engine = room.engine();
  const auto run = engine.start(plan_of({step_named("a")}), {"base", "trust", false, "r", {}});
  const auto driven = engine.drive(*run, {});
  ASSERT_FALSE(driven.has_value());
  EXPECT_EQ(driven.error().code, Code::lease_lost);
  EXPECT_EQ(room.state_of(*run).steps[0].status, StepStatus::running);
}

TEST(Engine, CancelsARunForGood) {
  EngineRoom room;
  RunId run;
  room.executor.scripts["a"] = [](const StepContext&) { return failed("exit"); };
  start_and_drive(room, plan_of({step_named("a")}), &run);
  ASSERT_TRUE(room.engine().cancel(run).has_value());
  EXPECT_EQ(room.state_of(run).run.status, RunStatus::cancelled);
  EXPECT_EQ(room.engine().cancel(run).error().code, Code::conflict);
}

TEST(Engine, CountsTimeAtWorkAgainstItsBudget) {
  EngineRoom room;
  protocol::Plan plan = plan_of({step_named("a"), step_named("b")});
  plan.budget.active = Duration{1000};
  room.executor.scripts["a"] = [&](const StepContext&) {
    room.clock.advance(std::chrono::seconds(2));
    return StepResult{};
  };
  RunId run;
  EXPECT_EQ(start_and_drive(room, plan, &run).outcome, Outcome::gate_shut);
}

TEST(Engine, DoesNotAttestWhatIsNotProved) {
  EngineRoom room;
  room.attestor->unproved = "tests_prove_contracts";
  const Standing at = start_and_drive(room, plan_of({step_named("a")}));
  EXPECT_EQ(at.outcome, Outcome::gate_shut);
  EXPECT_EQ(at.detail, "tests_prove_contracts");
}

}  // namespace
}  // namespace writ::execution
