#pragma once
// Changes of the store, as rows of the store itself: they come along, so that the new one knows
// which one it has followed on. What carries a change out is store_mover.h.
//
//   copying   the store is used, and copied
//   closing   nobody writes; whatever the new store lacks is copied, and both are compared
//   done      the new store is the one in use      (written there alone)
//   taken_back, failed   the old store goes on
//
// Each change of state has its event. All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/accounts/deed.h"
#include "store/copy.h"
#include "store/store.h"

namespace writ::project {

inline constexpr store::Table kSwitchTable{"store_switch"};
inline constexpr std::string_view kSwitchModule = "store_switch";

enum class SwitchState : std::uint8_t { copying, closing, done, taken_back, failed };
inline constexpr EnumNames<SwitchState, 5> kSwitchStates{
    {"copying", "closing", "done", "taken_back", "failed"}};

struct StoreSwitch {
  std::string id;    // UUID text; they sort as they were begun
  std::string from;  // names of backends; empty: a store that has none
  std::string to;
  std::string target = {};  // the id of the copy in it (store/copy.h): a name may mislead
  SwitchState state = SwitchState::copying;
  std::string asked_by;  // as events name actors
  WallTime begun_at = {};
  WallTime changed_at = {};
  std::uint64_t passes = 0;  // while the store was used
  // Of the last pass that compared all, which ended with both sides equal.
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::string digest = {};    // of the digests of all tables, hex
  std::uint64_t changes = 0;  // rows that had changed by later passes, and were compared then
  std::string problem = {};
};

bool is_under_way(const StoreSwitch& change);

Result<std::optional<StoreSwitch>> last_switch(store::Tx& tx);
Result<std::optional<StoreSwitch>> last_switch(store::Store& store);
Result<std::optional<StoreSwitch>> find_switch(store::Tx& tx, std::string_view id);

// Errors: conflict (one is under way).
Result<void> expect_none_under_way(store::Tx& tx);
// Errors: conflict (one is under way).
Result<StoreSwitch> begin_switch(store::Tx& tx, StoreSwitch change, const identity::Deed& deed);
// Errors: conflict (the change is not in this state any more).
Result<void> expect_state(store::Tx& tx, std::string_view id, SwitchState state);
// What a pass has copied while the store was used: all, or what had changed. Errors: conflict (it
// is not copied any more).
Result<StoreSwitch> note_pass(store::Tx& tx, std::string_view id,
                              const std::vector<store::TableReport>& reports);
Result<StoreSwitch> note_changes(store::Tx& tx, std::string_view id, std::uint64_t changes);
// Errors: conflict (the change is not in state `from` any more).
Result<StoreSwitch> change_state(store::Tx& tx, std::string_view id, SwitchState from,
                                 SwitchState to, const identity::Deed& deed,
                                 std::string_view problem = {});

Value to_value(const StoreSwitch& change);

std::vector<store::Migration> store_switch_migrations();

}  // namespace writ::project
