#pragma once
// What the operations of the family `oauth` share. Private to server/oauth.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/oauth/clients.h"
#include "identity/oauth/grants.h"
#include "net/handler.h"
#include "server/auth/auth_service.h"

namespace writ::server {

inline constexpr std::string_view kTokenPath = "/oauth/token";
inline constexpr std::string_view kIntrospectionPath = "/oauth/introspect";
inline constexpr std::string_view kRevocationPath = "/oauth/revoke";
inline constexpr std::string_view kJwksPath = "/.well-known/jwks.json";

inline constexpr std::string_view kClientCredentials = "client_credentials";
inline constexpr std::string_view kTokenExchange =
    "urn:ietf:params:oauth:grant-type:token-exchange";
inline constexpr std::string_view kAccessTokenType =
    "urn:ietf:params:oauth:token-type:access_token";
// The id of a request that a person approved (identity/oauth/delegations.h).
inline constexpr std::string_view kDelegationType = "urn:writ:params:oauth:token-type:delegation";

// Who asks: the client, or the answer to a request that does not prove one.
struct ProvenClient {
  std::optional<identity::Client> client = {};
  net::Response refusal = {};
};
// By Basic or in the form, in one way alone. Errors: those of the store.
Result<ProvenClient> prove_client(AuthService& service, const Call& call);

// metadata.cc
std::vector<Binding> metadata_operations(const std::shared_ptr<AuthService>& service,
                                         const std::vector<std::string>& scopes);
// token_operations.cc
Result<net::Answer> issue_token(AuthService& service, const Call& call);
// delegation_operations.cc
Result<net::Answer> ask_for_delegation(AuthService& service, const Call& call);
Result<net::Answer> look_at_delegation(AuthService& service, const Call& call);
Result<net::Answer> list_own_delegations(AuthService& service, const Call& call);
Result<net::Answer> answer_delegation(AuthService& service, const Call& call);
// known_token_operations.cc
Result<net::Answer> introspect_token(AuthService& service, const Call& call);
Result<net::Answer> revoke_token(AuthService& service, const Call& call);

}  // namespace writ::server
