#include <algorithm>
#include <utility>

#include "identity/accounts/api_keys.h"
#include "identity/accounts/own_account.h"
#include "identity/accounts/own_keys.h"
#include "identity/accounts/sessions.h"
#include "identity/api_key.h"
#include "server/api/answers.h"
#include "server/auth/authenticator.h"
#include "server/auth/operation_parts.h"
#include "server/auth/shapes.h"

namespace writ::server {
namespace {

using identity::ApiKey;
using identity::OwnChange;

constexpr std::string_view kEnvironment = "live";

identity::Owner owner_of(const Call& call) {
  return {.id = call.who().id, .session = session_of(call.who())};
}

// What is not signed in as itself must not hand out credentials of its own: an API key, or an actor
// of a delegation, would outlive what it was given.
bool is_person_itself(const identity::Caller& caller) {
  return caller.kind == identity::PrincipalKind::user && caller.actors.empty() &&
         session_of(caller).has_value();
}

// The scopes asked for, if the caller has all of them.
Result<std::vector<std::string>> narrowed(const Call& call) {
  std::vector<std::string> out;
  const Value* const asked = call.body.find("scopes");
  if (asked == nullptr) return out;
  for (const Value& scope : asked->as_array()) {
    const bool is_given = scope.as_string() == identity::kSuperuserScope
                              ? call.who().is_superuser
                              : call.who().has_scope(scope.as_string());
    if (!is_given) {
      return fail(Code::not_permitted, "you do not have the scope " + scope.as_string());
    }
    out.push_back(scope.as_string());
  }
  std::ranges::sort(out);
  return out;
}

Result<net::Answer> refused(AuthService& service, OwnChange outcome, WallTime wait_until) {
  switch (outcome) {
    case OwnChange::must_wait:
      return must_wait("MFA_TOO_MANY_ATTEMPTS", wait_until, service.parts().clock.wall());
    case OwnChange::bad_code:
      return detail(400, "MFA_BAD_CODE");
    default:
      return detail(400, "MFA_BAD_PASSWORD");
  }
}

}  // namespace

Result<net::Answer> list_own_keys(AuthService& service, const Call& call) {
  WRIT_TRY(const auto keys, service.parts().store.read([&](store::Tx& tx) {
    return identity::list_api_keys(tx, call.who().id);
  }));
  Array items;
  for (const ApiKey& key : keys) items.push_back(api_key_shape(key));
  return json(200, std::move(items));
}

Result<net::Answer> create_own_key(AuthService& service, const Call& call) {
  if (!is_person_itself(call.who())) return phrase(403);
  identity::NewApiKey fresh = identity::make_api_key(kEnvironment);
  const crypto::WipeOnExit wiped(fresh.text);
  ApiKey key;
  key.id = fresh.id;
  key.environment = kEnvironment;
  key.principal = key.sponsor = call.who().id;
  key.purpose = text_of(call.body, "purpose");
  WRIT_TRY(key.scopes, narrowed(call));
  key.stored = fresh.stored;
  if (const std::string_view expires = text_of(call.body, "expires_at"); !expires.empty()) {
    WRIT_TRY(key.expires_at, parse_rfc3339(expires));
  }
  WRIT_TRY(const auto done,
           identity::make_own_key(service.parts(), owner_of(call), key,
                                  text_of(call.body, "current_password"), service.asker_of(call)));
  if (done.outcome == OwnChange::must_wait) {
    return must_wait("API_KEY_TOO_MANY_ATTEMPTS", done.wait_until, service.parts().clock.wall());
  }
  if (done.outcome != OwnChange::done) {
    return detail(400, "API_KEY_WRONG_PASSWORD",
                  "a key needs current_password, or a sign-in of the last ten minutes");
  }
  service.post();
  Value shape = api_key_shape(key);
  shape.as_object().append("key", fresh.text);
  return json(201, shape);
}

Result<net::Answer> revoke_own_key(AuthService& service, const Call& call) {
  WRIT_TRY(const bool was_there, service.parts().store.write([&](store::Tx& tx) {
    return identity::revoke_api_key(tx, call.who().id, call.text("key_id"), service.deed_of(call));
  }));
  if (!was_there) return phrase(404);
  return no_content();
}

Result<net::Answer> list_own_sessions(AuthService& service, const Call& call) {
  const auto current = session_of(call.who());
  WRIT_TRY(const auto sessions, service.parts().store.read([&](store::Tx& tx) {
    return identity::list_sessions(tx, call.who().id, service.parts().clock.wall());
  }));
  Array items;
  for (const identity::Session& session : sessions) {
    items.push_back(session_shape(session, current == session.id));
  }
  return json(200, std::move(items));
}

Result<net::Answer> end_own_session(AuthService& service, const Call& call) {
  const auto id = identity::SessionId::parse(call.text("session_id"));
  if (!id) return phrase(404);
  WRIT_TRY(const bool was_there, service.parts().store.write([&](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const auto session, identity::find_session(tx, *id, service.parts().clock.wall()));
    if (!session || session->principal != call.who().id) return false;
    return identity::end_session(tx, *id, "ended_by_owner", service.deed_of(call));
  }));
  if (!was_there) return phrase(404);
  return no_content();
}

Result<net::Answer> end_other_sessions(AuthService& service, const Call& call) {
  WRIT_CHECK(service.parts().store.write([&](store::Tx& tx) {
    return identity::end_sessions_of(tx, call.who().id, session_of(call.who()), "ended_by_owner",
                                     service.deed_of(call));
  }));
  return no_content();
}

Result<net::Answer> begin_totp(AuthService& service, const Call& call) {
  if (!is_person_itself(call.who())) return phrase(403);
  WRIT_TRY(const auto done,
           identity::enrol_factor(service.parts(), owner_of(call),
                                  text_of(call.body, "current_password"), service.asker_of(call)));
  if (done.outcome != OwnChange::done) {
    return refused(service, done.outcome, done.wait_until);
  }
  return json(201, Object{{"secret", done.seed.secret}, {"uri", done.seed.uri}});
}

Result<net::Answer> confirm_totp(AuthService& service, const Call& call) {
  if (!is_person_itself(call.who())) return phrase(403);
  WRIT_TRY(const auto done,
           identity::confirm_own_factor(service.parts(), owner_of(call), text_of(call.body, "code"),
                                        service.asker_of(call)));
  if (done.outcome != OwnChange::done) {
    return refused(service, done.outcome, done.wait_until);
  }
  service.post();
  Array codes;
  for (const std::string& code : done.recovery_codes) codes.emplace_back(code);
  return json(200, Object{{"recovery_codes", std::move(codes)}});
}

Result<net::Answer> remove_totp(AuthService& service, const Call& call) {
  if (!is_person_itself(call.who())) return phrase(403);
  WRIT_TRY(const auto done, identity::remove_own_factor(service.parts(), owner_of(call),
                                                        text_of(call.body, "current_password"),
                                                        service.asker_of(call)));
  if (done.outcome != OwnChange::done) {
    return refused(service, done.outcome, done.wait_until);
  }
  service.post();
  return no_content();
}

}  // namespace writ::server
