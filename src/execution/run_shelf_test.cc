#include "execution/run_shelf.h"

#include <gtest/gtest.h>

#include <utility>

#include "execution/run_rows.h"
#include "execution/testing/engine_drives.h"
#include "execution/testing/engine_room.h"
#include "store/key.h"

namespace writ::execution {
namespace {

constexpr store::Table kSteps{"run_step"};

RunId started(EngineRoom& room) {
  Engine engine = room.engine();
  return *engine.start(plan_of({step_named("a"), step_named("b")}),
                       {"base", "trust", false, "r", {}});
}

std::string row_of(EngineRoom& room, RunId run, std::size_t index) {
  const std::string key = store::Key().id(run).number(index).take();
  return **room.store->read([&](store::Tx& tx) { return tx.get(kSteps, key); });
}

void put_row(EngineRoom& room, RunId run, std::size_t index, const std::string& row) {
  const std::string key = store::Key().id(run).number(index).take();
  ASSERT_TRUE(room.store->write([&](store::Tx& tx) { return tx.put(kSteps, key, row); }));
}

TEST(RunShelf, HasAStateAsTheStoreHasItNow) {
  EngineRoom room;
  RunShelf shelf;
  const RunId run = started(room);
  const auto before = shelf.state(*room.store, run);
  ASSERT_TRUE(before);
  EXPECT_EQ((*before)->steps[0].status, StepStatus::pending);
  ASSERT_TRUE(room.engine().drive(run, {}));
  const auto after = shelf.state(*room.store, run);
  ASSERT_TRUE(after);
  EXPECT_EQ((*after)->steps[0].status, StepStatus::passed);
  EXPECT_EQ(**after, room.state_of(run));
  EXPECT_EQ((*before)->steps[0].status, StepStatus::pending) << "who has it keeps it";
}

// Something happens to the run, and to no row of a step.
void note(EngineRoom& room, RunId run) {
  auto journal = Journal::open(room.journal_deps(), run);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->stage(statement_recorded("writ.approval.refused", "a", 1, "key", "digest")));
  ASSERT_TRUE(journal->flush());
}

TEST(RunShelf, FindsARowThatWasChangedOnceSomethingHappensThoughItKnewTheState) {
  EngineRoom room;
  RunShelf shelf;
  const RunId run = started(room);
  ASSERT_TRUE(shelf.state(*room.store, run));
  note(room, run);
  const std::string as_written = row_of(room, run, 1);
  put_row(room, run, 1, as_written + " ");
  const auto changed = shelf.state(*room.store, run);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::tampered);
  put_row(room, run, 1, as_written);
  EXPECT_TRUE(shelf.state(*room.store, run));
}

TEST(RunShelf, FindsARowThatIsGoneOnceSomethingHappens) {
  EngineRoom room;
  RunShelf shelf;
  const RunId run = started(room);
  ASSERT_TRUE(shelf.state(*room.store, run));
  note(room, run);
  const std::string key = store::Key().id(run).number(1).take();
  ASSERT_TRUE(room.store->write([&](store::Tx& tx) { return tx.erase(kSteps, key); }));
  JournalDeps deps = room.journal_deps();
  deps.shelf = &shelf;
  EXPECT_EQ(Journal::open(deps, run).error().code, Code::tampered);
}

TEST(RunShelf, BelievesNoStateThatTheRowsContradict) {
  EngineRoom room;
  RunShelf shelf;
  const RunId run = started(room);
  RunState older = **shelf.state(*room.store, run);
  ASSERT_TRUE(room.engine().drive(run, {}));
  shelf.keep(std::make_shared<const RunState>(older));
  EXPECT_EQ(**shelf.state(*room.store, run), room.state_of(run)) << "of an earlier event";
  older.run = room.state_of(run).run;
  older.run.tree = "another";
  shelf.keep(std::make_shared<const RunState>(older));
  EXPECT_EQ(**shelf.state(*room.store, run), room.state_of(run)) << "of another history";
}

TEST(RunShelf, KnowsMoreRunsThanItKeeps) {
  EngineRoom room;
  RunShelf shelf;
  std::vector<RunId> runs;
  for (int i = 0; i < 70; ++i) runs.push_back(started(room));
  for (int round = 0; round < 2; ++round) {
    for (const RunId run : runs) {
      const auto state = shelf.state(*room.store, run);
      ASSERT_TRUE(state);
      EXPECT_EQ((*state)->run.id, run);
    }
  }
}

}  // namespace
}  // namespace writ::execution
