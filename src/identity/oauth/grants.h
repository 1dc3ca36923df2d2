#pragma once
// What a client may be given: a token of its own (RFC 6749 section 4.4), or one to act for whoever
// stands behind a token that it shows (RFC 8693). A new token is never wider than anything that it
// rests on: not in scopes, not in time; whoever asks for it is its current actor, and the chain of
// those who acted before stays as it is.
//
// Functions without state.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "identity/oauth/clients.h"
#include "identity/oauth/standing.h"
#include "identity/token/claims.h"

namespace writ::identity {

// However long that which it rests on lasts.
inline constexpr std::chrono::seconds kGrantLifetime{300};
// Credentials that one token may rest on: each costs a look-up in every check.
inline constexpr std::size_t kMaxVia = 32;

// Of OpenID Connect, besides those of the contract. An application that has the last one gets a
// refresh token.
inline constexpr std::string_view kEmailScope = "email";
inline constexpr std::string_view kOpenidScope = "openid";
inline constexpr std::string_view kOfflineScope = "offline_access";

// As OAuth spells them.
enum class GrantFault : std::uint8_t {
  access_denied,
  authorization_pending,
  invalid_grant,
  invalid_request,
  invalid_scope,
  invalid_target,
};
inline constexpr EnumNames<GrantFault, 6> kGrantFaults{{"access_denied", "authorization_pending",
                                                        "invalid_grant", "invalid_request",
                                                        "invalid_scope", "invalid_target"}};

struct GrantWish {
  std::optional<std::vector<std::string>> scopes = {};  // nothing: all there are
  std::vector<std::string> targets = {};                // `resource` and `audience` (RFC 8707)
};

struct GrantRules {
  std::string own_target;              // this server
  std::vector<std::string> targets{};  // others that tokens may be meant for
};

struct Grant {
  std::optional<GrantFault> fault = {};
  std::string why = {};      // of a fault; nothing secret
  AccessClaims claims = {};  // all but issuer and `token_id`
};

// "a b": names of printable ASCII without quotes, one space between them, in no order, each once;
// nullopt: it is none.
std::optional<std::vector<std::string>> parse_scope(std::string_view text);
std::string scope_text(const std::vector<std::string>& scopes);

Grant grant_to_client(const Client& client, const GrantWish& wish, const GrantRules& rules,
                      WallTime now);

// Whom a client wants to act for, and as what.
struct Exchange {
  const AccessClaims& subject;          // checked
  const Standing& standing;             // of the subject's token
  const AccessClaims* actor = nullptr;  // checked; null: no token of the client's own was shown
};
Grant exchange_token(const Client& client, const Exchange& exchange, std::string_view own_client,
                     const GrantWish& wish, const GrantRules& rules, WallTime now);

}  // namespace writ::identity
