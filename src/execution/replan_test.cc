#include "execution/replan.h"

#include <gtest/gtest.h>

#include "execution/testing/engine_room.h"
#include "execution/testing/interrupted_store.h"

namespace writ::execution {
namespace {

using protocol::Plan;
using protocol::PlanStep;
using Ran = std::vector<std::string>;

const RunBinding kBinding{"base", "trust", false, "runner", {}};

StepResult with_tests() {
  StepResult result;
  evidence::Draft draft;
  draft.kind = evidence::Kind::tests;
  draft.name = "junit.xml";
  draft.data = Object{{"proves", Array{}}};
  draft.facts = {{"tests.failed", Value(0)}};
  result.evidence.push_back(std::move(draft));
  return result;
}

// a passes with evidence, b passes, c fails: the run to be superseded.
Plan old_plan() { return plan_of({step_named("a"), step_named("b"), step_named("c")}); }

RunId start_old_run(EngineRoom& room) {
  room.executor.scripts["a"] = [](const StepContext&) { return with_tests(); };
  room.executor.scripts["c"] = [](const StepContext&) {
    StepResult result;
    result.verdict = Verdict::failed;
    return result;
  };
  Engine engine = room.engine();
  const auto run = engine.start(old_plan(), kBinding);
  EXPECT_EQ(engine.drive(*run, {})->outcome, Outcome::step_failed);
  return *run;
}

// The last step, or the named one, is defined anew.
Plan edited_plan(std::size_t step = 2) {
  Plan plan = old_plan();
  plan.steps[step].title = "edited";
  plan.spec_digest = crypto::sha256("edited spec").hex();
  return plan;
}

Result<RunId> supersede_in(EngineRoom& room, RunId run, Plan plan) {
  Engine engine = room.engine();
  return supersede(room.journal_deps(), engine, run, std::move(plan), kBinding);
}

std::vector<RunRow> runs_with(EngineRoom& room, RunStatus status) {
  std::vector<RunRow> out;
  const auto runs = list_runs(*room.store, 10);
  EXPECT_TRUE(runs.has_value());
  for (const RunRow& row : *runs) {
    if (row.status == status) out.push_back(row);
  }
  return out;
}

TEST(Supersede, AdoptsWhatPassedAndIsDefinedAsItWas) {
  EngineRoom room;
  const RunId old_run = start_old_run(room);
  const auto new_run = supersede_in(room, old_run, edited_plan());
  ASSERT_TRUE(new_run.has_value()) << new_run.error().text();
  const RunState state = room.state_of(*new_run);
  EXPECT_EQ(state.run.supersedes, old_run);
  EXPECT_EQ(state.steps[0].status, StepStatus::passed);
  EXPECT_EQ(state.steps[0].adopted, old_run);
  EXPECT_EQ(state.steps[1].adopted, old_run);
  EXPECT_EQ(state.steps[2].status, StepStatus::pending);
  EXPECT_EQ(state.steps[2].attempt, 0u);
  const RunState old_state = room.state_of(old_run);
  EXPECT_EQ(old_state.run.status, RunStatus::superseded);
  EXPECT_EQ(old_state.run.superseded_by, *new_run);
}

TEST(Supersede, BringsTheEvidenceAlongUnderTheNewRunsName) {
  EngineRoom room;
  const RunId old_run = start_old_run(room);
  const auto new_run = supersede_in(room, old_run, edited_plan());
  ASSERT_TRUE(new_run.has_value());
  const auto journal = Journal::open(room.journal_deps(), *new_run);
  const auto records = journal->evidence();
  ASSERT_TRUE(records.has_value());
  ASSERT_EQ(records->size(), 1u);
  EXPECT_EQ(records->at(0).run, *new_run);
  EXPECT_EQ(records->at(0).step, "a");
  ASSERT_EQ(journal->state().steps[0].evidence.size(), 1u);
  EXPECT_EQ(journal->state().steps[0].evidence[0].id, records->at(0).id);
  EXPECT_EQ(journal->state().steps[0].evidence[0].digest, records->at(0).digest().hex());
}

TEST(Supersede, DoesNotAdoptWhatDependsOnAnEditedStep) {
  EngineRoom room;
  const RunId old_run = start_old_run(room);
  const auto new_run = supersede_in(room, old_run, edited_plan(0));
  ASSERT_TRUE(new_run.has_value());
  for (const StepState& step : room.state_of(*new_run).steps) {
    EXPECT_EQ(step.status, StepStatus::pending);
    EXPECT_FALSE(step.adopted.has_value());
  }
}

TEST(Supersede, RunsOnlyWhatItDidNotAdopt) {
  EngineRoom room;
  const auto new_run = supersede_in(room, start_old_run(room), edited_plan());
  room.executor.scripts.erase("c");
  EXPECT_EQ(room.engine().drive(*new_run, {})->outcome, Outcome::attested);
  EXPECT_EQ(room.executor.ran(), (Ran{"a#1", "b#1", "c#1", "c#1"}));
}

TEST(Supersede, RefusesTheSamePlanAndAnEndedRunAndLeavesNoLease) {
  EngineRoom room;
  const RunId run = start_old_run(room);
  const auto same = supersede_in(room, run, old_plan());
  ASSERT_FALSE(same.has_value());
  EXPECT_EQ(same.error().code, Code::conflict);
  EXPECT_NE(same.error().message.find("has not changed"), std::string::npos);
  ASSERT_TRUE(room.engine().cancel(run).has_value());
  const auto ended = supersede_in(room, run, edited_plan());
  ASSERT_FALSE(ended.has_value());
  EXPECT_NE(ended.error().message.find("has ended"), std::string::npos);
  Owner other = this_process();
  other.host = "another host";
  EXPECT_TRUE(acquire_lease(*room.store, run, other).has_value());
  EXPECT_EQ(list_runs(*room.store, 10)->size(), 1u);
}

// Whichever commit is the last: one run is active, it is the newest, and the same words go on.
TEST(Supersede, LeavesOneActiveRunWhereverItIsInterrupted) {
  bool is_done = false;
  for (std::size_t writes = 0; !is_done; ++writes) {
    ASSERT_LT(writes, 20u);
    EngineRoom room;
    const RunId old_run = start_old_run(room);
    InterruptedStore store(*room.store, writes);
    JournalDeps deps{store, *room.blobs, *room.ledger, room.clock, "writ:project/test", "key:test"};
    Engine engine = room.engine();
    const auto first = supersede(deps, engine, old_run, edited_plan(), kBinding);
    is_done = !store.is_interrupted();
    const std::vector<RunRow> active = runs_with(room, RunStatus::active);
    ASSERT_EQ(active.size(), 1u) << "after " << writes << " writes";
    EXPECT_EQ(*latest_run(*room.store), active[0].id);
    const bool is_over = active[0].id != old_run;
    EXPECT_EQ(active[0].supersedes.has_value(), is_over);
    EXPECT_EQ(runs_with(room, RunStatus::superseded).size(), is_over ? 1u : 0u);
    if (!is_over) {
      EXPECT_TRUE(supersede_in(room, old_run, edited_plan()).has_value());
    }
    EXPECT_EQ(runs_with(room, RunStatus::superseded).at(0).id, old_run);
    EXPECT_EQ(list_runs(*room.store, 10)->size(), 2u);
  }
}

TEST(Supersede, GivesUpWhenSomebodyActsOnTheOldRunMeanwhile) {
  EngineRoom room;
  const RunId old_run = start_old_run(room);
  auto first = Journal::open(room.journal_deps(), old_run);
  auto second = room.engine().prepare(edited_plan(), kBinding);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->stage(run_ended(RunStatus::superseded, "", second->state().run.id)));
  auto meanwhile = Journal::open(room.journal_deps(), old_run);
  ASSERT_TRUE(meanwhile->stage(tree_observed("ab")));
  ASSERT_TRUE(meanwhile->flush());
  const auto flushed = Journal::flush_together(*first, *second, nullptr);
  ASSERT_FALSE(flushed.has_value());
  EXPECT_EQ(flushed.error().code, Code::conflict);
  EXPECT_EQ(first->state().run.status, RunStatus::active);
  EXPECT_FALSE(first->has_staged());
  EXPECT_EQ(list_runs(*room.store, 10)->size(), 1u);
}

}  // namespace
}  // namespace writ::execution
