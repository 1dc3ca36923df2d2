#include "execution/run_rows.h"

#include <limits>

#include "base/json.h"
#include "store/key.h"

namespace writ::execution {
namespace {

// run → next event number. Apart from the row, so that the check in every commit reads 8 bytes.
constexpr store::Table kHead{"run_head"};
constexpr store::Table kRun{"run"};
constexpr store::Table kStep{"run_step"};            // run, index
constexpr store::Table kBlocker{"run_blocker"};      // run, index
constexpr store::Table kPlan{"run_plan"};            // digest
constexpr store::Table kDecision{"run_decision"};    // run, step, attempt
constexpr store::Table kStatement{"run_statement"};  // run, step, attempt, kind, key id
constexpr store::Table kProcess{"run_process"};      // run, index

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

// What reads a row speaks of a user's input; a row that does not read was changed behind our back.
template <typename T>
Result<T> as_kept(Result<T> read, std::string_view table) {
  if (read || read.error().code == Code::tampered) return read;
  return fail(Code::tampered,
              "a row of " + std::string(table) + " cannot be read: " + read.error().message);
}

// Decodes every row under `run` with `decode(value)`.
template <typename T, typename Decode>
Result<std::vector<T>> read_all(store::Tx& tx, const store::Table& table, RunId run,
                                Decode decode) {
  WRIT_TRY(const auto rows, tx.scan(table, store::Key().id(run).under(), kAll));
  std::vector<T> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    WRIT_TRY(const Value value, as_kept(parse_json(row.value, table.name), table.name));
    WRIT_TRY(T item, as_kept(Result<T>(decode(value)), table.name));
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace

Result<void> expect_head(store::Tx& tx, RunId run, std::uint64_t next) {
  WRIT_TRY(const auto head, tx.get(kHead, store::Key().id(run).bytes()));
  std::uint64_t stands = 0;
  if (head) {
    store::KeyReader reader(*head);
    WRIT_TRY(stands, reader.number());
  }
  if (stands == next) return {};
  return fail(Code::conflict, "run " + run.text() + " has moved on: its next event is " +
                                  std::to_string(stands) + ", not " + std::to_string(next));
}

Result<void> put_plan(store::Tx& tx, const protocol::Plan& plan) {
  return tx.put(kPlan, plan.digest(), to_json(plan.to_value()));
}

Result<void> put_run(store::Tx& tx, const RunRow& row) {
  const std::string key = store::Key().id(row.id).take();
  WRIT_CHECK(tx.put(kHead, key, store::Key().number(row.next_seq).bytes()));
  return tx.put(kRun, key, to_json(to_value(row)));
}

Result<void> put_step(store::Tx& tx, RunId run, std::size_t index, const StepState& step) {
  return tx.put(kStep, store::Key().id(run).number(index).bytes(), to_json(to_value(step)));
}

Result<void> put_blocker(store::Tx& tx, RunId run, std::size_t index, const Blocker& blocker) {
  return tx.put(kBlocker, store::Key().id(run).number(index).bytes(), to_json(to_value(blocker)));
}

Result<void> put_decision(store::Tx& tx, RunId run, const DecisionRecord& decision) {
  return tx.put(kDecision,
                store::Key().id(run).text(decision.step).number(decision.attempt).bytes(),
                to_json(decision.to_value()));
}

Result<void> put_statement(store::Tx& tx, RunId run, const StatementRow& row) {
  store::Key key;
  key.id(run).text(row.step).number(row.attempt).text(row.kind).text(row.key_id);
  return tx.put(kStatement, key.bytes(), to_json(to_value(row)));
}

Value to_value(const StatementRow& row) {
  return Object{{"step", row.step},     {"attempt", row.attempt}, {"kind", row.kind},
                {"key_id", row.key_id}, {"tree", row.tree},       {"envelope", row.envelope},
                {"at", row.at.micros}};
}

Result<StatementRow> statement_from_value(const Value& value) {
  StatementRow row;
  row.step = value.string_or("step", "");
  row.attempt = static_cast<std::uint32_t>(value.integer_or("attempt", 0));
  row.kind = value.string_or("kind", "");
  row.key_id = value.string_or("key_id", "");
  row.tree = value.string_or("tree", "");
  row.envelope = value.string_or("envelope", "");
  row.at = {value.integer_or("at", 0)};
  return row;
}

Result<RunState> read_run_state(store::Tx& tx, RunId run) {
  RunState state;
  WRIT_TRY(const auto row, tx.get(kRun, store::Key().id(run).bytes()));
  if (!row) return fail(Code::not_found, "there is no run " + run.text());
  WRIT_TRY(const Value value, as_kept(parse_json(*row, kRun.name), kRun.name));
  WRIT_TRY(state.run, as_kept(run_row_from_value(value), kRun.name));
  WRIT_TRY(state.steps, read_all<StepState>(tx, kStep, run, step_state_from_value));
  WRIT_TRY(state.blockers, read_all<Blocker>(tx, kBlocker, run, blocker_from_value));
  return state;
}

Result<std::vector<DecisionRecord>> read_decisions(store::Tx& tx, RunId run) {
  return read_all<DecisionRecord>(tx, kDecision, run, DecisionRecord::from_value);
}

Result<std::vector<StatementRow>> read_statements(store::Tx& tx, RunId run) {
  return read_all<StatementRow>(tx, kStatement, run, statement_from_value);
}

Result<void> put_process(store::Tx& tx, RunId run, std::size_t index, const StepProcess& process) {
  const store::Key value =
      store::Key().number(static_cast<std::uint64_t>(process.pid)).number(process.start_ticks);
  return tx.put(kProcess, store::Key().id(run).number(index).bytes(), value.bytes());
}

Result<std::optional<StepProcess>> read_process(store::Tx& tx, RunId run, std::size_t index) {
  WRIT_TRY(const auto row, tx.get(kProcess, store::Key().id(run).number(index).bytes()));
  if (!row) return std::optional<StepProcess>{};
  store::KeyReader reader(*row);
  StepProcess process;
  WRIT_TRY(const std::uint64_t pid, reader.number());
  process.pid = static_cast<int>(pid);
  WRIT_TRY(process.start_ticks, reader.number());
  return std::optional{process};
}

Result<std::optional<RunId>> latest_run(store::Store& store) {
  WRIT_TRY(const std::vector<RunRow> rows, list_runs(store, 1));
  if (rows.empty()) return std::optional<RunId>{};
  return std::optional{rows.front().id};
}

Result<std::vector<RunRow>> list_runs(store::Store& store, std::size_t limit) {
  return store.read([&](store::Tx& tx) -> Result<std::vector<RunRow>> {
    WRIT_TRY(const auto rows, tx.scan(kRun, {}, limit, store::Order::descending));
    std::vector<RunRow> out;
    for (const store::Row& row : rows) {
      WRIT_TRY(const Value value, as_kept(parse_json(row.value, kRun.name), kRun.name));
      WRIT_TRY(RunRow run, as_kept(run_row_from_value(value), kRun.name));
      out.push_back(std::move(run));
    }
    return out;
  });
}

Result<protocol::Plan> load_stored_plan(store::Store& store, std::string_view digest) {
  WRIT_TRY(const auto row, store.read([&](store::Tx& tx) { return tx.get(kPlan, digest); }));
  if (!row) return fail(Code::not_found, "there is no plan " + std::string(digest));
  WRIT_TRY(const Value value,
           as_kept(parse_json(*row, "plan", {.max_bytes = 64u << 20}), kPlan.name));
  WRIT_TRY(protocol::Plan plan, as_kept(protocol::Plan::from_value(value), kPlan.name));
  if (plan.digest() != digest) {
    return fail(Code::tampered,
                "the stored plan " + std::string(digest) + " has digest " + plan.digest() + " now");
  }
  return plan;
}

std::vector<store::Migration> execution_migrations() {
  return {{.module = "execution",
           .version = 1,
           .summary = "runs, steps, blockers, plans, decisions, statements, leases",
           .creates = {kHead, kRun, kStep, kBlocker, kPlan, kDecision, kStatement, kProcess,
                       kLeaseTable},
           .up = {},
           .down = {}}};
}

}  // namespace writ::execution
