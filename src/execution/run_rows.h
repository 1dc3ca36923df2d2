#pragma once
// The tables of runs and how rows are read and written inside a transaction. Private to
// execution; the journal is the only writer.
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "execution/journal.h"
#include "execution/state.h"
#include "store/store.h"

namespace writ::execution {

// The run's next event must have number `next` (0: there is no such run yet).
// Errors: conflict.
Result<void> expect_head(store::Tx& tx, RunId run, std::uint64_t next);

// `digest` is the plan's: working it out costs more than the row.
Result<void> put_plan(store::Tx& tx, std::string_view digest, const protocol::Plan& plan);
Result<void> put_run(store::Tx& tx, const RunRow& row);
Result<void> put_step(store::Tx& tx, RunId run, std::size_t index, const StepState& step);
Result<void> put_blocker(store::Tx& tx, RunId run, std::size_t index, const Blocker& blocker);
Result<void> put_decision(store::Tx& tx, RunId run, const DecisionRecord& decision);
Result<void> put_statement(store::Tx& tx, RunId run, const StatementRow& statement);

Value to_value(const StatementRow& row);
Result<StatementRow> statement_from_value(const Value& value);

// `known`: how it stood before, or nullptr; what still stands so is taken from it.
// Errors: not_found, tampered.
Result<RunState> read_run_state(store::Tx& tx, RunId run, const RunState* known = nullptr);
// Whether nothing has happened to it since it stood as in `known`: two rows say so. Errors: those
// of the store.
Result<bool> still_stands(store::Tx& tx, const RunState& known);
// Newest first. Errors: tampered.
Result<std::vector<RunRow>> read_runs(store::Tx& tx, std::size_t limit);
Result<std::vector<DecisionRecord>> read_decisions(store::Tx& tx, RunId run);
Result<std::vector<StatementRow>> read_statements(store::Tx& tx, RunId run);
Result<std::vector<StatementRow>> read_statements(store::Tx& tx, RunId run, std::string_view step);
// The number of the run's next event, as the check in every commit reads it; 0: there is no run.
Result<std::uint64_t> read_head(store::Tx& tx, RunId run);

// The operating-system process of a step's attempt: a hint for ending orphans, no state.
struct StepProcess {
  int pid = 0;
  std::uint64_t start_ticks = 0;
};
Result<void> put_process(store::Tx& tx, RunId run, std::size_t index, const StepProcess& process);
Result<std::optional<StepProcess>> read_process(store::Tx& tx, RunId run, std::size_t index);

}  // namespace writ::execution
