// POST /oauth/token.
#include <algorithm>
#include <string>
#include <utility>

#include "base/id.h"
#include "identity/accounts/api_keys.h"
#include "identity/oauth/delegations.h"
#include "identity/oauth/revocations.h"
#include "server/api/answers.h"
#include "server/auth/shapes.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

using identity::AccessClaims;
using identity::Client;
using identity::Grant;
using identity::GrantFault;

constexpr std::string_view kJwtType = "urn:ietf:params:oauth:token-type:jwt";

// To a program that proved who it is.
Result<net::Answer> refused(AuthService& service, const Call& call, const Client& client,
                            GrantFault fault, std::string_view why) {
  return refuse_grant(service, call, client.id.text(), fault, why);
}

bool is_token_type(std::string_view type) { return type == kAccessTokenType || type == kJwtType; }

void add_all(std::vector<std::string>& out, const Value& body, std::string_view member) {
  const Value* const given = body.find(member);
  if (given == nullptr) return;
  for (const Value& one : given->as_array()) out.push_back(one.as_string());
}

// Nothing: `scope` is not one.
std::optional<identity::GrantWish> wish_of(const Value& body) {
  identity::GrantWish out;
  if (const std::string_view scope = text_of(body, "scope"); !scope.empty()) {
    out.scopes = identity::parse_scope(scope);
    if (!out.scopes) return std::nullopt;
  }
  add_all(out.targets, body, "resource");
  add_all(out.targets, body, "audience");
  return out;
}

identity::GrantRules rules_of(const AuthService& service) {
  return {.own_target = service.options().public_url, .targets = service.options().resources};
}

Result<net::Answer> hand_out(AuthService& service, AccessClaims claims, bool is_exchange) {
  const std::int64_t expires_in = (claims.expires_at - claims.issued_at).count();
  std::string scope = identity::scope_text(claims.scopes);
  WRIT_TRY(std::string token, service.tokens().issue(std::move(claims)));
  Object body{{"access_token", std::move(token)}};
  if (is_exchange) body.append("issued_token_type", kAccessTokenType);
  body.append("token_type", "Bearer");
  body.append("expires_in", expires_in);
  body.append("scope", std::move(scope));
  return json(200, std::move(body));
}

std::string new_token_id(AuthService& service) {
  return Uuid::v7(service.parts().clock, service.parts().random).text();
}

Result<net::Answer> by_credentials(AuthService& service, const Call& call, const Client& client,
                                   const identity::GrantWish& wish) {
  Grant grant =
      identity::grant_to_client(client, wish, rules_of(service), service.parts().clock.wall());
  if (grant.fault) return refused(service, call, client, *grant.fault, grant.why);
  grant.claims.token_id = new_token_id(service);
  return hand_out(service, std::move(grant.claims), false);
}

bool is_of_application(const AccessClaims& claims) {
  return std::ranges::any_of(
      claims.via, [](const std::string& one) { return one.starts_with("application/"); });
}

// What the client shows of others, checked but for whether it still stands.
struct Shown {
  identity::SharedClaims subject = {};
  identity::SharedClaims actor = {};  // null: none was shown
  std::string_view fault = {};        // empty: none
};

Result<identity::SharedClaims> checked(AuthService& service, std::string_view token) {
  auto claims = service.tokens().check(token);
  if (claims) return *claims;
  if (claims.error().code == Code::signature_bad) return identity::SharedClaims();
  return std::unexpected(std::move(claims).error());
}

