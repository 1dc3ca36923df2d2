#include "identity/oauth/authorizations.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/json.h"
#include "crypto/pkce.h"
#include "crypto/random_bytes.h"
#include "identity/accounts/lockout.h"
#include "identity/accounts/settings.h"
#include "identity/accounts/users.h"
#include "identity/oauth/grants.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kConsents{"identity_consents"};          // user, application → row
constexpr store::Table kCodes{"identity_authorization_codes"};  // digest → row
constexpr std::chrono::hours kCodeRemembered{24};

std::string key_of(PrincipalId user, ApplicationId id) {
  return store::Key().id(user).id(id).take();
}

WallTime later(WallTime time, std::chrono::seconds by) {
  return {time.micros + std::chrono::microseconds(by).count()};
}

Result<ApplicationId> application_of(const store::Row& consent) {
  store::KeyReader reader(consent.key);
  WRIT_CHECK(reader.uuid());
  WRIT_TRY(const Uuid id, reader.uuid());
  return ApplicationId{id};
}

Result<Consent> consent_from(ApplicationId id, std::string_view text) {
  WRIT_TRY(const Value row, parse_json(text));
  Consent out{.application = id};
  out.scopes = parse_scope(row.string_or("scope", "")).value_or(std::vector<std::string>());
  out.given_at.micros = row.integer_or("given", 0);
  return out;
}

// A code's row: what was authorized, until when, and what was given for it.
struct CodeRow {
  Authorization what = {};
  WallTime expires_at = {};
  bool is_spent = false;
  std::optional<SessionId> given = {};
};

std::string to_row(const CodeRow& row) {
  const Authorization& what = row.what;
  Object out{{"application", what.application.text()},
             {"session", what.session.text()},
             {"redirect_uri", what.redirect_uri},
             {"challenge", what.challenge},
             {"scope", scope_text(what.scopes)},
             {"target", what.target},
             {"nonce", what.nonce},
             {"expires", row.expires_at.micros},
             {"spent", row.is_spent}};
  if (row.given) out.append("given", row.given->text());
  return to_json(Value(std::move(out)));
}

Result<CodeRow> from_row(std::string_view text) {
  WRIT_TRY(const Value row, parse_json(text));
  CodeRow out;
  WRIT_TRY(out.what.application, ApplicationId::parse(row.string_or("application", "")));
  WRIT_TRY(out.what.session, SessionId::parse(row.string_or("session", "")));
  out.what.redirect_uri = row.string_or("redirect_uri", "");
  out.what.challenge = row.string_or("challenge", "");
  out.what.scopes = parse_scope(row.string_or("scope", "")).value_or(std::vector<std::string>());
  out.what.target = row.string_or("target", "");
  out.what.nonce = row.string_or("nonce", "");
  out.expires_at.micros = row.integer_or("expires", 0);
  out.is_spent = row.bool_or("spent", false);
  if (const std::string_view given = row.string_or("given", ""); !given.empty()) {
    WRIT_TRY(out.given, SessionId::parse(given));
  }
  return out;
}

Result<std::optional<CodeRow>> read_code(store::Tx& tx, const std::string& key) {
  WRIT_TRY(const auto text, tx.get(kCodes, key));
  if (!text) return std::nullopt;
  WRIT_TRY(CodeRow row, from_row(*text));
  return row;
}

bool is_for(const std::vector<std::string>& targets, const std::string& target) {
  return std::ranges::all_of(targets, [&](const std::string& one) { return one == target; });
}

bool is_proved(const CodeRow& row, const CodeProof& proof, WallTime now) {
  return now < row.expires_at && row.what.application == proof.application &&
         row.what.redirect_uri == proof.redirect_uri && is_for(proof.targets, row.what.target) &&
         crypto::check_pkce_verifier(row.what.challenge, proof.verifier).has_value();
}

bool has(const std::vector<std::string>& scopes, std::string_view scope) {
  return std::ranges::find(scopes, scope) != scopes.end();
}

// The session of the person's in which it was, as it was: what the application gets says how and
// when they signed in.
Session make_grant_session(const Session& from, const Authorization& what, SessionId id,
                           const AccountSettings& settings, const Asker& asker, WallTime now) {
  Session out;
  out.id = id;
  out.principal = from.principal;
  out.method = from.method;
  out.has_second_factor = from.has_second_factor;
  out.authenticated_at = from.authenticated_at;
  out.seen_at = now;
  out.peer = asker.network;
  out.agent = asker.agent;
  out.grant = {
      .application = what.application.text(), .scopes = what.scopes, .target = what.target};
  if (has(what.scopes, kOfflineScope)) {
    out.idle = std::chrono::seconds(settings.session_absolute_seconds);
    out.expires_at = later(now, std::chrono::seconds(settings.session_absolute_seconds));
  } else {
    out.idle = kGrantLifetime;
    out.expires_at = std::min(later(now, kGrantLifetime), from.expires_at);
  }
  return out;
}

}  // namespace

std::string application_subject(ApplicationId id) { return "application/" + id.text(); }

