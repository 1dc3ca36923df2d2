#pragma once
// What the operations of the family `oauth` share. Private to server/oauth.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/users.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/clients.h"
#include "identity/oauth/grants.h"
#include "net/handler.h"
#include "server/auth/auth_service.h"
#include "server/oauth/oauth_operations.h"

namespace writ::server {

inline constexpr std::string_view kAuthorizePath = "/oauth/authorize";
inline constexpr std::string_view kSignInPath = "/oauth/sign-in";
inline constexpr std::string_view kUserinfoPath = "/oauth/userinfo";
inline constexpr std::string_view kTokenPath = "/oauth/token";
inline constexpr std::string_view kIntrospectionPath = "/oauth/introspect";
inline constexpr std::string_view kRevocationPath = "/oauth/revoke";
inline constexpr std::string_view kJwksPath = "/.well-known/jwks.json";
inline constexpr std::string_view kDelegatedPath = "/mfa/delegated";

inline constexpr std::string_view kOpenidScopes[] = {identity::kEmailScope, identity::kOfflineScope,
                                                     identity::kOpenidScope};

inline constexpr std::string_view kAuthorizationCode = "authorization_code";
inline constexpr std::string_view kRefreshToken = "refresh_token";
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

// The same of an application (code_grants.cc); of a public one its id is all there is to show.
struct ProvenApplication {
  std::optional<identity::Application> application = {};
  net::Response refusal = {};
};
Result<ProvenApplication> prove_application(AuthService& service, const Call& call);
// Whether the request says to come from an application.
Result<bool> names_application(AuthService& service, const Call& call);
Result<net::Answer> grant_by_code(AuthService& service, const Call& call);
Result<net::Answer> grant_by_refresh(AuthService& service, const Call& call);

// The answer to who proved to be `client`, told in the log (identity/oauth/refused_grants.h).
Result<net::Answer> refuse_grant(AuthService& service, const Call& call, std::string_view client,
                                 identity::GrantFault fault, std::string_view why);
// Told likewise: what a page does not lead to.
struct RefusedAuthorization {
  std::string client = {};  // empty: nobody's
  std::string_view error = {};
  std::optional<identity::PrincipalId> person = {};
};
Result<void> tell_refused_authorization(AuthService& service, const Call& call,
                                        const RefusedAuthorization& refused);

// Who looks at a page, by the session's cookie.
struct Visitor {
  identity::Session session;
  identity::User user;
  std::string cookie;
};
// authorize_operations.cc. Nothing: nobody that is signed in.
Result<std::optional<Visitor>> visitor_of(AuthService& service, const Call& call);

net::Response see_other(const std::string& where);

// What the pages work with.
struct OauthRoom {
  std::shared_ptr<AuthService> service;  // with the operations
  std::vector<OfferedProvider> providers;
};
// authorize_operations.cc
Result<net::Answer> show_authorization(const OauthRoom& room, const Call& call);
Result<net::Answer> decide_authorization(const OauthRoom& room, const Call& call);
Result<net::Answer> sign_in_on_page(const OauthRoom& room, const Call& call);
// delegation_pages.cc
Result<net::Answer> show_delegations(const OauthRoom& room, const Call& call);
Result<net::Answer> answer_on_page(const OauthRoom& room, const Call& call);
// application_operations.cc
Result<net::Answer> register_client(AuthService& service, const Call& call);
Result<net::Answer> list_clients(AuthService& service, const Call& call);
Result<net::Answer> get_client(AuthService& service, const Call& call);
Result<net::Answer> change_client(AuthService& service, const Call& call);
Result<net::Answer> replace_client_secret(AuthService& service, const Call& call);
Result<net::Answer> end_former_client_secret(AuthService& service, const Call& call);
Result<net::Answer> delete_client(AuthService& service, const Call& call);
Result<net::Answer> list_own_consents(AuthService& service, const Call& call);
Result<net::Answer> take_back_own_consent(AuthService& service, const Call& call);
Result<net::Answer> get_userinfo(AuthService& service, const Call& call);

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
