#include "execution/recover.h"

#include <gtest/gtest.h>

#include "execution/run_rows.h"
#include "execution/testing/engine_room.h"

namespace writ::execution {
namespace {

using protocol::BlockerKind;
using protocol::PlanStep;
using protocol::StepKind;

// A run of which nothing has happened yet, and what ended the orphans of its attempts.
struct Recovery {
  EngineRoom room;
  std::unique_ptr<EngineDeps> deps;
  std::vector<std::string> ended;  // "token pid ticks"

  Recovery() {
    deps = std::make_unique<EngineDeps>(EngineDeps{
        room.journal_deps(),
        room.workspace,
        {},
        room.random,
        *room.attestor,
        room.quiet,
        [this](const std::string& token, int pid, std::uint64_t ticks) -> Result<std::size_t> {
          ended.push_back(token + " " + std::to_string(pid) + " " + std::to_string(ticks));
          return std::size_t{0};
        },
        {}});
  }
  Journal start(std::vector<PlanStep> steps) {
    auto journal = room.engine().prepare(plan_of(std::move(steps), false),
                                         {"base", "trust", false, "runner", {}});
    EXPECT_TRUE(journal.has_value());
    EXPECT_TRUE(journal->flush().has_value());
    return *std::move(journal);
  }
};

void begin(Journal& journal, std::string_view step, std::uint32_t attempt = 1) {
  ASSERT_TRUE(journal.stage(step_started(step, attempt, 1, journal.state().run.tree, {})));
}

// The step begins and ends so.
void come_to(Journal& journal, std::string_view step, StepStatus status, std::string failure = {}) {
  begin(journal, step);
  Completion completion;
  completion.status = status;
  completion.tree_before = journal.state().run.tree;
  completion.failure = std::move(failure);
  ASSERT_TRUE(journal.stage(step_completed(step, 1, completion)));
}

StepStatus status_of(const Journal& journal, std::string_view step) {
  return journal.state().steps.at(journal.plan().find(step)).status;
}

TEST(Recover, EndsTheProcessesOfWhatWasCutOffAndReopensIt) {
  Recovery it;
  Journal journal = it.start({step_named("a"), step_named("b")});
  begin(journal, "a");
  const RunId run = journal.state().run.id;
  ASSERT_TRUE(
      it.room.store->write([&](store::Tx& tx) { return put_process(tx, run, 0, {4711, 99}); }));
  ASSERT_TRUE(recover_interrupted(*it.deps, journal));
  EXPECT_EQ(it.ended, std::vector<std::string>{run.text() + "/a/1 4711 99"});
  EXPECT_EQ(status_of(journal, "a"), StepStatus::pending);
  EXPECT_EQ(journal.state().steps[0].reason, "its attempt was interrupted");
  EXPECT_EQ(journal.state().steps[0].tree_before, journal.state().run.tree)
      << "what it did to the tree is the next attempt's to answer for";
}

TEST(Recover, BlocksWhatMayNotBeRepeated) {
  Recovery it;
  PlanStep step = step_named("a");
  step.is_repeatable = false;
  Journal journal = it.start({step});
  begin(journal, "a");
  ASSERT_TRUE(recover_interrupted(*it.deps, journal));
  EXPECT_EQ(it.ended.size(), 1u);
  EXPECT_EQ(status_of(journal, "a"), StepStatus::blocked);
  const Blocker* blocker = journal.state().open_blocker("a");
  ASSERT_NE(blocker, nullptr);
  EXPECT_EQ(blocker->kind, BlockerKind::CONTRACT_UNCLEAR);
  EXPECT_EQ(blocker->attempt, 1u);
  // Nothing but somebody's word opens it again.
  ASSERT_TRUE(reopen_for_another_try(journal));
  EXPECT_EQ(status_of(journal, "a"), StepStatus::blocked);
  ASSERT_TRUE(journal.stage(blocker_resolved(blocker->id, "alice")));
  ASSERT_TRUE(reopen_for_another_try(journal));
  EXPECT_EQ(status_of(journal, "a"), StepStatus::pending);
  EXPECT_EQ(journal.state().steps[0].tree_before, journal.state().run.tree);
}

TEST(Recover, ReopensWhatAResumeMayTryAgainAndNothingElse) {
  Recovery it;
  Journal journal =
      it.start({step_named("passed"), step_named("failed"), step_named("shut"), step_named("fix"),
                step_named("spec"), step_named("waiting"), step_named("pending")});
  come_to(journal, "passed", StepStatus::passed);
  come_to(journal, "failed", StepStatus::failed);
  come_to(journal, "shut", StepStatus::shut);
  for (const auto& [step, kind] : {std::pair{"fix", BlockerKind::FIX_REQUIRED},
                                   std::pair{"spec", BlockerKind::SPEC_BLOCKER}}) {
    come_to(journal, step, StepStatus::blocked);
    Blocker blocker;
    blocker.id = {Uuid::v5(kWritNamespace, step)};
    blocker.kind = kind;
    blocker.step = step;
    ASSERT_TRUE(journal.stage(blocker_raised(blocker)));
  }
  begin(journal, "waiting");
  ASSERT_TRUE(journal.stage(step_waiting("waiting", 1, "for you", {})));
  ASSERT_TRUE(reopen_for_another_try(journal));
  const std::pair<const char*, StepStatus> expected[] = {
      {"passed", StepStatus::passed},  {"failed", StepStatus::pending},
      {"shut", StepStatus::pending},   {"fix", StepStatus::pending},
      {"spec", StepStatus::blocked},   {"waiting", StepStatus::waiting},
      {"pending", StepStatus::pending}};
  for (const auto& [step, status] : expected) EXPECT_EQ(status_of(journal, step), status) << step;
}

TEST(Recover, KnowsWhichAttemptsLeaveAChangeToAnswerFor) {
  PlanStep writer = step_named("a");
  PlanStep reader = step_named("b");
  reader.writes_tree = false;
  struct Case {
    StepStatus status;
    const char* failure;
    bool is_owed;
  };
  const Case cases[] = {
      {StepStatus::running, "", true},      {StepStatus::waiting, "", true},
      {StepStatus::blocked, "scope", true}, {StepStatus::blocked, "interrupted", true},
      {StepStatus::shut, "scope", true},    {StepStatus::failed, "exit", false},
      {StepStatus::passed, "", false},      {StepStatus::shut, "", false},
  };
  for (const Case& c : cases) {
    StepState state;
    state.status = c.status;
    state.failure = c.failure;
    state.tree_before = "01";
    EXPECT_EQ(change_owed_by(writer, state), c.is_owed ? "01" : "") << status_name(c.status);
    EXPECT_EQ(change_owed_by(reader, state), "") << status_name(c.status);
  }
}

class ReconcileTest : public testing::Test {
 protected:
  // Every step has passed on the tree as it is.
  void pass_all(std::vector<PlanStep> steps) {
    journal_.emplace(it_.start(std::move(steps)));
    const Tree tree = *it_.room.workspace.tree();
    for (const PlanStep& step : journal_->plan().steps) {
      begin(*journal_, step.path);
      Completion completion;
      completion.tree_after = tree.digest.hex();
      if (!step.inputs.empty()) completion.inputs = digest_of(tree, step.inputs).hex();
      ASSERT_TRUE(journal_->stage(step_completed(step.path, 1, completion)));
    }
    ASSERT_TRUE(journal_->flush());
  }
  void reconcile() { ASSERT_TRUE(reconcile_tree(*journal_, *it_.room.workspace.tree())); }