Result<std::optional<Consent>> find_consent(store::Tx& tx, PrincipalId user, ApplicationId id) {
  WRIT_TRY(const auto row, tx.get(kConsents, key_of(user, id)));
  if (!row) return std::nullopt;
  WRIT_TRY(Consent consent, consent_from(id, *row));
  return consent;
}

Result<std::vector<Consent>> list_consents(store::Tx& tx, PrincipalId user) {
  WRIT_TRY(const auto rows, tx.scan(kConsents, store::Key().id(user).under(), kMaxApplications));
  std::vector<Consent> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(const ApplicationId id, application_of(row));
    WRIT_TRY(Consent one, consent_from(id, row.value));
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<PrincipalId>> list_consenting(store::Tx& tx, ApplicationId id,
                                                 std::size_t limit) {
  constexpr std::size_t kPage = 1000;
  std::vector<PrincipalId> out;
  std::string from;
  for (;;) {
    WRIT_TRY(const auto rows, tx.scan(kConsents, {from, {}}, kPage));
    for (const store::Row& row : rows) {
      WRIT_TRY(const ApplicationId application, application_of(row));
      if (application != id) continue;
      WRIT_TRY(const Uuid user, store::KeyReader(row.key).uuid());
      out.push_back(PrincipalId{user});
      if (out.size() == limit) return out;
    }
    if (rows.size() < kPage) return out;
    from = rows.back().key + '\0';
  }
}

Result<void> give_consent(store::Tx& tx, PrincipalId user, const Consent& consent,
                          const Deed& deed) {
  WRIT_TRY(const auto before, find_consent(tx, user, consent.application));
  std::vector<std::string> all;
  if (before) {
    std::ranges::set_union(before->scopes, consent.scopes, std::back_inserter(all));
    if (all == before->scopes) return {};
  } else {
    all = consent.scopes;
  }
  WRIT_CHECK(
      tx.put(kConsents, key_of(user, consent.application),
             to_json(Object{{"scope", scope_text(all)}, {"given", consent.given_at.micros}})));
  return deed.tell(tx, "writ.consent.given", user_subject(user),
                   Object{{"application", consent.application.text()}, {"scope", scope_text(all)}});
}

Result<bool> take_back_consent(store::Tx& tx, PrincipalId user, ApplicationId id,
                               const Deed& deed) {
  WRIT_TRY(const bool was_there, tx.erase(kConsents, key_of(user, id)));
  if (!was_there) return false;
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto sessions, list_sessions(tx, user, now));
  for (const Session& session : sessions) {
    if (session.grant.application != id.text()) continue;
    WRIT_CHECK(end_session(tx, session.id, "consent_taken_back", deed));
  }
  WRIT_CHECK(deed.tell(tx, "writ.consent.taken_back", user_subject(user),
                       Object{{"application", id.text()}}));
  return true;
}

Result<void> erase_consents_of(store::Tx& tx, PrincipalId user) {
  WRIT_TRY(const auto rows, tx.scan(kConsents, store::Key().id(user).under(), kMaxApplications));
  for (const store::Row& row : rows) WRIT_CHECK(tx.erase(kConsents, row.key));
  return {};
}

Result<void> put_code(store::Tx& tx, const SecretToken& code, const Authorization& authorization,
                      WallTime now) {
  return tx.put(kCodes, code.key,
                to_row({.what = authorization, .expires_at = later(now, kCodeLifetime)}));
}

Result<std::optional<Session>> find_basis(store::Tx& tx, const Authorization& what, WallTime now) {
  WRIT_TRY(const auto application, find_application(tx, what.application));
  const bool is_registered = application && may_redirect_to(*application, what.redirect_uri) &&
                             std::ranges::includes(application->scopes, what.scopes);
  if (!is_registered) return std::nullopt;
  return find_session(tx, what.session, now);
}

Result<bool> has_consented(store::Tx& tx, PrincipalId user, ApplicationId id,
                           const std::vector<std::string>& scopes) {
  WRIT_TRY(const auto consent, find_consent(tx, user, id));
  return consent && std::ranges::includes(consent->scopes, scopes);
}

namespace {

// A consent that was taken back meanwhile takes the code with it.
Result<std::optional<Session>> find_consenting(store::Tx& tx, const Authorization& what,
                                               WallTime now) {
  WRIT_TRY(auto session, find_basis(tx, what, now));
  if (!session) return std::nullopt;
  WRIT_TRY(const bool is_consented,
           has_consented(tx, session->principal, what.application, what.scopes));
  if (!is_consented) return std::nullopt;
  return session;
}

}  // namespace

GrantSecrets make_grant_secrets(const AccountParts& parts) {
  GrantSecrets out{.session = parts.new_id<SessionId>()};
  out.refresh = make_refresh_token(out.session);
  return out;
}

