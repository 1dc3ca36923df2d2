#pragma once
// The one place where a run changes. Transitions are staged (folded into the state in memory) and
// flushed together: one transaction holds the rows, the events, the evidence, the decisions and
// the blob references, or none of them.
//
// Several processes may write one run (a driver, and somebody who approves): a flush that finds
// newer events reloads the run, folds its own transitions again, and fails with `conflict` only
// when they no longer can follow.
//
// One thread at a time.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "evidence/record.h"
#include "execution/lease.h"
#include "execution/run_shelf.h"
#include "execution/state.h"
#include "execution/transition.h"
#include "ledger/prepared_entry.h"
#include "protocol/plan.h"
#include "store/blob_store.h"
#include "store/store.h"

namespace writ::identity {
struct SignedAct;
}
namespace writ::ledger {
class Ledger;
}

namespace writ::execution {

// A gate's decision with all that it was made from, kept so that it can be replayed.
struct DecisionRecord {
  std::string step;
  std::uint32_t attempt = 0;
  policy::Gate gate;
  policy::Facts facts;
  policy::Decision decision;

  Value to_value() const;
  // Errors: tampered.
  static Result<DecisionRecord> from_value(const Value& value);
  Result<std::string> digest() const;  // hex SHA-256 of the canonical value
};

// A signed statement as it is kept: the DSSE envelope's JSON and what it was found to say.
struct StatementRow {
  std::string step;
  std::uint32_t attempt = 0;
  std::string kind;  // approval | rejection | resolution | submission
  std::string key_id;
  std::string tree;
  std::string envelope;
  WallTime at;  // when it was received
  // What it says, where it was verified in this process a moment ago; a row that is read has none.
  std::shared_ptr<const identity::SignedAct> verified = nullptr;
};

// What hangs on staged transitions and commits with them.
struct Attachments {
  std::vector<evidence::Record> records;
  std::vector<DecisionRecord> decisions;
  std::vector<StatementRow> statements;
  std::vector<store::BlobRef> blobs;  // referenced beside those of `records`
};

struct JournalDeps {
  store::Store& store;
  store::BlobStore& blobs;
  ledger::Ledger& ledger;
  const Clock& clock;
  std::string source;         // of the events: "writ:project/<uuid>"
  std::string actor;          // "key:<id>" of who acts where an event does not tell
  std::string tool = {};      // program and version: "writ/0.1.0"
  RunShelf* shelf = nullptr;  // borrowed; what is read again is taken from it
};

class Journal {
 public:
  // Stores the plan and stages run.started; nothing is durable before the first flush.
  static Result<Journal> create(const JournalDeps& deps, protocol::Plan plan, const RunRow& row);
  // Errors: not_found, tampered (rows that cannot be read).
  static Result<Journal> open(const JournalDeps& deps, RunId run);

  const protocol::Plan& plan() const { return *plan_; }
  const RunState& state() const { return state_; }

  // Folds into the state. Errors: conflict (then nothing was folded).
  Result<void> stage(Transition transition);
  void attach(Attachments attachments);
  // Makes all that is staged durable; with a lease, only while it is still held.
  // On an error the state is as it was after the last flush. Errors: lease_lost, conflict,
  // storage_failed.
  Result<void> flush(const Lease* lease = nullptr);
  // The same for two runs in one transaction: both change or neither does. `lease` is the first
  // one's. A conflict is not folded again: what is said of two runs was made from both.
  static Result<void> flush_together(Journal& first, Journal& second, const Lease* lease);
  bool has_staged() const { return !staged_.empty(); }
  std::span<const Transition> staged() const { return staged_; }
  // The steps that may stand otherwise than at the last call, the first time all of them.
  std::vector<std::size_t> take_changed();
  // How the run stands now, dropping what is staged.
  Result<void> reload();
  // Whether a flush found that somebody else had written to the run, since this was last asked.
  bool take_overtaken() { return std::exchange(is_overtaken_, false); }

  // All of the run's evidence, decisions and statements, by step and attempt.
  Result<std::vector<evidence::Record>> evidence() const;
  Result<std::vector<DecisionRecord>> decisions() const;
  Result<std::vector<StatementRow>> statements() const;
  // Those said of one step, those that are attached with them.
  Result<std::vector<StatementRow>> statements(std::string_view step) const;
  // Whether somebody else has written to the run since it was read.
  Result<bool> has_moved() const;

 private:
  Journal(const JournalDeps& deps, std::shared_ptr<const protocol::Plan> plan);
  // How what staged transitions changed stood at the last flush.
  struct Undo {
    struct Head {
      RunRow run;
      std::vector<Blocker> blockers;
    };
    std::unique_ptr<Head> head;  // null: nothing is staged
    std::vector<std::pair<std::size_t, StepState>> steps;
  };
  Undo undo_for(std::size_t index) const;
  void remember(Undo before);
  // What is staged, as the transaction of a flush takes it.
  struct Batch {
    std::uint64_t expected_next = 0;  // number of the run's next event; 0: there is no such run yet
    std::vector<ledger::Entry> entries;
    std::vector<ledger::PreparedEntry> prepared;  // points into `entries`
  };
  Result<Batch> batch() const;
  ledger::EventContext origin() const;
  Result<void> write(store::Tx& tx, Batch& batch, const Lease* lease) const;
  Result<void> write_rows(store::Tx& tx) const;
  void keep_staged();  // it is durable now
  void drop_staged();  // back to what is durable

  std::unique_ptr<JournalDeps> deps_;  // stable: closures refer to it
  std::shared_ptr<const protocol::Plan> plan_;
  StepPlaces places_;
  RunState state_;
  Undo undo_;  // of what is staged
  std::vector<Transition> staged_;
  std::vector<std::size_t> touched_;  // indices of steps that staged transitions changed
  std::vector<std::size_t> changed_;  // likewise, since take_changed
  bool is_all_changed_ = true;
  bool is_overtaken_ = false;
  Attachments attachments_;
  bool is_new_ = false;
};

// How a run stands, without its plan. Errors: not_found, tampered.
Result<RunState> read_run_state(store::Store& store, RunId run);
// The number of the run's next event; 0: there is no such run.
Result<std::uint64_t> next_event(store::Store& store, RunId run);
// Where words are kept: what to watch for who waits for one.
store::Table statement_table();

// The newest run that somebody started (child runs aside), or nothing when there is none.
Result<std::optional<RunId>> latest_run(store::Store& store);
// Newest first, child runs before all others.
Result<std::vector<RunRow>> list_runs(store::Store& store, std::size_t limit);
// Of each spec the newest of these: what earlier ones left open stands in it.
Result<std::vector<RunRow>> newest_of_each_spec(store::Store& store, std::size_t limit);
// The plan with this digest. Errors: not_found, tampered.
Result<protocol::Plan> load_stored_plan(store::Store& store, std::string_view digest);

std::vector<store::Migration> execution_migrations();

}  // namespace writ::execution
