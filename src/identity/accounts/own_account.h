#pragma once
// What people change about their own account. What would hand the account to somebody else (the
// password, the address, the second factor) needs the current password, ends the other sessions
// and is told to the owner by mail.
//
// Thread-safe; blocking.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/second_factor.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/users.h"

namespace writ::identity {

enum class OwnChange : std::uint8_t {
  done,
  wrong_password,  // the current one, or none was given
  bad_password,    // the new one: `reason`
  taken,           // the address; never where registration is strict
  bad_code,        // of the second factor
  must_wait,       // too many mistakes: until `wait_until`
};

struct OwnOutcome {
  OwnChange outcome = OwnChange::wrong_password;
  User user = {};
  std::string reason = {};
  WallTime wait_until = {};
  std::vector<std::string> recovery_codes = {};
};

struct Owner {
  PrincipalId id = {};
  std::optional<SessionId> session = {};  // the one that asks, which stays; of an API key none
};

struct OwnWish {
  std::optional<std::string> email = {};     // as typed
  std::optional<std::string> password = {};  // the new one
  std::string_view current_password = {};
};

// Where registration is strict, a new address takes effect when the link that is sent there is
// opened, and the answer is the same when it has an account.
// Errors: not_found, invalid_input (no e-mail address), those of require_owner and of the parts.
Result<OwnOutcome> change_own_account(const AccountParts& parts, const Owner& owner,
                                      const OwnWish& wish, const Asker& asker);

// Whether it is the current password. Counted for the session that asks alone: what strangers do at
// the sign-in keeps nobody who is signed in from changing the password.
struct PasswordDemand {
  std::optional<OwnOutcome> refusal = {};  // nullopt: it is
  User user = {};                          // whose password it was; see require_owner
};
Result<PasswordDemand> demand_password(const AccountParts& parts, const Owner& owner,
                                       std::string_view password, const Asker& asker);

// The owner, in the transaction that makes use of what was demanded before.
// Errors: unauthenticated (meanwhile the session was ended, the account switched off, or, where
// `proved` is given, its password or address changed).
Result<User> require_owner(store::Tx& tx, const Owner& owner, const std::optional<User>& proved,
                           WallTime now);

struct EnrolOutcome {
  OwnChange outcome = OwnChange::wrong_password;
  FactorSeed seed = {};
  WallTime wait_until = {};
};
// Errors: conflict (one is on).
Result<EnrolOutcome> enrol_factor(const AccountParts& parts, const Owner& owner,
                                  std::string_view current_password, const Asker& asker);
// Hands out the recovery codes. Errors: conflict (none is pending).
Result<OwnOutcome> confirm_own_factor(const AccountParts& parts, const Owner& owner,
                                      std::string_view code, const Asker& asker);
// Errors: not_found (there is none).
Result<OwnOutcome> remove_own_factor(const AccountParts& parts, const Owner& owner,
                                     std::string_view current_password, const Asker& asker);

}  // namespace writ::identity
