// POST /oauth/introspect and /oauth/revoke: about tokens that there are.
#include <string>
#include <utility>

#include "identity/oauth/authorizations.h"
#include "identity/oauth/revocations.h"
#include "server/api/answers.h"
#include "server/auth/shapes.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

using identity::AccessClaims;

// Null: it is none of ours, or it is over.
Result<identity::SharedClaims> inspected(AuthService& service, const Call& call) {
  auto claims = service.tokens().inspect(text_of(call.body, "token"));
  if (claims) return *claims;
  if (claims.error().code == Code::signature_bad) return identity::SharedClaims();
  return std::unexpected(std::move(claims).error());
}

Value to_value(const AccessClaims& claims, const identity::Caller& caller) {
  Object said = identity::claims_to_value(claims).as_object();
  Object out{
      {"active", true}, {"scope", identity::scope_text(caller.scopes)}, {"token_type", "Bearer"}};
  for (const std::string_view name :
       {"act", "aud", "client_id", "exp", "iat", "iss", "jti", "sub"}) {
    if (const Value* const found = said.find(name)) out.append(std::string(name), *found);
  }
  return out;
}

Value not_active() { return Object{{"active", false}}; }

// Of an application: with its token ends all that it was given with it.
Result<net::Answer> revoke_of_application(AuthService& service, const Call& call,
                                          const identity::Application& application) {
  const std::string_view text = text_of(call.body, "token");
  WRIT_TRY(auto session, service.parts().store.read([&](store::Tx& tx) {
    return identity::find_refresh_session(tx, text);
  }));
  if (!session) {
    WRIT_TRY(const identity::SharedClaims claims, inspected(service, call));
    if (claims != nullptr && claims->client_id == application.id.text()) {
      const auto id = identity::SessionId::parse(claims->session);
      if (id) session = *id;
    }
  }
  if (session) {
    WRIT_CHECK(
        identity::end_grant(service.parts(), application.id, *session, service.asker_of(call)));
  }
  return net::Response();
}

}  // namespace

Result<net::Answer> introspect_token(AuthService& service, const Call& call) {
  WRIT_TRY(ProvenClient proven, prove_client(service, call));
  if (!proven.client) return std::move(proven.refusal);
  WRIT_TRY(const identity::SharedClaims claims, inspected(service, call));
  if (claims == nullptr) return json(200, not_active());
  const auto standing = service.parts().store.read(
      [&](store::Tx& tx) { return identity::standing_of(tx, *claims, service.scope_rules()); });
  if (standing) return json(200, to_value(*claims, standing->caller));
  if (standing.error().code == Code::unauthenticated) return json(200, not_active());
  return std::unexpected(standing.error());
}

Result<net::Answer> revoke_token(AuthService& service, const Call& call) {
  WRIT_TRY(const bool is_of_application, names_application(service, call));
  if (is_of_application) {
    WRIT_TRY(ProvenApplication proven, prove_application(service, call));
    if (!proven.application) return std::move(proven.refusal);
    return revoke_of_application(service, call, *proven.application);
  }
  WRIT_TRY(ProvenClient proven, prove_client(service, call));
  if (!proven.client) return std::move(proven.refusal);
  WRIT_TRY(const identity::SharedClaims claims, inspected(service, call));
  net::Response done;
  if (claims == nullptr) return done;
  const std::string client = proven.client->id.text();
  if (claims->client_id != client) {
    return oauth_error(400, "invalid_grant", "the token was issued to another client");
  }
  WRIT_CHECK(service.parts().store.write([&](store::Tx& tx) {
    return identity::revoke_token(
        tx, *claims, service.parts().deed("principal:" + client, std::string(call.trace)));
  }));
  return done;
}

}  // namespace writ::server
