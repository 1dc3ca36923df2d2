#pragma once
// What links in letters do: verify an address, set a new password, sign in (sign_in.h). Asking for
// one writes one row, whoever is asked for; who lives there is looked up by the postman.
//
// Thread-safe; blocking.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/mail_queue.h"
#include "identity/accounts/users.h"

namespace writ::identity {

// Errors: invalid_input (no e-mail address), those of the store.
Result<void> ask_for_letter(const AccountParts& parts, LetterKind kind, std::string_view email);

enum class Verified : std::uint8_t { done, bad_token, already };
struct VerifyOutcome {
  Verified outcome = Verified::bad_token;
  User user = {};
};
// Verifies the address of an account, moves it to a new address, or makes the account of a strict
// registration.
Result<VerifyOutcome> verify_address(const AccountParts& parts, std::string_view token,
                                     const Asker& asker);

enum class Reset : std::uint8_t { done, bad_token, bad_password };
struct ResetOutcome {
  Reset outcome = Reset::bad_token;
  std::string reason = {};
};
// Ends every session and revokes the API keys. A second factor stays on, unless the address was not
// proved before (address_proof.h). Costs one hash for a bad token too.
Result<ResetOutcome> reset_password(const AccountParts& parts, std::string_view token,
                                    std::string_view password, const Asker& asker);

}  // namespace writ::identity