  Recovery it_;
  std::optional<Journal> journal_;
};

TEST_F(ReconcileTest, StagesNothingOnTheTreeThatTheRunKnows) {
  pass_all({step_named("a")});
  reconcile();
  EXPECT_FALSE(journal_->has_staged());
}

TEST_F(ReconcileTest, ReopensWhatLooksAtTheEditedPart) {
  PlanStep narrow = step_named("narrow");
  narrow.inputs = {"docs/**"};
  PlanStep source = step_named("source");
  source.inputs = {"src/**"};
  PlanStep wait = step_named("wait");
  wait.kind = StepKind::wait;
  PlanStep approval = step_named("approval");
  approval.kind = StepKind::approval;
  PlanStep agent = step_named("agent");
  agent.kind = StepKind::external;
  it_.room.workspace.set("docs/a.md", "text");
  pass_all({step_named("wide"), narrow, source, wait, approval, agent});
  it_.room.workspace.set("src/a.cc", "int edited;");
  reconcile();
  const std::pair<const char*, StepStatus> expected[] = {
      {"wide", StepStatus::pending},     {"narrow", StepStatus::passed},
      {"source", StepStatus::pending},   {"wait", StepStatus::passed},
      {"approval", StepStatus::pending}, {"agent", StepStatus::passed}};
  for (const auto& [step, status] : expected) EXPECT_EQ(status_of(*journal_, step), status) << step;
  EXPECT_EQ(journal_->state().steps[0].reason, "the tree was edited since it passed");
  EXPECT_EQ(journal_->state().run.tree, it_.room.workspace.tree()->digest.hex());
}

TEST_F(ReconcileTest, TakesAnEditForTheWorkOfAnAgentThatIsAtIt) {
  PlanStep agent = step_named("agent");
  agent.kind = StepKind::external;
  journal_.emplace(it_.start({step_named("a"), agent}));
  come_to(*journal_, "a", StepStatus::passed);
  begin(*journal_, "agent");
  ASSERT_TRUE(journal_->stage(step_waiting("agent", 1, "for evidence", {})));
  it_.room.workspace.set("src/a.cc", "int edited;");
  reconcile();
  EXPECT_EQ(status_of(*journal_, "a"), StepStatus::passed);
  EXPECT_EQ(journal_->state().run.tree, it_.room.workspace.tree()->digest.hex());
}

}  // namespace
}  // namespace writ::execution
