#pragma once
// What an access token says (RFC 9068, RFC 8693), as a struct and as its JSON.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/value.h"

namespace writ::identity {

using Seconds = std::chrono::sys_seconds;

// Of wall time, rounded down.
Seconds to_seconds(WallTime time);

// Who acts for the subject (RFC 8693 section 4.1).
struct Actor {
  std::string subject;
  std::string client_id = {};  // may be empty
  std::uint64_t epoch = 0;     // as AccessClaims::epoch
  friend bool operator==(const Actor&, const Actor&) = default;
};

// A longer chain is refused: each link costs a look-up in every check.
inline constexpr std::size_t kMaxActors = 8;

struct AccessClaims {
  std::string issuer;
  std::string subject;    // for whom
  std::string client_id;  // the client that asked for the token
  std::vector<std::string> audience;
  std::string token_id;             // `jti`
  std::string session;              // `sid`; empty: no session stands behind it
  std::uint64_t epoch = 0;          // of the subject when it was issued; 0: not said
  std::vector<std::string> scopes;  // `scope`, in order
  Seconds issued_at{};
  Seconds expires_at{};
  std::optional<Seconds> not_before;
  // How and when a person last proved who it is.
  std::optional<Seconds> authenticated_at;  // `auth_time`
  std::vector<std::string> methods;         // `amr`
  std::string context_class;                // `acr`; may be empty
  // The current actor first, then the one it acts for, and so on (`act`, nested). Empty: the
  // subject acts itself.
  std::vector<Actor> actors;
  // Credentials that the token rests on besides the session, each as Caller::credential spells it:
  // keys of the clients that asked for it, tokens that it was exchanged from (`via`).
  std::vector<std::string> via;

  friend bool operator==(const AccessClaims&, const AccessClaims&) = default;
};

Value claims_to_value(const AccessClaims& claims);

// Takes what RFC 9068 section 2.2 requires, and every other claim only in its own form.
// Errors: signature_bad (crypto/jose/token_fault.h: claim_missing, claim_malformed).
Result<AccessClaims> claims_from_value(const Value& payload);

// A NumericDate: an integer, no string and no fraction, not before 1970 nor after 9999.
// Errors: signature_bad (claim_malformed).
Result<std::optional<Seconds>> read_date(const Value& payload, std::string_view name);

}  // namespace writ::identity
