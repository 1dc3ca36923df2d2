#pragma once
// What a person is signed in with: one row per sign-in, looked at with every request, so that
// ending it ends all that was given out under it at once, on every server.
//
// The id names a session in lists, events and tokens and is no secret; what a browser shows instead
// of a token is the cookie, a secret token of which the row keeps a digest. All functions belong to
// the thread of their transaction.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"
#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

using SessionId = Id<struct SessionTag>;

// Of one person; a further one ends one that is over, or else the oldest.
inline constexpr std::size_t kMaxSessions = 100;
// Of these, that one application was given; a further one ends the oldest of them.
inline constexpr std::size_t kMaxGrants = 10;
inline constexpr std::string_view kCookiePrefix = "writ_session_";

enum class SignInMethod : std::uint8_t { password, magic_link, provider };
inline constexpr EnumNames<SignInMethod, 3> kSignInMethods{{"password", "magic_link", "provider"}};

// Of a session that an application was given (identity/oauth/authorizations.h): what it may use it
// for. Nobody is signed in by it.
struct SessionGrant {
  std::string application = {};  // its id; empty: the person's own session
  std::vector<std::string> scopes = {};
  std::string target = {};  // the audience of its tokens

  bool operator==(const SessionGrant&) const = default;
};

struct Session {
  SessionId id = {};
  PrincipalId principal = {};
  std::uint64_t epoch = 1;  // of the principal, when it signed in
  SignInMethod method = SignInMethod::password;
  bool has_second_factor = false;
  WallTime authenticated_at = {};  // when it last proved who it is; zero: nobody says
  WallTime seen_at = {};           // to within kSightingStep
  std::chrono::seconds idle{0};    // ends it when it is not seen for so long
  WallTime expires_at = {};        // ends it in any case
  std::string peer = {};           // for its owner to recognise it by; an address without port
  std::string agent = {};          // likewise; what the browser calls itself, cut to 256 bytes
  std::string cookie = {};         // SecretToken::key; empty: there is none
  SessionGrant grant = {};

  bool operator==(const Session&) const = default;
};

// `seen_at` is written no more often.
inline constexpr std::chrono::seconds kSightingStep{60};

// Errors: unauthenticated (the principal may not act).
Result<Session> open_session(store::Tx& tx, Session session, const Deed& deed);

// The session, if it lives: neither ended nor expired, its principal's epoch is still the one it
// was opened in, and the application that was given it is registered. nullopt otherwise. Whether
// the principal may act is check_alive's to say.
Result<std::optional<Session>> find_session(store::Tx& tx, SessionId id, WallTime now);
Result<std::optional<Session>> find_session_by_cookie(store::Tx& tx, std::string_view cookie,
                                                      WallTime now);
// Those that live, oldest first.
Result<std::vector<Session>> list_sessions(store::Tx& tx, PrincipalId principal, WallTime now);

// Whether a request at `now` is worth a write, and the write.
bool is_sighting_due(const Session& session, WallTime now);
Result<void> note_sighting(store::Tx& tx, SessionId id, WallTime now);
// The person proved anew who it is.
Result<void> note_authentication(store::Tx& tx, SessionId id, WallTime now, bool has_second_factor);

// The factor that it was opened with is gone.
Result<void> forget_second_factor(store::Tx& tx, SessionId id);

// With its refresh tokens. False: there was none. `why`: "logout", "ended_by_owner", ….
Result<bool> end_session(store::Tx& tx, SessionId id, std::string_view why, const Deed& deed);
// All of a principal's but `except`; how many.
Result<std::size_t> end_sessions_of(store::Tx& tx, PrincipalId principal,
                                    std::optional<SessionId> except, std::string_view why,
                                    const Deed& deed);

// Ends sessions that are over, at most `limit` looked at from behind `after`; where to go on, empty
// at the end.
Result<std::string> sweep_sessions(store::Tx& tx, std::string after, std::size_t limit,
                                   WallTime now, const Deed& deed);

std::vector<store::Migration> session_migrations();

}  // namespace writ::identity
