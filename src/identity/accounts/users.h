#pragma once
// People with an account: an e-mail address that is theirs alone, a password hash, and what the
// register of principals says of them (identity/principals.h).
//
// All functions belong to the thread of their transaction; each change is told by an event.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

struct User {
  PrincipalId id = {};
  std::string email = {};  // as normalise_email has it
  bool is_active = true;
  bool is_superuser = false;
  bool is_verified = false;   // the address was seen to be theirs
  std::string password = {};  // a PHC string; empty: signs in by links alone
  bool may_have_password = true;
  std::string off_by = {};  // which directory switched the account off; empty: people, or nobody
  // Rises with each change of password or address: links that were sent before are void.
  std::uint64_t stamp = 1;
  WallTime created_at = {};

  bool operator==(const User&) const = default;
};

struct NewUser {
  PrincipalId id = {};
  std::string email = {};     // normalised
  std::string password = {};  // a PHC string
  bool is_superuser = false;
  bool is_verified = false;
  bool may_have_password = true;
};

struct UserChange {
  std::optional<std::string> email = {};     // normalised
  std::optional<std::string> password = {};  // a PHC string
  std::optional<bool> is_active = {};
  std::optional<bool> is_superuser = {};
  std::optional<bool> is_verified = {};
  std::optional<bool> may_have_password = {};  // false: the one that there is goes
  std::string off_by = {};                     // with `is_active`: User::off_by from then on
};

// "user/<uuid>", as events name a user.
std::string user_subject(PrincipalId id);

Result<std::optional<User>> find_user(store::Tx& tx, PrincipalId id);
Result<std::optional<User>> find_user_by_email(store::Tx& tx, std::string_view email);
// In order of creation, from behind `after`.
Result<std::vector<User>> list_users(store::Tx& tx, std::optional<PrincipalId> after,
                                     std::size_t limit);

// Errors: conflict (the address has an account).
Result<User> create_user(store::Tx& tx, const NewUser& user, const Deed& deed);
// A new address is unverified unless the change says otherwise. A user that is switched off loses
// everything given out before: its epoch rises. Sessions are ended by the caller, who knows which
// one asks (sessions.h). Errors: not_found; conflict (the address has an account; nobody would be
// left to administer the server; a password for who may have none).
Result<User> change_user(store::Tx& tx, PrincipalId id, const UserChange& change, const Deed& deed);
// The same password in a stronger hash: nothing that anybody notices.
Result<void> rehash_password(store::Tx& tx, PrincipalId id, const std::string& from,
                             const std::string& to);
// Errors: not_found; conflict (as above).
Result<void> erase_user(store::Tx& tx, PrincipalId id, const Deed& deed);

// Whether an active user may administer the server: until then it may be claimed (bootstrap.h).
Result<bool> has_administrator(store::Tx& tx);

std::vector<store::Migration> user_migrations();

}  // namespace writ::identity
