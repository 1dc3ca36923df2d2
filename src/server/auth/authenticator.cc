#include "server/auth/authenticator.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "identity/accounts/api_keys.h"
#include "identity/accounts/sessions.h"
#include "identity/api_key.h"
#include "identity/principals.h"
#include "server/auth/cookies.h"

namespace writ::server {
namespace {

using identity::AccessClaims;
using identity::ApiKey;
using identity::Caller;
using identity::PrincipalId;
using identity::Session;
using identity::SessionId;

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kSessionPrefix = "session/";

// One answer to whatever is wrong.
std::unexpected<Error> not_valid() {
  return fail(Code::unauthenticated, "the credential is not valid");
}

// What the register of principals says of the caller, and whether everybody may act.
Result<Caller> alive(store::Tx& tx, Caller caller) {
  WRIT_TRY(const auto principal, identity::find_principal(tx, caller.id));
  if (!principal) return not_valid();
  caller.kind = principal->kind;
  caller.is_superuser = principal->is_superuser && caller.actors.empty();
  WRIT_CHECK(identity::check_alive(tx, caller));
  return caller;
}

Caller caller_of(const Session& session, const std::vector<std::string>& scopes) {
  Caller out;
  out.id = session.principal;
  out.credential = std::string(kSessionPrefix) + session.id.text();
  out.scopes = scopes;
  out.authenticated_at = session.authenticated_at;
  out.has_second_factor = session.has_second_factor;
  return out;
}

struct Found {
  Caller caller = {};
  std::optional<SessionId> seen = {};    // a sighting is due
  std::optional<std::string> used = {};  // an API key's use is due
  WallTime now = {};
};

Result<Found> by_session(store::Tx& tx, const std::optional<Session>& session, WallTime now,
                         const std::vector<std::string>& scopes) {
  if (!session) return not_valid();
  Found out{.now = now};
  WRIT_TRY(out.caller, alive(tx, caller_of(*session, scopes)));
  if (identity::is_sighting_due(*session, now)) out.seen = session->id;
  return out;
}

Result<std::vector<PrincipalId>> actors_of(const AccessClaims& claims) {
  std::vector<PrincipalId> out;
  for (const identity::Actor& actor : claims.actors) {
    const auto id = PrincipalId::parse(actor.subject);
    if (!id) return not_valid();
    out.push_back(*id);
  }
  return out;
}

// A token of a session of ours: the session says everything.
Result<Found> by_own_token(store::Tx& tx, const AccessClaims& claims,
                           const std::vector<std::string>& scopes) {
  WRIT_TRY(const WallTime now, tx.now());
  const auto id = SessionId::parse(claims.session);
  if (!id) return not_valid();
  WRIT_TRY(const auto session, identity::find_session(tx, *id, now));
  if (session && (session->principal.text() != claims.subject || session->epoch != claims.epoch)) {
    return not_valid();
  }
  return by_session(tx, session, now, scopes);
}

// A token that somebody else than a person at this server holds: it says what it may be used for,
// and is void when its principal's epoch has risen.
Result<Found> by_other_token(store::Tx& tx, const AccessClaims& claims) {
  const auto id = PrincipalId::parse(claims.subject);
  if (!id) return not_valid();
  WRIT_TRY(const auto principal, identity::find_principal(tx, *id));
  if (!principal || principal->epoch != claims.epoch) return not_valid();
  if (!claims.session.empty()) {
    const auto session_id = SessionId::parse(claims.session);
    if (!session_id) return not_valid();
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto session, identity::find_session(tx, *session_id, now));
    if (!session || session->principal != *id) return not_valid();
  }
  Caller caller = {};
  caller.id = *id;
  caller.credential = "token/" + claims.token_id;
  caller.scopes = claims.scopes;
  std::ranges::sort(caller.scopes);
  WRIT_TRY(caller.actors, actors_of(claims));
  Found out;
  WRIT_TRY(out.caller, alive(tx, std::move(caller)));
  return out;
}

Result<Found> by_key(store::Tx& tx, std::string_view text, const std::vector<std::string>& all) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto key, identity::find_api_key(tx, text, now));
  if (!key) return not_valid();
  Caller caller = {};
  caller.id = key->principal;
  caller.credential = "api_key/" + key->id;
  caller.scopes = key->scopes.empty() ? all : key->scopes;
  caller.authenticated_at = key->created_at;
  Found out{.now = now};
  WRIT_TRY(out.caller, alive(tx, std::move(caller)));
  // Whoever made the key answers for it: it ends with them.
  Caller sponsor;
  sponsor.id = key->sponsor;
  WRIT_CHECK(identity::check_alive(tx, sponsor));
  if (identity::is_use_due(*key, now)) out.used = key->id;
  return out;
}

