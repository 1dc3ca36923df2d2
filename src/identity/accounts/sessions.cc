#include "identity/accounts/sessions.h"

#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "identity/accounts/refresh_tokens.h"
#include "identity/accounts/secret_token.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/grants.h"
#include "identity/principals.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kSessions{"identity_sessions"};
constexpr store::Table kSessionsOf{"identity_sessions_of"};          // principal, session
constexpr store::Table kSessionCookies{"identity_session_cookies"};  // digest → session

constexpr std::size_t kMaxAgent = 256;

std::string key_of(SessionId id) { return store::Key().id(id).take(); }
std::string key_of(PrincipalId principal, SessionId id) {
  return store::Key().id(principal).id(id).take();
}

std::string to_row(const Session& session) {
  Object row;
  row.append("principal", session.principal.text());
  row.append("epoch", session.epoch);
  row.append("method", kSignInMethods.name(session.method));
  row.append("second_factor", session.has_second_factor);
  row.append("authenticated", session.authenticated_at.micros);
  row.append("seen", session.seen_at.micros);
  row.append("idle", session.idle.count());
  row.append("expires", session.expires_at.micros);
  row.append("peer", session.peer);
  row.append("agent", session.agent);
  row.append("cookie", to_hex(as_bytes(session.cookie)));
  if (!session.grant.application.empty()) {
    row.append("application", session.grant.application);
    row.append("scope", scope_text(session.grant.scopes));
    row.append("target", session.grant.target);
  }
  return to_json(Value(std::move(row)));
}

Result<Session> from_row(SessionId id, std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  Session out;
  out.id = id;
  WRIT_TRY(out.principal, PrincipalId::parse(value.string_or("principal", "")));
  out.epoch = static_cast<std::uint64_t>(value.integer_or("epoch", 0));
  const auto method = kSignInMethods.parse(value.string_or("method", ""));
  if (!method) return fail(Code::tampered, "session " + id.text() + " has no method");
  out.method = *method;
  out.has_second_factor = value.bool_or("second_factor", false);
  out.authenticated_at.micros = value.integer_or("authenticated", 0);
  out.seen_at.micros = value.integer_or("seen", 0);
  out.idle = std::chrono::seconds(value.integer_or("idle", 0));
  out.expires_at.micros = value.integer_or("expires", 0);
  out.peer = value.string_or("peer", "");
  out.agent = value.string_or("agent", "");
  WRIT_TRY(out.cookie, parse_hex(value.string_or("cookie", "")));
  out.grant.application = value.string_or("application", "");
  out.grant.scopes = parse_scope(value.string_or("scope", "")).value_or(std::vector<std::string>());
  out.grant.target = value.string_or("target", "");
  return out;
}

Result<std::optional<Session>> read_session(store::Tx& tx, SessionId id) {
  WRIT_TRY(const auto row, tx.get(kSessions, key_of(id)));
  if (!row) return std::nullopt;
  WRIT_TRY(Session session, from_row(id, *row));
  return session;
}

bool is_over(const Session& session, WallTime now) {
  const auto idle = std::chrono::microseconds(session.idle).count();
  return now >= session.expires_at || now.micros - session.seen_at.micros >= idle;
}

Result<std::vector<SessionId>> ids_of(store::Tx& tx, PrincipalId principal) {
  WRIT_TRY(const auto rows,
           tx.scan(kSessionsOf, store::Key().id(principal).under(), kMaxSessions + 1));
  std::vector<SessionId> out;
  for (const store::Row& row : rows) {
    store::KeyReader reader(row.key);
    WRIT_CHECK(reader.uuid());
    WRIT_TRY(const Uuid id, reader.uuid());
    out.push_back(SessionId{id});
  }
  return out;
}

// What stands in the way of one more session of a person's, and why it has to go.
struct InTheWay {
  SessionId id = {};
  std::string_view why = {};
};

Result<std::optional<InTheWay>> find_in_the_way(store::Tx& tx, const Session& next, WallTime now) {
  WRIT_TRY(const auto ids, ids_of(tx, next.principal));
  const bool is_full = ids.size() >= kMaxSessions;
  const bool is_grant = !next.grant.application.empty();
  if (!is_full && !is_grant) return std::nullopt;
  std::optional<SessionId> over;
  std::vector<SessionId> of_application;
  for (const SessionId id : ids) {
    WRIT_TRY(const auto session, find_session(tx, id, now));
    if (!session && !over) over = id;
    if (session && is_grant && session->grant.application == next.grant.application) {
      of_application.push_back(id);
    }
  }
  if (of_application.size() >= kMaxGrants) return InTheWay{of_application.front(), "too_many"};
  if (!is_full) return std::nullopt;
  if (over) return InTheWay{*over, "expired"};
  return InTheWay{ids.front(), "too_many"};
}

Result<void> make_room(store::Tx& tx, const Session& next, const Deed& deed) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto found, find_in_the_way(tx, next, now));
  if (found) WRIT_CHECK(end_session(tx, found->id, found->why, deed));
  return {};
}

// Whether who was given the session is there: a person, or an application that was not deleted.
Result<bool> has_holder(store::Tx& tx, const Session& session) {
  if (session.grant.application.empty()) return true;
  WRIT_TRY(const ApplicationId id, ApplicationId::parse(session.grant.application));
  WRIT_TRY(const auto application, find_application(tx, id));
  return application.has_value();
}

