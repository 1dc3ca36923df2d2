#pragma once
// Refresh tokens: each works once and brings the next one of its session. A token that comes a
// second time was stolen, or its thief's was: the session ends, and with it the whole family.
//
// The one exception is a client that did not get the answer: the same client may ask again with
// the same token for kRefreshGrace, as long as the successor was not used, and gets the same
// successor. It is not kept for that: the successor is the HMAC of the old token's text under a
// random salt, and the salt is forgotten when the successor is used.
//
// A session keeps rows of its last kMostGenerations tokens, however often it is refreshed. Those
// before are told by themselves: behind the 256 bits that are its proof each token says whose
// family it is of, with a code (HMAC) under a secret of the family. That secret makes no tokens.
//
// All functions belong to the thread of their transaction.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/accounts/secret_token.h"
#include "store/store.h"

namespace writ::identity {

using SessionId = Id<struct SessionTag>;  // sessions.h

inline constexpr std::string_view kRefreshPrefix = "writ_refresh_";
inline constexpr std::chrono::seconds kRefreshGrace{10};

inline constexpr std::size_t kMostGenerations = 8;

// The first of a session's family.
struct FirstRefreshToken {
  SecretToken token = {};
  std::string secret = {};  // of the family
};
FirstRefreshToken make_refresh_token(SessionId session);
// `expires_at` holds for the whole family.
Result<void> put_refresh_token(store::Tx& tx, const FirstRefreshToken& first, SessionId session,
                               WallTime expires_at);

enum class Refresh : std::uint8_t {
  rotated,
  repeated,  // an answer that was lost, given again
  reused,    // the session was ended
  refused,   // no such token, or its session is over
};

struct Refreshed {
  Refresh outcome = Refresh::refused;
  SessionId session = {};  // not of `refused`
  std::string token = {};  // of `rotated` and `repeated`
  WallTime expires_at = {};
};

// `client`: who shows it, as far as can be told (a client id, else address and browser).
// `salt`: 32 random bytes. The transaction is to be committed whatever the outcome.
Result<Refreshed> refresh(store::Tx& tx, std::string_view token, std::string_view client,
                          std::string_view salt, WallTime now, const Deed& deed);

// Whose it is, used or not; nullopt: there is no such token, or it was used long ago.
Result<std::optional<SessionId>> find_refresh_session(store::Tx& tx, std::string_view token);

Result<void> erase_refresh_tokens(store::Tx& tx, SessionId session);

std::vector<store::Migration> refresh_migrations();

}  // namespace writ::identity