Result<Found> by_bearer(AuthService& service, std::string_view text) {
  store::Store& store = service.parts().store;
  const auto& scopes = service.options().session_scopes;
  if (identity::looks_like_api_key(text)) {
    return store.read([&](store::Tx& tx) { return by_key(tx, text, scopes); });
  }
  const auto claims = service.tokens().check(text);
  if (!claims) {
    if (claims.error().code == Code::signature_bad) return not_valid();
    return std::unexpected(claims.error());
  }
  const bool is_own = (*claims)->client_id == kOwnClient && (*claims)->actors.empty();
  return store.read([&](store::Tx& tx) {
    return is_own ? by_own_token(tx, **claims, scopes) : by_other_token(tx, **claims);
  });
}

Result<Found> by_cookie(AuthService& service, std::string_view cookie) {
  return service.parts().store.read([&](store::Tx& tx) -> Result<Found> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto session, identity::find_session_by_cookie(tx, cookie, now));
    return by_session(tx, session, now, service.options().session_scopes);
  });
}

// When something was last seen or used is told once a minute, behind the answer: where it cannot be
// written now it is written with a later request.
void note(AuthService& service, const Found& found) {
  if (!found.seen && !found.used) return;
  (void)service.parts().store.write_async(
      [found](store::Tx& tx) -> Result<void> {
        if (found.seen) WRIT_CHECK(identity::note_sighting(tx, *found.seen, found.now));
        if (found.used) WRIT_CHECK(identity::note_use(tx, *found.used, found.now));
        return {};
      },
      [](const Result<void>&) {});
}

// Registering makes nobody a reader of other people's work: that takes a superuser, or a key of a
// service account that was given the scope.
std::optional<Caller> welcome(AuthService& service, Found found) {
  note(service, found);
  Caller& caller = found.caller;
  if (caller.kind == identity::PrincipalKind::user && !caller.is_superuser) {
    const auto& reserved = service.options().reserved_scopes;
    std::erase_if(caller.scopes, [&](const std::string& scope) {
      return std::ranges::find(reserved, scope) != reserved.end();
    });
  }
  return std::move(caller);
}

}  // namespace

Result<std::optional<Caller>> Authenticator::who_asks(const net::Request& request,
                                                      const net::Context&) {
  const auto shown = request.fields.find("Authorization");
  if (shown) {
    if (shown->size() <= kBearer.size() ||
        !net::equals_ignoring_case(shown->substr(0, kBearer.size()), kBearer)) {
      return not_valid();
    }
    WRIT_TRY(Found found, by_bearer(*service_, shown->substr(kBearer.size())));
    return welcome(*service_, std::move(found));
  }
  const auto cookie = find_cookie(request.fields, kSessionCookie);
  if (!cookie) return std::optional<Caller>();
  if (!is_meant(request.method, request.fields, *cookie, service_->options().public_url)) {
    return not_valid();
  }
  WRIT_TRY(Found found, by_cookie(*service_, *cookie));
  return welcome(*service_, std::move(found));
}

std::optional<SessionId> session_of(const Caller& caller) {
  if (!caller.credential.starts_with(kSessionPrefix)) return std::nullopt;
  const auto id =
      SessionId::parse(std::string_view(caller.credential).substr(kSessionPrefix.size()));
  if (!id) return std::nullopt;
  return *id;
}

}  // namespace writ::server