// Reads, lets `change` change it, writes; nothing when it has ended meanwhile.
template <typename F>
Result<void> update(store::Tx& tx, SessionId id, F change) {
  WRIT_TRY(auto session, read_session(tx, id));
  if (!session) return {};
  change(*session);
  return tx.put(kSessions, key_of(id), to_row(*session));
}

}  // namespace

Result<Session> open_session(store::Tx& tx, Session session, const Deed& deed) {
  WRIT_TRY(const auto principal, find_principal(tx, session.principal));
  if (!principal || !principal->is_active) {
    return fail(Code::unauthenticated, "the credential is not valid");
  }
  WRIT_CHECK(make_room(tx, session, deed));
  session.epoch = principal->epoch;
  session.agent.resize(utf8_prefix(session.agent.substr(0, kMaxAgent)));
  WRIT_CHECK(tx.put(kSessions, key_of(session.id), to_row(session)));
  WRIT_CHECK(tx.put(kSessionsOf, key_of(session.principal, session.id), ""));
  if (!session.cookie.empty()) {
    WRIT_CHECK(tx.put(kSessionCookies, session.cookie, key_of(session.id)));
  }
  Object payload;
  if (!session.grant.application.empty()) payload.append("application", session.grant.application);
  payload.append("method", kSignInMethods.name(session.method));
  payload.append("principal", session.principal.text());
  payload.append("second_factor", session.has_second_factor);
  WRIT_CHECK(
      deed.tell(tx, "writ.session.opened", "session/" + session.id.text(), std::move(payload)));
  return session;
}

Result<std::optional<Session>> find_session(store::Tx& tx, SessionId id, WallTime now) {
  WRIT_TRY(auto session, read_session(tx, id));
  if (!session || is_over(*session, now)) return std::nullopt;
  WRIT_TRY(const auto principal, find_principal(tx, session->principal));
  if (!principal || principal->epoch != session->epoch) return std::nullopt;
  WRIT_TRY(const bool is_held, has_holder(tx, *session));
  if (!is_held) return std::nullopt;
  return session;
}

Result<std::optional<Session>> find_session_by_cookie(store::Tx& tx, std::string_view cookie,
                                                      WallTime now) {
  const auto key = secret_token_key(kCookiePrefix, cookie);
  if (!key) return std::nullopt;
  WRIT_TRY(const auto row, tx.get(kSessionCookies, *key));
  if (!row) return std::nullopt;
  WRIT_TRY(const Uuid id, store::KeyReader(*row).uuid());
  return find_session(tx, SessionId{id}, now);
}

Result<std::vector<Session>> list_sessions(store::Tx& tx, PrincipalId principal, WallTime now) {
  WRIT_TRY(const auto ids, ids_of(tx, principal));
  std::vector<Session> out;
  for (const SessionId id : ids) {
    WRIT_TRY(auto session, find_session(tx, id, now));
    if (session) out.push_back(*std::move(session));
  }
  return out;
}

bool is_sighting_due(const Session& session, WallTime now) {
  return now.micros - session.seen_at.micros >= std::chrono::microseconds(kSightingStep).count();
}

Result<void> note_sighting(store::Tx& tx, SessionId id, WallTime now) {
  return update(tx, id, [&](Session& session) { session.seen_at = now; });
}

Result<void> note_authentication(store::Tx& tx, SessionId id, WallTime now,
                                 bool has_second_factor) {
  return update(tx, id, [&](Session& session) {
    session.authenticated_at = now;
    session.has_second_factor = session.has_second_factor || has_second_factor;
  });
}

Result<void> forget_second_factor(store::Tx& tx, SessionId id) {
  return update(tx, id, [](Session& session) { session.has_second_factor = false; });
}

Result<bool> end_session(store::Tx& tx, SessionId id, std::string_view why, const Deed& deed) {
  WRIT_TRY(const auto session, read_session(tx, id));
  if (!session) return false;
  WRIT_CHECK(tx.erase(kSessions, key_of(id)));
  WRIT_CHECK(tx.erase(kSessionsOf, key_of(session->principal, id)));
  if (!session->cookie.empty()) WRIT_CHECK(tx.erase(kSessionCookies, session->cookie));
  WRIT_CHECK(erase_refresh_tokens(tx, id));
  Object payload;
  payload.append("principal", session->principal.text());
  payload.append("why", why);
  WRIT_CHECK(deed.tell(tx, "writ.session.ended", "session/" + id.text(), std::move(payload)));
  return true;
}

Result<std::size_t> end_sessions_of(store::Tx& tx, PrincipalId principal,
                                    std::optional<SessionId> except, std::string_view why,
                                    const Deed& deed) {
  WRIT_TRY(const auto ids, ids_of(tx, principal));
  std::size_t ended = 0;
  for (const SessionId id : ids) {
    if (except && id == *except) continue;
    WRIT_TRY(const bool did_end, end_session(tx, id, why, deed));
    ended += did_end ? 1 : 0;
  }
  return ended;
}

Result<std::string> sweep_sessions(store::Tx& tx, std::string after, std::size_t limit,
                                   WallTime now, const Deed& deed) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kSessions, {from, {}}, limit));
  for (const store::Row& row : rows) {
    WRIT_TRY(const Uuid id, store::KeyReader(row.key).uuid());
    WRIT_TRY(const auto alive, find_session(tx, SessionId{id}, now));
    if (!alive) WRIT_CHECK(end_session(tx, SessionId{id}, "expired", deed));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> session_migrations() {
  return store::make_tables("identity_sessions", "sign-ins",
                            {kSessions, kSessionsOf, kSessionCookies});
}

}  // namespace writ::identity