Result<Shown> read_shown(AuthService& service, const Value& body) {
  const std::string_view subject = text_of(body, "subject_token");
  const std::string_view actor = text_of(body, "actor_token");
  const std::string_view wanted = text_of(body, "requested_token_type");
  Shown out;
  if (subject.empty() || !is_token_type(text_of(body, "subject_token_type"))) {
    out.fault = "subject_token has to be an access token, and subject_token_type to say so";
  } else if (actor.empty() != text_of(body, "actor_token_type").empty() ||
             (!actor.empty() && !is_token_type(text_of(body, "actor_token_type")))) {
    out.fault = "actor_token has to be an access token, and actor_token_type to say so";
  } else if (!wanted.empty() && !is_token_type(wanted)) {
    out.fault = "requested_token_type: access tokens alone are issued";
  }
  if (!out.fault.empty()) return out;
  WRIT_TRY(out.subject, checked(service, subject));
  if (!actor.empty()) {
    WRIT_TRY(out.actor, checked(service, actor));
  }
  if (out.subject == nullptr) out.fault = "subject_token does not count";
  if (!actor.empty() && out.actor == nullptr) out.fault = "actor_token does not count";
  if (out.subject != nullptr && is_of_application(*out.subject)) {
    out.fault = "what an application was given is not exchanged";
  }
  return out;
}

// `delegation`: that the token is given for; empty: none.
Result<void> tell(AuthService& service, store::Tx& tx, const Call& call, const Client& client,
                  const AccessClaims& claims, std::string delegation = {}) {
  Array actors;
  for (const identity::Actor& one : claims.actors) actors.emplace_back(one.subject);
  Object payload{{"actors", std::move(actors)},
                 {"audience", claims.audience.front()},
                 {"principal", claims.subject},
                 {"scope", identity::scope_text(claims.scopes)}};
  if (!delegation.empty()) payload.append("delegation", std::move(delegation));
  return service.parts()
      .deed("principal:" + client.id.text(), std::string(call.trace))
      .tell(tx, "writ.token.exchanged", identity::token_subject(claims.token_id),
            std::move(payload));
}

// Nothing: one of the tokens does not stand.
Result<std::optional<Grant>> exchange(AuthService& service, store::Tx& tx, const Client& client,
                                      const Shown& shown, const identity::GrantWish& wish) {
  WRIT_TRY(const WallTime now, tx.now());
  const identity::ScopeRules rules = service.scope_rules();
  auto standing = identity::standing_of(tx, *shown.subject, rules);
  if (standing && shown.actor != nullptr) {
    auto actor = identity::standing_of(tx, *shown.actor, rules);
    if (!actor) standing = std::unexpected(std::move(actor).error());
  }
  if (!standing) {
    if (standing.error().code == Code::unauthenticated) return std::nullopt;
    return std::unexpected(std::move(standing).error());
  }
  const identity::Exchange wanted{*shown.subject, *standing, shown.actor.get()};
  return identity::exchange_token(client, wanted, rules.own_client, wish, rules_of(service), now);
}

Result<net::Answer> by_exchange(AuthService& service, const Call& call, const Client& client,
                                const identity::GrantWish& wish) {
  WRIT_TRY(const Shown shown, read_shown(service, call.body));
  if (!shown.fault.empty())
    return refused(service, call, client, GrantFault::invalid_request, shown.fault);
  const std::string id = new_token_id(service);
  WRIT_TRY(auto grant,
           service.parts().store.write([&](store::Tx& tx) -> Result<std::optional<Grant>> {
             WRIT_TRY(auto made, exchange(service, tx, client, shown, wish));
             if (!made || made->fault) return made;
             made->claims.token_id = id;
             WRIT_CHECK(tell(service, tx, call, client, made->claims));
             return made;
           }));
  if (!grant) {
    return refused(service, call, client, GrantFault::invalid_request,
                   "a token that was shown does not count");
  }
  if (grant->fault) return refused(service, call, client, *grant->fault, grant->why);
  return hand_out(service, std::move(grant->claims), true);
}

