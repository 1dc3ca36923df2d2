#pragma once
// Whose turn it is to synchronise with a directory, and what became of the last time: one row a
// directory. Of the servers on one store one runs at a time, by a lease on the store's clock.
//
// All functions belong to the thread of their transaction.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr store::Table kSyncStates{"identity_directory_states"};

using SyncRunId = Id<struct SyncRunTag>;

enum class SyncOutcome : std::uint8_t {
  applied,
  refused,  // too many people would have lost something
  failed,
};
inline constexpr EnumNames<SyncOutcome, 3> kSyncOutcomes{{"applied", "refused", "failed"}};

struct LastSync {
  SyncOutcome outcome = SyncOutcome::applied;
  WallTime ended_at = {};
  std::size_t people = 0;   // that the directory named
  std::size_t changes = 0;  // that were made
  std::size_t refused = 0;  // people who are not what the directory says
  std::string error = {};   // empty: applied
};

struct SyncState {
  std::optional<SyncRunId> running = {};
  WallTime lease_ends = {};
  WallTime due = {};  // when it may be run by itself
  std::optional<LastSync> last = {};

  bool is_running(WallTime now) const { return running && now < lease_ends; }
};

Result<SyncState> read_sync_state(store::Tx& tx, std::string_view directory);
// False: one is under way.
Result<bool> begin_sync(store::Tx& tx, std::string_view directory, SyncRunId run,
                        std::chrono::seconds lease);
// The run goes on. Errors: lease_lost (another one has begun since).
Result<void> renew_sync(store::Tx& tx, std::string_view directory, SyncRunId run,
                        std::chrono::seconds lease);
// Nothing, where another one has begun since. `due`: when the next one is.
Result<void> end_sync(store::Tx& tx, std::string_view directory, SyncRunId run, LastSync last,
                      WallTime due);

}  // namespace writ::identity
