#include "execution/run_rows.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/json.h"
#include "crypto/digest.h"
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
constexpr store::Table kStatement{"run_statement"};  // run, step, attempt, kind, key id, digest
constexpr store::Table kProcess{"run_process"};      // run, index

constexpr std::size_t kRunsAtOnce = 256;
constexpr int kTimeOrdered = 7;  // the version of a UUID, RFC 9562

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
constexpr DocumentLimits kRowLimits{.max_bytes = 64u << 20};

std::unexpected<Error> broken(std::string_view table, std::string_view why) {
  return fail(Code::tampered, "a row of " + std::string(table) + " is broken: " + std::string(why));
}

Value to_value(const DecisionRecord& decision) { return decision.to_value(); }

// Of what is written too seldom to have a way of its own (state.h).
template <typename T>
std::string to_row(const T& item) {
  return to_json(to_value(item));
}

// A row is what its writer made of the item, byte for byte, and lies where that put it.
// Errors: tampered.
template <typename T, typename Decode, typename Place>
Result<T> decode_row(const store::Table& table, const store::Row& row, Decode decode, Place place) {
  const Result<Value> value = parse_json(row.value, table.name, kRowLimits);
  if (!value) return broken(table.name, value.error().message);
  Result<T> item = decode(*value);
  // What cannot be checked here is not said to be broken.
  if (!item && item.error().code == Code::unavailable) return std::unexpected(item.error());
  if (!item) return broken(table.name, item.error().message);
  if (to_row(*item) != row.value) return broken(table.name, "it was changed");
  if (place(*item) != row.key) return broken(table.name, "it lies in another's place");
  return item;
}

// Decodes every row of `range`. `place(item, index)`: the key that it belongs under. `known`: what
// may be in them; a row that is what its writer makes of that, in its place, is that.
template <typename T, typename Decode, typename Place>
Result<std::vector<T>> read_range(store::Tx& tx, const store::Table& table,
                                  const store::KeyRange& range, Decode decode, Place place,
                                  const std::vector<T>* known = nullptr) {
  WRIT_TRY(const auto rows, tx.scan(table, range, kAll));
  std::vector<T> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    const std::size_t index = out.size();
    const T* const last = known != nullptr && index < known->size() ? &(*known)[index] : nullptr;
    if (last != nullptr && to_row(*last) == row.value && place(*last, index) == row.key) {
      out.push_back(*last);
      continue;
    }
    const auto at = [&](const T& item) { return place(item, index); };
    WRIT_TRY(T item, decode_row<T>(table, row, decode, at));
    out.push_back(std::move(item));
  }
  return out;
}

template <typename T, typename Decode, typename Place>
Result<std::vector<T>> read_all(store::Tx& tx, const store::Table& table, RunId run, Decode decode,
                                Place place, const std::vector<T>* known = nullptr) {
  return read_range<T>(tx, table, store::Key().id(run).under(), decode, place, known);
}

std::string run_key(RunId run) { return store::Key().id(run).take(); }

std::string index_key(RunId run, std::size_t index) {
  return store::Key().id(run).number(index).take();
}

std::string decision_key(RunId run, const DecisionRecord& decision) {
  return store::Key().id(run).text(decision.step).number(decision.attempt).take();
}

// With the digest: who says it again about another tree has said two things.
std::string statement_key(RunId run, const StatementRow& row) {
  store::Key key;
  key.id(run).text(row.step).number(row.attempt).text(row.kind).text(row.key_id);
  return key.text(crypto::sha256(row.envelope).hex()).take();
}

Result<RunRow> decode_run(const store::Row& row) {
  return decode_row<RunRow>(kRun, row, run_row_from_value,
                            [](const RunRow& run) { return run_key(run.id); });
}

}  // namespace

Result<std::uint64_t> read_head(store::Tx& tx, RunId run) {
  WRIT_TRY(const auto head, tx.get(kHead, run_key(run)));
  if (!head) return 0;
  store::KeyReader reader(*head);
  return reader.number();
}

store::Table statement_table() { return kStatement; }

Result<void> expect_head(store::Tx& tx, RunId run, std::uint64_t next) {
  WRIT_TRY(const std::uint64_t stands, read_head(tx, run));
  if (stands == next) return {};
  return fail(Code::conflict, "run " + run.text() + " has moved on: its next event is " +
                                  std::to_string(stands) + ", not " + std::to_string(next));
}

Result<void> put_plan(store::Tx& tx, std::string_view digest, const protocol::Plan& plan) {
  return tx.put(kPlan, digest, to_json(plan.to_value()));
}

Result<void> put_run(store::Tx& tx, const RunRow& row) {
  const std::string key = run_key(row.id);
  WRIT_CHECK(tx.put(kHead, key, store::Key().number(row.next_seq).bytes()));
  return tx.put(kRun, key, to_row(row));
}

Result<void> put_step(store::Tx& tx, RunId run, std::size_t index, const StepState& step) {
  return tx.put(kStep, index_key(run, index), to_row(step));
}

Result<void> put_blocker(store::Tx& tx, RunId run, std::size_t index, const Blocker& blocker) {
  return tx.put(kBlocker, index_key(run, index), to_row(blocker));
}

Result<void> put_decision(store::Tx& tx, RunId run, const DecisionRecord& decision) {
  return tx.put(kDecision, decision_key(run, decision), to_row(decision));
}

