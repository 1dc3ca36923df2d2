// POST /oauth/token for applications: authorization codes and refresh tokens (RFC 6749 sections
// 4.1.3 and 6).
#include <algorithm>
#include <string>
#include <utility>

#include "base/id.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/random_bytes.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/oauth/grants.h"
#include "identity/oauth/standing.h"
#include "server/api/answers.h"
#include "server/auth/shapes.h"
#include "server/oauth/basic_credentials.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

using identity::Application;
using identity::GrantFault;
using identity::Session;

net::Response no_client(std::string_view why) {
  net::Response response = oauth_error(401, "invalid_client", why);
  response.fields.emplace_back("WWW-Authenticate", R"(Basic realm="writ", charset="UTF-8")");
  return response;
}

bool has(const std::vector<std::string>& scopes, std::string_view scope) {
  return std::ranges::find(scopes, scope) != scopes.end();
}

// OpenID Connect Core section 3.1.3.6: the left half of the digest that ES256 signs.
std::string at_hash_of(std::string_view access_token) {
  const crypto::Digest digest = crypto::sha256(access_token);
  return crypto::to_base64url(digest.view().substr(0, 16));
}

identity::AccessClaims claims_of(AuthService& service, const Session& session,
                                 std::vector<std::string> scopes) {
  const auto now = identity::to_seconds(service.parts().clock.wall());
  identity::AccessClaims out;
  out.subject = session.principal.text();
  out.client_id = session.grant.application;
  out.audience = {session.grant.target};
  out.token_id = Uuid::v7(service.parts().clock, service.parts().random).text();
  out.session = session.id.text();
  out.epoch = session.epoch;
  out.scopes = std::move(scopes);
  out.issued_at = now;
  out.expires_at =
      std::min(now + identity::kGrantLifetime, identity::to_seconds(session.expires_at));
  out.authenticated_at = proof_time_of(session);
  out.methods = methods_of(session);
  out.via = {"application/" + session.grant.application};
  return out;
}

Result<std::string> id_token_of(AuthService& service, const identity::AccessClaims& of,
                                std::string_view access_token, const std::string& nonce) {
  Array methods;
  for (const std::string& one : of.methods) methods.emplace_back(one);
  Object claims{{"iss", service.options().public_url},
                {"sub", of.subject},
                {"aud", of.client_id},
                {"exp", of.expires_at.time_since_epoch().count()},
                {"iat", of.issued_at.time_since_epoch().count()},
                {"amr", std::move(methods)},
                {"at_hash", at_hash_of(access_token)}};
  if (of.authenticated_at) {
    claims.append("auth_time", of.authenticated_at->time_since_epoch().count());
  }
  if (!nonce.empty()) claims.append("nonce", nonce);
  return identity::sign_claims(*service.keys().current(), service.parts().clock.wall(),
                               identity::TokenType::id, Value(std::move(claims)));
}

// Registering makes nobody a reader of other people's work, whatever was consented to.
Result<std::vector<std::string>> usable_scopes(AuthService& service, const Session& session,
                                               const std::vector<std::string>& scopes) {
  return service.parts().store.read([&](store::Tx& tx) {
    return identity::usable_scopes(tx, session.principal, scopes, service.scope_rules());
  });
}

// Nothing of a nonce comes with a refresh (OpenID Connect Core section 12.2).
Result<net::Answer> hand_out(AuthService& service, const Call& call, const Session& session,
                             const std::vector<std::string>& scopes,
                             const std::string& refresh_token, const std::string& nonce) {
  WRIT_TRY(std::vector<std::string> usable, usable_scopes(service, session, scopes));
  const identity::AccessClaims claims = claims_of(service, session, std::move(usable));
  if (claims.expires_at <= claims.issued_at) {
    return refuse_grant(service, call, session.grant.application, GrantFault::invalid_grant,
                        "what the token is to rest on is over");
  }
  WRIT_TRY(std::string token, service.tokens().issue(claims));
  Object body{{"access_token", token},
              {"token_type", "Bearer"},
              {"expires_in", (claims.expires_at - claims.issued_at).count()},
              {"scope", identity::scope_text(claims.scopes)}};
  if (!refresh_token.empty()) body.append("refresh_token", refresh_token);
  if (has(claims.scopes, "openid")) {
    WRIT_TRY(std::string id_token, id_token_of(service, claims, token, nonce));
    body.append("id_token", std::move(id_token));
  }
  return json(200, std::move(body));
}

std::vector<std::string> targets_of(const Value& body) {
  std::vector<std::string> out;
  const Value* const given = body.find("resource");
  if (given == nullptr) return out;
  for (const Value& one : given->as_array()) out.push_back(one.as_string());
  return out;
}

}  // namespace

