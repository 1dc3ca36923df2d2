#include "project/store_switch.h"

#include <array>
#include <utility>

#include "base/id.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::project {
namespace {

// In the order of SwitchState.
constexpr std::array<std::string_view, 5> kEvents = {
    "writ.store_switch.begun", "writ.store_switch.closed", "writ.store_switch.done",
    "writ.store_switch.taken_back", "writ.store_switch.failed"};

Result<std::string> key_of(std::string_view id) {
  WRIT_TRY(const Uuid uuid, Uuid::parse(id));
  return store::Key().uuid(uuid).take();
}

std::uint64_t number_of(const Value& row, std::string_view name) {
  return static_cast<std::uint64_t>(row.integer_or(name, 0));
}

Result<StoreSwitch> from_row(const std::string& text) {
  WRIT_TRY(const Value row, parse_json(text));
  StoreSwitch out;
  out.id = row.string_or("id", "");
  out.from = row.string_or("from", "");
  out.to = row.string_or("to", "");
  out.target = row.string_or("target", "");
  const auto state = kSwitchStates.parse(row.string_or("state", ""));
  if (!state) return fail(Code::tampered, "the row of a change of the store cannot be read");
  out.state = *state;
  out.asked_by = row.string_or("asked_by", "");
  WRIT_TRY(out.begun_at, parse_rfc3339(row.string_or("begun_at", "")));
  WRIT_TRY(out.changed_at, parse_rfc3339(row.string_or("changed_at", "")));
  out.passes = number_of(row, "passes");
  out.rows = number_of(row, "rows");
  out.bytes = number_of(row, "bytes");
  out.digest = row.string_or("digest", "");
  out.changes = number_of(row, "changes");
  out.problem = row.string_or("problem", "");
  return out;
}

Object to_object(const StoreSwitch& change) {
  Object out{{"id", change.id},
             {"from", change.from},
             {"to", change.to},
             {"state", kSwitchStates.name(change.state)},
             {"asked_by", change.asked_by},
             {"begun_at", to_rfc3339(change.begun_at)},
             {"changed_at", to_rfc3339(change.changed_at)},
             {"passes", change.passes},
             {"rows", change.rows},
             {"bytes", change.bytes},
             {"changes", change.changes}};
  if (!change.digest.empty()) out.append("digest", change.digest);
  if (!change.problem.empty()) out.append("problem", change.problem);
  return out;
}

// Who looks how a change stands has no use for the id of the copy.
Object to_row(const StoreSwitch& change) {
  Object out = to_object(change);
  out.append("target", change.target);
  return out;
}

Result<void> save(store::Tx& tx, StoreSwitch& change) {
  WRIT_TRY(change.changed_at, tx.now());
  WRIT_TRY(const std::string key, key_of(change.id));
  return tx.put(kSwitchTable, key, to_json(to_row(change)));
}

Result<StoreSwitch> expect_in(store::Tx& tx, std::string_view id, SwitchState state) {
  WRIT_TRY(auto change, find_switch(tx, id));
  if (change && change->state == state) return *std::move(change);
  return fail(Code::conflict,
              change ? "the change of the store is " +
                           std::string(kSwitchStates.name(change->state)) + " already"
                     : "there is no such change of the store",
              "Look how it stands: GET /storage/switch");
}

Result<void> tell(store::Tx& tx, const StoreSwitch& change, const identity::Deed& deed) {
  Object payload{{"from", change.from},   {"to", change.to},         {"rows", change.rows},
                 {"bytes", change.bytes}, {"digest", change.digest}, {"changes", change.changes}};
  return deed.tell(tx, kEvents[static_cast<std::size_t>(change.state)], "store-switch/" + change.id,
                   std::move(payload));
}

}  // namespace

bool is_under_way(const StoreSwitch& change) {
  return change.state == SwitchState::copying || change.state == SwitchState::closing;
}

Result<std::optional<StoreSwitch>> last_switch(store::Tx& tx) {
  WRIT_TRY(const auto rows, tx.scan(kSwitchTable, {}, 1, store::Order::descending));
  if (rows.empty()) return std::nullopt;
  WRIT_TRY(auto change, from_row(rows.front().value));
  return std::optional(std::move(change));
}

Result<std::optional<StoreSwitch>> last_switch(store::Store& store) {
  return store.read([](store::Tx& tx) { return last_switch(tx); });
}

Result<std::optional<StoreSwitch>> find_switch(store::Tx& tx, std::string_view id) {
  WRIT_TRY(const std::string key, key_of(id));
  WRIT_TRY(const auto row, tx.get(kSwitchTable, key));
  if (!row) return std::nullopt;
  WRIT_TRY(auto change, from_row(*row));
  return std::optional(std::move(change));
}

Result<void> expect_none_under_way(store::Tx& tx) {
  WRIT_TRY(const auto last, last_switch(tx));
  if (!last || !is_under_way(*last)) return {};
  return fail(Code::conflict, "the store is being changed for " + last->to + " already",
              "Wait for it, or take it back: DELETE /storage/switch");
}

Result<StoreSwitch> begin_switch(store::Tx& tx, StoreSwitch change, const identity::Deed& deed) {
  WRIT_CHECK(expect_none_under_way(tx));
  change.state = SwitchState::copying;
  WRIT_TRY(change.begun_at, tx.now());
  WRIT_CHECK(save(tx, change));
  WRIT_CHECK(tell(tx, change, deed));
  return change;
}

Result<void> expect_state(store::Tx& tx, std::string_view id, SwitchState state) {
  WRIT_CHECK(expect_in(tx, id, state));
  return {};
}

Result<StoreSwitch> note_pass(store::Tx& tx, std::string_view id,
                              const std::vector<store::TableReport>& reports) {
  WRIT_TRY(StoreSwitch change, expect_in(tx, id, SwitchState::copying));
  crypto::Sha256 all;
  change.rows = 0;
  change.bytes = 0;
  for (const store::TableReport& report : reports) {
    change.rows += report.rows;
    change.bytes += report.bytes;
    all.update(report.digest.hex());
  }
  change.digest = all.finish().hex();
  change.changes = 0;
  ++change.passes;
  change.problem.clear();
  WRIT_CHECK(save(tx, change));
  return change;
}

Result<StoreSwitch> note_changes(store::Tx& tx, std::string_view id, std::uint64_t changes) {
  WRIT_TRY(StoreSwitch change, expect_in(tx, id, SwitchState::copying));
  change.changes += changes;
  ++change.passes;
  change.problem.clear();
  WRIT_CHECK(save(tx, change));
  return change;
}

Result<StoreSwitch> change_state(store::Tx& tx, std::string_view id, SwitchState from,
                                 SwitchState to, const identity::Deed& deed,
                                 std::string_view problem) {
  WRIT_TRY(StoreSwitch change, expect_in(tx, id, from));
  change.state = to;
  change.problem = problem;
  WRIT_CHECK(save(tx, change));
  WRIT_CHECK(tell(tx, change, deed));
  return change;
}

Value to_value(const StoreSwitch& change) { return to_object(change); }

std::vector<store::Migration> store_switch_migrations() {
  return store::make_tables(kSwitchModule, "changes of the store", {kSwitchTable});
}

}  // namespace writ::project