Result<std::optional<Granted>> redeem_code(store::Tx& tx, const CodeProof& proof,
                                           const GrantSecrets& secrets, const Asker& asker,
                                           const Deed& deed) {
  const auto key = secret_token_key(kCodePrefix, proof.code);
  if (!key) return std::nullopt;
  WRIT_TRY(auto row, read_code(tx, *key));
  if (!row) return std::nullopt;
  if (row->is_spent) {
    if (row->given) WRIT_CHECK(end_session(tx, *row->given, "code_replayed", deed));
    return std::nullopt;
  }
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto from, find_consenting(tx, row->what, now));
  row->is_spent = true;
  if (!from || !is_proved(*row, proof, now)) {
    WRIT_CHECK(tx.put(kCodes, *key, to_row(*row)));
    return std::nullopt;
  }
  WRIT_TRY(const AccountSettings settings, read_settings(tx));
  Granted out{.nonce = row->what.nonce};
  WRIT_TRY(
      out.session,
      open_session(tx, make_grant_session(*from, row->what, secrets.session, settings, asker, now),
                   deed));
  if (has(row->what.scopes, kOfflineScope)) {
    WRIT_CHECK(put_refresh_token(tx, secrets.refresh, out.session.id, out.session.expires_at));
    out.refresh_token = secrets.refresh.token.text;
  }
  row->given = out.session.id;
  WRIT_CHECK(tx.put(kCodes, *key, to_row(*row)));
  return out;
}

namespace {

// Who brings a refresh token, as far as can be told.
std::string client_of(const Application& application, const Asker& asker) {
  std::string out = application_subject(application.id);
  if (application.is_public()) out += '\n' + asker.client();
  return out;
}

// Where the token is not to be used up after all, the transaction is not to be committed.
std::unexpected<Error> undone() { return fail(Code::cancelled, "nothing was refreshed"); }

}  // namespace

Result<RefreshedGrant> refresh_grant(const AccountParts& parts, ApplicationId application,
                                     std::string_view token, const GrantWish& wish,
                                     const Asker& asker) {
  const std::string salt = crypto::random_bytes(32);
  RefreshedGrant refused{.fault = GrantFault::invalid_grant,
                         .why = "the refresh token is not there, is over, or was used"};
  auto done = parts.store.write([&](store::Tx& tx) -> Result<RefreshedGrant> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto known, find_application(tx, application));
    if (!known) return refused;
    WRIT_TRY(Refreshed got, refresh(tx, token, client_of(*known, asker), salt, now,
                                    parts.deed("system", asker.trace)));
    if (got.token.empty()) return refused;
    WRIT_TRY(auto session, find_session(tx, got.session, now));
    if (!session || session->grant.application != application.text()) return undone();
    std::erase_if(session->grant.scopes,
                  [&](const std::string& scope) { return !has(known->scopes, scope); });
    if (!has(session->grant.scopes, kOfflineScope)) return undone();
    if (!is_for(wish.targets, session->grant.target)) {
      refused = {.fault = GrantFault::invalid_target, .why = "it is for another resource"};
      return undone();
    }
    if (wish.scopes && !std::ranges::includes(session->grant.scopes, *wish.scopes)) {
      refused = {.fault = GrantFault::invalid_scope, .why = "that was not consented to"};
      return undone();
    }
    return RefreshedGrant{.session = *std::move(session), .refresh_token = std::move(got.token)};
  });
  if (!done && done.error().code == Code::cancelled) return refused;
  return done;
}

Result<void> end_grant(const AccountParts& parts, ApplicationId application, SessionId id,
                       const Asker& asker) {
  return parts.store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto session, find_session(tx, id, now));
    if (!session || session->grant.application != application.text()) return {};
    WRIT_CHECK(end_session(tx, id, "revoked_by_client", parts.deed("system", asker.trace)));
    return {};
  });
}

Result<std::optional<WallTime>> note_refused_application(const AccountParts& parts,
                                                         std::optional<ApplicationId> id,
                                                         const Asker& asker) {
  const SignInTry made{.network = asker.network, .counted = CountedFor::token};
  return parts.store.write([&](store::Tx& tx) -> Result<std::optional<WallTime>> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto wait, must_wait_until(tx, made, now));
    if (wait) return wait;
    WRIT_CHECK(note_failure(tx, made, now));
    WRIT_CHECK(parts.deed("system", asker.trace)
                   .tell(tx, "writ.client.refused",
                         "client/" + (id ? id->text() : std::string("unknown")),
                         Object{{"network", asker.network}}));
    return std::nullopt;
  });
}

Result<std::string> sweep_codes(store::Tx& tx, std::string after, std::size_t limit, WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kCodes, {from, {}}, limit));
  for (const store::Row& one : rows) {
    WRIT_TRY(const CodeRow row, from_row(one.value));
    const WallTime end = row.is_spent ? later(row.expires_at, kCodeRemembered) : row.expires_at;
    if (now >= end) WRIT_CHECK(tx.erase(kCodes, one.key));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

Result<std::string> sweep_consents(store::Tx& tx, std::string after, std::size_t limit) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kConsents, {from, {}}, limit));
  for (const store::Row& one : rows) {
    WRIT_TRY(const ApplicationId id, application_of(one));
    WRIT_TRY(const auto application, find_application(tx, id));
    if (!application) WRIT_CHECK(tx.erase(kConsents, one.key));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> authorization_migrations() {
  return store::make_tables("identity_authorizations", "what people let applications do",
                            {kConsents, kCodes});
}

}  // namespace writ::identity
