#pragma once
// One item as a backup has it: a user's account, or policies and roles. What it is not about stays
// as it is. Like a restore it never takes back what was taken back, and says first what it would
// change.
#include <string>
#include <vector>

#include "base/enum_names.h"
#include "base/result.h"
#include "identity/rbac/access_control.h"
#include "identity/recovery/backups.h"
#include "store/store.h"

namespace writ::identity {

enum class RollbackItem : std::uint8_t {
  access,  // all policies, roles and assignments, or those of one subject
  user,    // address, password, flags; its sessions end
};
inline constexpr EnumNames<RollbackItem, 2> kRollbackItems{{"access", "user"}};

struct RollbackAsked {
  BackupId backup;
  RollbackItem item = RollbackItem::user;
  std::string id = {};  // of the user; of `access` a subject, or empty: all
};

struct RollbackReport {
  bool is_applied = false;
  std::vector<std::string> fields;  // of a user, that change
  std::uint64_t added = 0;          // of access
  std::uint64_t removed = 0;
  std::uint64_t sessions = 0;  // that end
};

// `access` may be null where the item is a user.
// Errors: those of open_backup; not_found (the backup does not have it), conflict (the user was
// deleted; nobody would be left to administer; there is nothing to change).
Result<RollbackReport> roll_back(const RecoveryParts& parts, AccessControl* access,
                                 const RollbackAsked& asked, store::DryRun dry_run,
                                 const Deed& deed);

Value to_value(const RollbackReport& report);

}  // namespace writ::identity
