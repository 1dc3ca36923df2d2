#include "identity/oauth/standing.h"

#include <algorithm>
#include <utility>

#include "identity/oauth/applications.h"
#include "identity/oauth/revocations.h"
#include "identity/principals.h"

namespace writ::identity {
namespace {

constexpr std::string_view kKeyPrefix = "api_key/";
constexpr std::string_view kTokenPrefix = "token/";
constexpr std::string_view kApplicationPrefix = "application/";

std::unexpected<Error> not_valid() {
  return fail(Code::unauthenticated, "the credential is not valid");
}

// Registering makes nobody a reader of other people's work: that takes a superuser, or a service
// account that was given the scope.
void drop_reserved(const Principal& principal, const ScopeRules& rules,
                   std::vector<std::string>& scopes) {
  if (principal.kind != PrincipalKind::user || principal.is_superuser) return;
  std::erase_if(scopes, [&](const std::string& scope) {
    return std::ranges::find(rules.reserved_scopes, scope) != rules.reserved_scopes.end();
  });
}

// What the register says of the caller, and whether everybody on whom the act rests may act.
Result<Caller> alive(store::Tx& tx, Caller caller, const ScopeRules& rules) {
  WRIT_TRY(const auto principal, find_principal(tx, caller.id));
  if (!principal) return not_valid();
  caller.kind = principal->kind;
  // A key of an administrator's administers nothing, unless it was made for that.
  caller.is_superuser = principal->is_superuser && caller.actors.empty() &&
                        (caller.has_signed_in() || caller.has_scope(kSuperuserScope));
  drop_reserved(*principal, rules, caller.scopes);
  WRIT_CHECK(check_alive(tx, caller));
  return caller;
}

Result<void> check_epoch(store::Tx& tx, PrincipalId id, std::uint64_t epoch) {
  WRIT_TRY(const auto principal, find_principal(tx, id));
  if (!principal || principal->epoch != epoch) return not_valid();
  return {};
}

Result<std::vector<PrincipalId>> check_actors(store::Tx& tx, const AccessClaims& claims) {
  std::vector<PrincipalId> out;
  for (const Actor& actor : claims.actors) {
    const auto id = PrincipalId::parse(actor.subject);
    if (!id) return not_valid();
    WRIT_CHECK(check_epoch(tx, *id, actor.epoch));
    out.push_back(*id);
  }
  return out;
}

Result<void> check_key(store::Tx& tx, std::string_view id, WallTime now) {
  WRIT_TRY(const auto key, find_api_key_by_id(tx, id, now));
  if (!key) return not_valid();
  Caller sponsor;
  sponsor.id = key->sponsor;
  return check_alive(tx, sponsor);
}

Result<void> check_token(store::Tx& tx, std::string_view id) {
  WRIT_TRY(const bool is_revoked, is_token_revoked(tx, id));
  if (is_revoked) return not_valid();
  return {};
}

// Of the scopes those are left that it is still registered for.
Result<void> check_application(store::Tx& tx, std::string_view text,
                               std::vector<std::string>& scopes) {
  const auto id = ApplicationId::parse(text);
  if (!id) return not_valid();
  WRIT_TRY(const auto application, find_application(tx, *id));
  if (!application) return not_valid();
  std::erase_if(scopes, [&](const std::string& scope) {
    return !std::ranges::binary_search(application->scopes, scope);
  });
  return {};
}

// What is not known here counts as gone. `scopes`: of the claims, which may become fewer.
Result<void> check_via(store::Tx& tx, const AccessClaims& claims, WallTime now,
                       std::vector<std::string>& scopes) {
  WRIT_CHECK(check_token(tx, claims.token_id));
  for (const std::string_view one : claims.via) {
    if (one.starts_with(kKeyPrefix)) {
      WRIT_CHECK(check_key(tx, one.substr(kKeyPrefix.size()), now));
    } else if (one.starts_with(kTokenPrefix)) {
      WRIT_CHECK(check_token(tx, one.substr(kTokenPrefix.size())));
    } else if (one.starts_with(kApplicationPrefix)) {
      WRIT_CHECK(check_application(tx, one.substr(kApplicationPrefix.size()), scopes));
    } else {
      return not_valid();
    }
  }
  return {};
}

Result<std::optional<Session>> session_behind(store::Tx& tx, const AccessClaims& claims,
                                              WallTime now) {
  if (claims.session.empty()) return std::nullopt;
  const auto id = SessionId::parse(claims.session);
  if (!id) return not_valid();
  WRIT_TRY(auto session, find_session(tx, *id, now));
  if (!session || session->principal.text() != claims.subject || session->epoch != claims.epoch) {
    return not_valid();
  }
  return session;
}

}  // namespace

Result<std::vector<std::string>> usable_scopes(store::Tx& tx, PrincipalId id,
                                               std::vector<std::string> scopes,
                                               const ScopeRules& rules) {
  WRIT_TRY(const auto principal, find_principal(tx, id));
  if (!principal) return not_valid();
  drop_reserved(*principal, rules, scopes);
  return scopes;
}

Result<Standing> standing_of_session(store::Tx& tx, const Session& session,
                                     const ScopeRules& rules) {
  Caller caller = {};
  caller.id = session.principal;
  caller.credential = std::string(kSessionPrefix) + session.id.text();
  caller.scopes = rules.session_scopes;
  caller.authenticated_at = session.authenticated_at;
  caller.has_second_factor = session.has_second_factor;
  Standing out{.session = session};
  WRIT_TRY(out.caller, alive(tx, std::move(caller), rules));
  return out;
}

Result<Standing> standing_of_key(store::Tx& tx, const ApiKey& key, const ScopeRules& rules) {
  Caller caller = {};
  caller.id = key.principal;
  caller.credential = std::string(kKeyPrefix) + key.id;
  caller.scopes = key.scopes.empty() ? rules.session_scopes : key.scopes;
  if (key.scopes.empty()) std::erase(caller.scopes, kSuperuserScope);
  caller.authenticated_at = key.created_at;
  Standing out;
  WRIT_TRY(out.caller, alive(tx, std::move(caller), rules));
  Caller sponsor;
  sponsor.id = key.sponsor;
  WRIT_CHECK(check_alive(tx, sponsor));
  return out;
}

Result<Standing> standing_of(store::Tx& tx, const AccessClaims& claims, const ScopeRules& rules) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto session, session_behind(tx, claims, now));
  // A token of a session of ours: the session says everything.
  if (claims.client_id == rules.own_client && claims.actors.empty()) {
    if (!session || !session->grant.application.empty()) return not_valid();
    return standing_of_session(tx, *session, rules);
  }
  const auto id = PrincipalId::parse(claims.subject);
  if (!id) return not_valid();
  WRIT_CHECK(check_epoch(tx, *id, claims.epoch));
  std::vector<std::string> scopes = claims.scopes;
  WRIT_CHECK(check_via(tx, claims, now, scopes));
  Caller caller = {};
  caller.id = *id;
  caller.credential = token_subject(claims.token_id);
  caller.scopes = std::move(scopes);
  std::ranges::sort(caller.scopes);
  WRIT_TRY(caller.actors, check_actors(tx, claims));
  Standing out{.session = session};
  WRIT_TRY(out.caller, alive(tx, std::move(caller), rules));
  return out;
}

}  // namespace writ::identity
