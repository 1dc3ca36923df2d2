#pragma once
// Puts a backup in the place of what is there, or says what that would change.
//
//   backup → scratch store → invariants → settled against what is here → one transaction
//
// Restoring never takes back what was taken back: see recovered_tables.h. Before it applies, a
// backup of what is there is made: restoring that one undoes it. All sessions end.
//
// Blocking; writers wait while the transaction lasts.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/enum_names.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/recovery/backups.h"
#include "store/store.h"

namespace writ::identity {

struct TableDifference {
  std::string table;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  std::uint64_t added = 0;
  std::uint64_t changed = 0;  // by more than numbers that rise
  std::uint64_t removed = 0;
};

enum class UserFate : std::uint8_t { changes, goes, returns, stays_deleted };
inline constexpr EnumNames<UserFate, 4> kUserFates{{"changes", "goes", "returns", "stays_deleted"}};

struct UserDifference {
  std::string id;
  std::string email;
  UserFate fate = UserFate::changes;
  std::vector<std::string> fields = {};  // of `changes`
};

inline constexpr std::size_t kMostUserDifferences = 1000;

struct RestoreReport {
  BackupId backup;
  bool is_applied = false;
  std::vector<TableDifference> tables;  // those that differ
  std::vector<UserDifference> users;
  bool is_cut = false;         // there are more users than are named
  std::uint64_t rows = 0;      // that come from the backup
  std::uint64_t sessions = 0;  // that end
  std::uint64_t access_revision = 0;
  std::optional<BackupId> snapshot = {};  // of what was there, if it was applied and
                                          // somebody could administer what was there
};

// Errors: those of open_backup and make_backup; conflict (nothing would come from the backup, or
// what would be there breaks an invariant).
Result<RestoreReport> restore(const RecoveryParts& parts, BackupId backup, store::DryRun dry_run,
                              const Deed& deed);

Value to_value(const RestoreReport& report);

}  // namespace writ::identity