Result<ProvenApplication> prove_application(AuthService& service, const Call& call) {
  const auto shown = call.request.fields.find("Authorization");
  identity::ClientProof proof{.id = std::string(text_of(call.body, "client_id")),
                              .secret = std::string(text_of(call.body, "client_secret"))};
  if (shown) {
    auto basic = parse_basic(*shown);
    if (!basic) return ProvenApplication{.refusal = no_client("Authorization is not Basic")};
    if (!proof.secret.empty() || (!proof.id.empty() && proof.id != basic->id)) {
      return ProvenApplication{.refusal = oauth_error(400, "invalid_request",
                                                      "a client proves itself in one way alone")};
    }
    proof = *std::move(basic);
  }
  const auto id = identity::ApplicationId::parse(proof.id);
  std::optional<Application> found;
  if (id) {
    WRIT_TRY(found, service.parts().store.read(
                        [&](store::Tx& tx) { return identity::find_application(tx, *id); }));
  }
  ProvenApplication out;
  const WallTime now = service.parts().clock.wall();
  const bool is_proved =
      found &&
      (found->is_public() ? proof.secret.empty() : identity::has_secret(*found, proof.secret, now));
  if (is_proved) {
    out.application = std::move(found);
    return out;
  }
  WRIT_TRY(const auto wait, identity::note_refused_application(
                                service.parts(), found ? std::optional(found->id) : std::nullopt,
                                service.asker_of(call)));
  out.refusal = no_client("the client is not known, or the secret is not its");
  if (wait) {
    const net::Response late = must_wait("", *wait, service.parts().clock.wall());
    out.refusal =
        oauth_error(late.status, "temporarily_unavailable", "too many failed tries; wait");
    out.refusal.fields.emplace_back("Retry-After", late.field("Retry-After"));
  }
  return out;
}

Result<bool> names_application(AuthService& service, const Call& call) {
  std::string name(text_of(call.body, "client_id"));
  if (const auto shown = call.request.fields.find("Authorization")) {
    if (auto basic = parse_basic(*shown)) name = std::move(basic->id);
  }
  const auto id = identity::ApplicationId::parse(name);
  if (!id) return false;
  WRIT_TRY(const auto found, service.parts().store.read([&](store::Tx& tx) {
    return identity::find_application(tx, *id);
  }));
  return found.has_value();
}

Result<net::Answer> grant_by_code(AuthService& service, const Call& call) {
  WRIT_TRY(ProvenApplication proven, prove_application(service, call));
  if (!proven.application) return std::move(proven.refusal);
  const identity::GrantSecrets secrets = identity::make_grant_secrets(service.parts());
  const identity::CodeProof proof{.application = proven.application->id,
                                  .code = text_of(call.body, "code"),
                                  .redirect_uri = text_of(call.body, "redirect_uri"),
                                  .verifier = text_of(call.body, "code_verifier"),
                                  .targets = targets_of(call.body)};
  WRIT_TRY(const auto granted, service.parts().store.write([&](store::Tx& tx) {
    return identity::redeem_code(tx, proof, secrets, service.asker_of(call),
                                 service.parts().deed("system", std::string(call.trace)));
  }));
  if (!granted) {
    return refuse_grant(service, call, proven.application->id.text(), GrantFault::invalid_grant,
                        "the code is not there, is over, was used, or is not for this request");
  }
  return hand_out(service, call, granted->session, granted->session.grant.scopes,
                  granted->refresh_token, granted->nonce);
}

Result<net::Answer> grant_by_refresh(AuthService& service, const Call& call) {
  WRIT_TRY(ProvenApplication proven, prove_application(service, call));
  if (!proven.application) return std::move(proven.refusal);
  identity::GrantWish wish{.targets = targets_of(call.body)};
  if (const std::string_view scope = text_of(call.body, "scope"); !scope.empty()) {
    wish.scopes = identity::parse_scope(scope);
    if (!wish.scopes) {
      return refuse_grant(service, call, proven.application->id.text(), GrantFault::invalid_scope,
                          "scope is words with one space between");
    }
  }
  WRIT_TRY(
      const identity::RefreshedGrant got,
      identity::refresh_grant(service.parts(), proven.application->id,
                              text_of(call.body, "refresh_token"), wish, service.asker_of(call)));
  if (got.fault) {
    return refuse_grant(service, call, proven.application->id.text(), *got.fault, got.why);
  }
  return hand_out(service, call, got.session, wish.scopes.value_or(got.session.grant.scopes),
                  got.refresh_token, {});
}

}  // namespace writ::server
