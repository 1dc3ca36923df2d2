#pragma once
// One person of a directory: what the account is to become, and the change that makes it so. The
// same function looks in a dry run and decides again in the transaction that changes something.
// Private to identity/directory.
//
// All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/enum_names.h"
#include "base/result.h"
#include "identity/accounts/users.h"
#include "identity/directory/directory_people.h"
#include "identity/directory/directory_source.h"
#include "identity/rbac/access_model.h"
#include "store/store.h"

namespace writ::identity {

struct DirectoryRules;  // directory_sync.h

enum class PersonFate : std::uint8_t {
  unchanged,
  created,       // an account was made
  adopted,       // one that there was belongs to the person now
  changed,       // fields, or roles
  switched_off,  // the directory has the person no more
  returned,      // it has it again
  refused,       // `reason`: the account is not what the directory says
};
inline constexpr EnumNames<PersonFate, 7> kPersonFates{
    {"unchanged", "created", "adopted", "changed", "switched_off", "returned", "refused"}};

enum class SyncRefusal : std::uint8_t {
  none,
  address_taken,    // somebody else's account has it
  bad_address,      // there is none, or none that an account may have
  other_directory,  // the account with the address is another directory's
  superuser,        // whose account no directory touches
};
inline constexpr EnumNames<SyncRefusal, 5> kSyncRefusals{
    {"", "address_taken", "bad_address", "other_directory", "superuser"}};

struct SyncItem {
  std::string person = {};               // DirectoryPerson::id
  std::optional<PrincipalId> user = {};  // none yet: created, in a dry run
  std::string email = {};                // of the account, as it becomes
  PersonFate fate = PersonFate::unchanged;
  std::vector<std::string> fields = {};
  std::vector<std::string> roles_gained = {};
  std::vector<std::string> roles_lost = {};
  SyncRefusal reason = SyncRefusal::none;  // also of who got everything but a new address

  bool is_loss() const { return fate == PersonFate::switched_off || !roles_lost.empty(); }
  bool operator==(const SyncItem&) const = default;
};

// Nothing is done about the person.
SyncItem refused(SyncItem item, SyncRefusal reason);

// What the directory says of a person.
struct Wanted {
  DirectoryPerson person = {};
  bool is_gone = false;
};

struct SyncStep {
  SyncItem item = {};
  UserChange change = {};
  bool changes_user = false;
  std::vector<std::string> unmarked = {};  // roles that are not the directory's to take any more

  bool is_nothing() const {
    return item.fate == PersonFate::unchanged || item.fate == PersonFate::refused;
  }
  bool has_effect() const {
    return changes_user || !unmarked.empty() || !item.roles_gained.empty() ||
           !item.roles_lost.empty();
  }
};

// Reads only.
Result<SyncStep> decide(store::Tx& tx, const DirectoryRules& rules, const Wanted& wanted);

// Makes it so, but for access, whose changes are added to `access`. `new_user`: the id of an
// account that is made. Returns the account. Requires: `step` was decided in this transaction.
Result<PrincipalId> carry_out(store::Tx& tx, const DirectoryRules& rules, const SyncStep& step,
                              PrincipalId new_user, std::vector<AccessChange>& access,
                              const Deed& deed);
// As changes of access: of somebody who has no account yet under the address.
std::vector<AccessChange> access_changes(const SyncItem& item);

}  // namespace writ::identity