Result<void> put_statement(store::Tx& tx, RunId run, const StatementRow& row) {
  return tx.put(kStatement, statement_key(run, row), to_row(row));
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

Result<RunState> read_run_state(store::Tx& tx, RunId run, const RunState* known) {
  RunState state;
  WRIT_TRY(auto row, tx.get(kRun, run_key(run)));
  WRIT_TRY(const std::uint64_t head, read_head(tx, run));
  if (!row && head == 0) return fail(Code::not_found, "there is no run " + run.text());
  if (!row) return broken(kRun.name, "that of run " + run.text() + " is gone");
  WRIT_TRY(state.run, decode_run({run_key(run), *std::move(row)}));
  if (state.run.next_seq != head) return broken(kHead.name, "it is not the run's next event");
  const auto at = [&](const auto&, std::size_t index) { return index_key(run, index); };
  WRIT_TRY(state.steps, read_all<StepState>(tx, kStep, run, step_state_from_value, at,
                                            known == nullptr ? nullptr : &known->steps));
  WRIT_TRY(state.blockers, read_all<Blocker>(tx, kBlocker, run, blocker_from_value, at,
                                             known == nullptr ? nullptr : &known->blockers));
  return state;
}

// Whatever happens to a run is an event of it, and changes its row.
Result<bool> still_stands(store::Tx& tx, const RunState& known) {
  WRIT_TRY(const std::uint64_t head, read_head(tx, known.run.id));
  if (head != known.run.next_seq) return false;
  WRIT_TRY(const auto row, tx.get(kRun, run_key(known.run.id)));
  return row && *row == to_row(known.run);
}

Result<std::vector<DecisionRecord>> read_decisions(store::Tx& tx, RunId run) {
  return read_all<DecisionRecord>(
      tx, kDecision, run, DecisionRecord::from_value,
      [&](const DecisionRecord& decision, std::size_t) { return decision_key(run, decision); });
}

Result<std::vector<StatementRow>> read_statements(store::Tx& tx, RunId run) {
  return read_all<StatementRow>(
      tx, kStatement, run, statement_from_value,
      [&](const StatementRow& row, std::size_t) { return statement_key(run, row); });
}

Result<std::vector<StatementRow>> read_statements(store::Tx& tx, RunId run, std::string_view step) {
  return read_range<StatementRow>(
      tx, kStatement, store::Key().id(run).text(step).under(), statement_from_value,
      [&](const StatementRow& row, std::size_t) { return statement_key(run, row); });
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

// Runs that people start have ids in order of time; those of child runs are derived, and lie
// anywhere between them.
Result<std::optional<RunId>> latest_run(store::Store& store) {
  return store.read([](store::Tx& tx) -> Result<std::optional<RunId>> {
    store::KeyRange range;
    while (true) {
      WRIT_TRY(const auto rows, tx.scan(kRun, range, kRunsAtOnce, store::Order::descending));
      for (const store::Row& row : rows) {
        store::KeyReader key(row.key);
        WRIT_TRY(const Uuid id, key.uuid());
        if (id.bytes[6] >> 4 == kTimeOrdered) return std::optional{RunId{id}};
      }
      if (rows.size() < kRunsAtOnce) return std::optional<RunId>{};
      range.last = rows.back().key;
    }
  });
}

Result<std::vector<RunRow>> read_runs(store::Tx& tx, std::size_t limit) {
  WRIT_TRY(const auto rows, tx.scan(kRun, {}, limit, store::Order::descending));
  WRIT_TRY(const auto heads, tx.scan(kHead, {}, limit, store::Order::descending));
  const auto same_key = [](const store::Row& a, const store::Row& b) { return a.key == b.key; };
  if (!std::equal(rows.begin(), rows.end(), heads.begin(), heads.end(), same_key)) {
    return broken(kRun.name, "a run is gone, or was put in");
  }
  std::vector<RunRow> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(RunRow run, decode_run(row));
    out.push_back(std::move(run));
  }
  return out;
}

Result<std::vector<RunRow>> list_runs(store::Store& store, std::size_t limit) {
  return store.read([&](store::Tx& tx) { return read_runs(tx, limit); });
}

Result<std::vector<RunRow>> newest_of_each_spec(store::Store& store, std::size_t limit) {
  WRIT_TRY(auto rows, list_runs(store, limit));
  std::set<std::string> seen;
  std::erase_if(rows, [&](const RunRow& row) { return !seen.insert(row.spec_id).second; });
  return rows;
}

Result<protocol::Plan> load_stored_plan(store::Store& store, std::string_view digest) {
  WRIT_TRY(const auto row, store.read([&](store::Tx& tx) { return tx.get(kPlan, digest); }));
  if (!row) return fail(Code::not_found, "there is no plan " + std::string(digest));
  const auto decode = [&]() -> Result<protocol::Plan> {
    WRIT_TRY(const Value value, parse_json(*row, "plan", kRowLimits));
    return protocol::Plan::from_value(value);
  };
  Result<protocol::Plan> plan = decode();
  if (!plan) return broken(kPlan.name, plan.error().message);
  if (to_json(plan->to_value()) != *row) return broken(kPlan.name, "it was changed");
  if (plan->digest() != digest) {
    return fail(Code::tampered, "the stored plan " + std::string(digest) + " has digest " +
                                    plan->digest() + " now");
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
