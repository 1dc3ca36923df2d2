// What a program asks a person for who is elsewhere, and what they say to it.
#include <algorithm>
#include <string>
#include <utility>

#include "base/id.h"
#include "identity/oauth/delegations.h"
#include "identity/oauth/grants.h"
#include "identity/principals.h"
#include "server/api/answers.h"
#include "server/auth/authenticator.h"
#include "server/auth/shapes.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

using identity::Delegation;
using identity::DelegationId;
using identity::DelegationOutcome;

bool is_program_itself(const identity::Caller& who) {
  return who.kind != identity::PrincipalKind::user && who.actors.empty();
}

// For the person: who asks, for what. The number is not in it: it is read off the program.
Result<Value> to_value(store::Tx& tx, const Delegation& delegation) {
  WRIT_TRY(const auto asker, identity::find_principal(tx, delegation.asker));
  Object client{{"id", delegation.asker.text()}};
  if (asker) {
    client.append("name", asker->name);
    client.append("kind", identity::kPrincipalKinds.name(asker->kind));
  }
  return Value(Object{{"id", delegation.id.text()},
                      {"client", std::move(client)},
                      {"scope", identity::scope_text(delegation.scopes)},
                      {"resource", delegation.target},
                      {"message", delegation.message},
                      {"created_at", to_rfc3339(delegation.made_at)},
                      {"expires_at", to_rfc3339(delegation.expires_at)}});
}

// Nothing: the scopes are not ones that the program has.
std::optional<Delegation> wanted_of(const AuthService& service, const Call& call) {
  Delegation out;
  out.asker = call.who().id;
  for (const Value& scope : call.body.find("scopes")->as_array()) {
    if (!call.who().has_scope(scope.as_string())) return std::nullopt;
    out.scopes.push_back(scope.as_string());
  }
  std::ranges::sort(out.scopes);
  const auto twice = std::ranges::unique(out.scopes);
  out.scopes.erase(twice.begin(), twice.end());
  out.target = call.body.string_or("resource", service.options().public_url);
  out.message = text_of(call.body, "message");
  return out;
}

bool is_target(const AuthService& service, const std::string& target) {
  const auto& others = service.options().resources;
  return target == service.options().public_url ||
         std::ranges::find(others, target) != others.end();
}

net::Response refused(const identity::DelegationAnswer& answer, WallTime now) {
  switch (answer.outcome) {
    case DelegationOutcome::no_factor:
      return detail(400, "MFA_NOT_ENROLLED");
    case DelegationOutcome::bad_code:
      return detail(400, "MFA_BAD_CODE");
    case DelegationOutcome::wrong_number:
      return detail(400, "MFA_WRONG_NUMBER");
    case DelegationOutcome::must_wait:
      return must_wait("MFA_TOO_MANY_ATTEMPTS", answer.wait_until, now);
    default:
      return detail(400, "MFA_BAD_REQUEST");
  }
}

}  // namespace

Result<net::Answer> ask_for_delegation(AuthService& service, const Call& call) {
  if (!is_program_itself(call.who())) return phrase(403);
  const auto person = identity::PrincipalId::parse(text_of(call.body, "subject"));
  if (!person) return phrase(404);
  auto wanted = wanted_of(service, call);
  if (!wanted) return detail(400, "MFA_BAD_SCOPE");
  if (!is_target(service, wanted->target)) return detail(400, "MFA_BAD_RESOURCE");
  wanted->id = service.parts().new_id<DelegationId>();
  const auto letter = service.parts().new_id<identity::WishId>();
  wanted->person = *person;
  wanted->number = identity::make_delegation_number();
  WRIT_TRY(const Delegation asked, service.parts().store.write([&](store::Tx& tx) {
    return identity::ask_delegation(tx, *wanted, letter, service.deed_of(call));
  }));
  service.post();
  return json(201, Object{{"id", asked.id.text()},
                          {"number", asked.number},
                          {"expires_at", to_rfc3339(asked.expires_at)}});
}

Result<net::Answer> look_at_delegation(AuthService& service, const Call& call) {
  const auto id = DelegationId::parse(call.text("id"));
  if (!id) return phrase(404);
  WRIT_TRY(const auto found,
           service.parts().store.read([&](store::Tx& tx) -> Result<std::optional<Delegation>> {
             WRIT_TRY(const WallTime now, tx.now());
             return identity::find_delegation(tx, *id, now);
           }));
  if (!found || found->asker != call.who().id || !is_program_itself(call.who())) {
    return phrase(404);
  }
  return json(200, Object{{"status", identity::kDelegationStates.name(found->state)},
                          {"expires_at", to_rfc3339(found->expires_at)}});
}

Result<net::Answer> list_own_delegations(AuthService& service, const Call& call) {
  if (!session_of(call.who())) return phrase(403);
  WRIT_TRY(Array items, service.parts().store.read([&](store::Tx& tx) -> Result<Array> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto pending, identity::list_pending_delegations(tx, call.who().id, now));
    Array out;
    for (const Delegation& one : pending) {
      WRIT_TRY(Value shape, to_value(tx, one));
      out.push_back(std::move(shape));
    }
    return out;
  }));
  return json(200, Object{{"items", std::move(items)}});
}

Result<net::Answer> answer_delegation(AuthService& service, const Call& call) {
  // Neither a key nor whoever acts for a person says yes for them.
  const auto session = session_of(call.who());
  const auto id = DelegationId::parse(text_of(call.body, "request_id"));
  if (!session) return phrase(403);
  if (!id) return detail(400, "MFA_BAD_REQUEST");
  const identity::DelegationWord word{.id = *id,
                                      .person = call.who().id,
                                      .session = *session,
                                      .is_yes = call.body.bool_or("approve", true),
                                      .number = std::string(text_of(call.body, "number")),
                                      .code = std::string(text_of(call.body, "code"))};
  WRIT_TRY(const auto answer, service.parts().store.write([&](store::Tx& tx) {
    return identity::answer_delegation(tx, service.parts(), word, service.asker_of(call));
  }));
  if (answer.outcome == DelegationOutcome::approved) {
    return json(200, Object{{"status", "approved"}});
  }
  if (answer.outcome == DelegationOutcome::refused) return json(200, Object{{"status", "refused"}});
  return refused(answer, service.parts().clock.wall());
}

}  // namespace writ::server
