#pragma once
// How people get an account, and prove that an address is theirs.
//
// Thread-safe; blocking.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/users.h"

namespace writ::identity {

enum class Registered : std::uint8_t {
  made,
  accepted,      // strict: the answer is the same for every address, the rest comes by mail
  taken,         // open alone: the address has an account
  bad_password,  // `reason`
  closed,
};

struct RegistrationOutcome {
  Registered outcome = Registered::closed;
  User user = {};           // made
  std::string reason = {};  // bad_password
};

// The address gets a letter with a link that verifies it. Costs one hash and one write whether the
// address has an account or not. Errors: invalid_input (no e-mail address), those of the parts.
Result<RegistrationOutcome> register_user(const AccountParts& parts, std::string_view email,
                                          std::string_view password, const Asker& asker);

// Why a password may not be set; empty: it may.
Result<std::string> complaint_about_password(const AccountParts& parts, std::string_view password,
                                             const std::string& email);

// The first administrator, from the machine itself and never over the network. Verified: who has
// the machine need not prove the address. Errors: conflict (there is an administrator already, or
// the address has an account), invalid_input (address, password).
Result<User> bootstrap_administrator(const AccountParts& parts, std::string_view email,
                                     std::string_view password);

}  // namespace writ::identity
