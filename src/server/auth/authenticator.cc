#include "server/auth/authenticator.h"

#include <string>
#include <utility>

#include "identity/accounts/api_keys.h"
#include "identity/accounts/sessions.h"
#include "identity/api_key.h"
#include "identity/oauth/standing.h"
#include "server/auth/cookies.h"

namespace writ::server {
namespace {

using identity::AccessClaims;
using identity::Caller;
using identity::ScopeRules;
using identity::Session;
using identity::SessionId;

constexpr std::string_view kBearer = "Bearer ";

// One answer to whatever is wrong.
std::unexpected<Error> not_valid() {
  return fail(Code::unauthenticated, "the credential is not valid");
}

struct Found {
  Caller caller = {};
  std::optional<SessionId> seen = {};    // a sighting is due
  std::optional<std::string> used = {};  // an API key's use is due
  WallTime now = {};
};

Result<Found> by_session(store::Tx& tx, const std::optional<Session>& session, WallTime now,
                         const ScopeRules& rules) {
  if (!session) return not_valid();
  Found out{.now = now};
  WRIT_TRY(identity::Standing standing, identity::standing_of_session(tx, *session, rules));
  out.caller = std::move(standing.caller);
  if (identity::is_sighting_due(*session, now)) out.seen = session->id;
  return out;
}

// Only what the session itself was given is a sign of life of its person.
Result<Found> by_token(store::Tx& tx, const AccessClaims& claims, const ScopeRules& rules) {
  Found out;
  WRIT_TRY(out.now, tx.now());
  WRIT_TRY(identity::Standing standing, identity::standing_of(tx, claims, rules));
  out.caller = std::move(standing.caller);
  const bool is_own = out.caller.credential.starts_with(identity::kSessionPrefix);
  const auto& session = standing.session;
  if (is_own && session && identity::is_sighting_due(*session, out.now)) out.seen = session->id;
  return out;
}

Result<Found> by_key(store::Tx& tx, std::string_view text, const ScopeRules& rules) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto key, identity::find_api_key(tx, text, now));
  if (!key) return not_valid();
  Found out{.now = now};
  WRIT_TRY(identity::Standing standing, identity::standing_of_key(tx, *key, rules));
  out.caller = std::move(standing.caller);
  if (identity::is_use_due(*key, now)) out.used = key->id;
  return out;
}

Result<Found> by_bearer(AuthService& service, std::string_view text) {
  store::Store& store = service.parts().store;
  const ScopeRules rules = service.scope_rules();
  if (identity::looks_like_api_key(text)) {
    return store.read([&](store::Tx& tx) { return by_key(tx, text, rules); });
  }
  const auto claims = service.tokens().check(text);
  if (!claims) {
    if (claims.error().code == Code::signature_bad) return not_valid();
    return std::unexpected(claims.error());
  }
  return store.read([&](store::Tx& tx) { return by_token(tx, **claims, rules); });
}

Result<Found> by_cookie(AuthService& service, std::string_view cookie) {
  return service.parts().store.read([&](store::Tx& tx) -> Result<Found> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto session, identity::find_session_by_cookie(tx, cookie, now));
    return by_session(tx, session, now, service.scope_rules());
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

std::optional<Caller> welcome(AuthService& service, Found found) {
  note(service, found);
  return std::move(found.caller);
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
  if (!caller.credential.starts_with(identity::kSessionPrefix)) return std::nullopt;
  const auto id =
      SessionId::parse(std::string_view(caller.credential).substr(identity::kSessionPrefix.size()));
  if (!id) return std::nullopt;
  return *id;
}

}  // namespace writ::server
