#pragma once
// Signing in, staying signed in and signing out.
//
// Whatever is wrong with a name and a password costs the same and looks the same: one look at the
// store, one hash, one write. Only who knows the password learns more: that the address is not
// verified yet, that a second factor is asked for.
//
// Thread-safe; blocking.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/refresh_tokens.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/users.h"

namespace writ::identity {

enum class SignIn : std::uint8_t {
  done,
  refused,       // wrong, unknown, switched off: never said which
  unverified,    // the password is right, and verification required
  needs_factor,  // the password is right: `challenge` goes with a code to sign_in_by_factor
  must_wait,     // too many mistakes: until `wait_until`
};

// How the person wants to stay signed in.
enum class Keep : std::uint8_t { tokens, cookie };

struct SignedIn {
  SignIn outcome = SignIn::refused;
  Session session = {};
  User user = {};
  std::string refresh_token = {};  // Keep::tokens
  std::string cookie = {};         // Keep::cookie
  std::string challenge = {};
  WallTime wait_until = {};
};

struct PasswordProof {
  std::string_view name = {};  // an e-mail address, as it was typed
  std::string_view password = {};
  std::string_view code = {};  // of a second factor; may come at once
  Keep keep = Keep::tokens;
};

// Errors: those of the store, the journal and Passwords.
Result<SignedIn> sign_in(const AccountParts& parts, const PasswordProof& proof, const Asker& asker);
// By a link that was sent. It shows that the address is theirs, and does not stand for a second
// factor. Refused also where links are switched off.
Result<SignedIn> sign_in_by_link(const AccountParts& parts, std::string_view token, Keep keep,
                                 const Asker& asker);
// The second half. A wrong code leaves the challenge good for another try.
Result<SignedIn> sign_in_by_factor(const AccountParts& parts, std::string_view challenge,
                                   std::string_view code, Keep keep, const Asker& asker);

Result<Refreshed> refresh_session(const AccountParts& parts, std::string_view token,
                                  const Asker& asker);
// False: it had ended.
Result<bool> sign_out(const AccountParts& parts, SessionId session, const Deed& deed);

}  // namespace writ::identity
