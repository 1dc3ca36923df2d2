#pragma once
// Everything that can be wrong with a token: one row each. The reasons are all that an error says;
// nothing of the token is ever in it, because tokens are credentials and errors get logged.
#include <cstdint>
#include <string_view>

#include "base/result.h"

#define WRIT_TOKEN_FAULTS(X)                                                    \
  X(algorithm_not_allowed, "the token's algorithm is not one that is accepted") \
  X(audience_wrong, "the token is for another audience")                        \
  X(claim_malformed, "a claim of the token is malformed")                       \
  X(claim_missing, "the token lacks a claim")                                   \
  X(critical_unknown, "the token has a critical header that is not known")      \
  X(encoding_bad, "a part of the token is not canonical base64url")             \
  X(expired, "the token has expired")                                           \
  X(header_malformed, "the token's header is malformed")                        \
  X(issuer_wrong, "the token is of another issuer")                             \
  X(key_unknown, "the token's key is not known")                                \
  X(not_yet_valid, "the token is not valid yet")                                \
  X(payload_malformed, "the token's payload is malformed")                      \
  X(segments_wrong, "the token does not have three parts")                      \
  X(signature_wrong, "the token's signature does not hold")                     \
  X(too_large, "the token is too large")                                        \
  X(type_wrong, "the token is of another type")

namespace writ::crypto {

enum class TokenFault : std::uint8_t {
#define WRIT_ROW(name, reason) name,
  WRIT_TOKEN_FAULTS(WRIT_ROW)
#undef WRIT_ROW
};

std::string_view reason_of(TokenFault fault);

// A signature_bad error with the fault's reason.
std::unexpected<Error> refuse_token(TokenFault fault,
                                    std::source_location where = std::source_location::current());

// Whether `error` is such a refusal.
bool is_refusal(const Error& error, TokenFault fault);

}  // namespace writ::crypto
