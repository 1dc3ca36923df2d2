#pragma once
// Every type of token that Writ signs: one row each. The header's `typ` tells them apart, so that
// none is ever taken for another (RFC 8725 section 3.11; ASVS 9.2.2).
#include <cstdint>

#include "base/enum_names.h"

namespace writ::identity {

enum class TokenType : std::uint8_t {
  access,              // RFC 9068
  id,                  // OpenID Connect Core section 2
  password_reset,      // the link in a mail
  email_verification,  // likewise
  magic_link,          // likewise
  mfa_challenge,       // between the password and the second factor
  login_state,         // what comes back from another provider
};

inline constexpr EnumNames<TokenType, 7> kTokenTypes{{"at+jwt", "JWT", "writ-reset+jwt",
                                                      "writ-verify+jwt", "writ-magic+jwt",
                                                      "writ-mfa+jwt", "writ-state+jwt"}};

}  // namespace writ::identity