// What a person approved, as if the program had been shown a token of that session with those
// scopes. Nothing: the session is over.
Result<std::optional<Grant>> grant_approved(AuthService& service, store::Tx& tx,
                                            const Client& client,
                                            const identity::Delegation& delegation, WallTime now) {
  if (!delegation.session) return std::nullopt;
  WRIT_TRY(const auto session, identity::find_session(tx, *delegation.session, now));
  if (!session) return std::nullopt;
  const identity::ScopeRules rules = service.scope_rules();
  auto standing = identity::standing_of_session(tx, *session, rules);
  if (!standing) {
    if (standing.error().code == Code::unauthenticated) return std::nullopt;
    return std::unexpected(std::move(standing).error());
  }
  AccessClaims subject;
  subject.subject = delegation.person.text();
  subject.client_id = kOwnClient;
  subject.session = session->id.text();
  subject.epoch = session->epoch;
  subject.expires_at = identity::to_seconds(session->expires_at);
  subject.authenticated_at = identity::to_seconds(delegation.decided_at);
  subject.methods = {"mfa", "otp"};
  const identity::Exchange wanted{subject, *standing, nullptr};
  const identity::GrantWish wish{.scopes = delegation.scopes, .targets = {delegation.target}};
  return identity::exchange_token(client, wanted, rules.own_client, wish, rules_of(service), now);
}

Grant not_good() {
  return {.fault = GrantFault::invalid_grant,
          .why = "the approval is not there, is over, or was used"};
}

Result<Grant> redeem(AuthService& service, store::Tx& tx, const Call& call, const Client& client,
                     const std::string& token_id) {
  const auto id = identity::DelegationId::parse(text_of(call.body, "subject_token"));
  if (!id) return not_good();
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto delegation, identity::find_delegation(tx, *id, now));
  if (!delegation || delegation->asker != client.id) return not_good();
  switch (delegation->state) {
    case identity::DelegationState::pending:
      return Grant{.fault = GrantFault::authorization_pending, .why = "nobody has answered yet"};
    case identity::DelegationState::refused:
      return Grant{.fault = GrantFault::access_denied, .why = "it was refused"};
    case identity::DelegationState::taken:
      return not_good();
    case identity::DelegationState::approved:
      break;
  }
  WRIT_TRY(auto grant, grant_approved(service, tx, client, *delegation, now));
  if (!grant) return not_good();
  if (grant->fault) return *std::move(grant);
  grant->claims.token_id = token_id;
  WRIT_CHECK(identity::take_delegation(tx, *delegation));
  WRIT_CHECK(tell(service, tx, call, client, grant->claims, delegation->id.text()));
  return *std::move(grant);
}

// Scopes and resource are those that were approved.
Result<net::Answer> by_delegation(AuthService& service, const Call& call, const Client& client,
                                  const identity::GrantWish& wish) {
  if (wish.scopes || !wish.targets.empty()) {
    return refused(service, call, client, GrantFault::invalid_request,
                   "scope and resource were said with the request");
  }
  const std::string token_id = new_token_id(service);
  WRIT_TRY(Grant grant, service.parts().store.write([&](store::Tx& tx) {
    return redeem(service, tx, call, client, token_id);
  }));
  if (grant.fault) return refused(service, call, client, *grant.fault, grant.why);
  return hand_out(service, std::move(grant.claims), true);
}

}  // namespace

Result<net::Answer> issue_token(AuthService& service, const Call& call) {
  const std::string_view type = text_of(call.body, "grant_type");
  if (type == kAuthorizationCode) return grant_by_code(service, call);
  if (type == kRefreshToken) return grant_by_refresh(service, call);
  if (type != kClientCredentials && type != kTokenExchange) {
    return oauth_error(400, "unsupported_grant_type",
                       "`grant_types_supported` of the metadata says what is there");
  }
  WRIT_TRY(ProvenClient proven, prove_client(service, call));
  if (!proven.client) return std::move(proven.refusal);
  const auto wish = wish_of(call.body);
  if (!wish) {
    return refused(service, call, *proven.client, GrantFault::invalid_scope,
                   "scope is words with one space between");
  }
  const bool is_delegation = text_of(call.body, "subject_token_type") == kDelegationType;
  if (type == kTokenExchange && is_delegation) {
    return by_delegation(service, call, *proven.client, *wish);
  }
  if (type == kTokenExchange) return by_exchange(service, call, *proven.client, *wish);
  return by_credentials(service, call, *proven.client, *wish);
}

}  // namespace writ::server
