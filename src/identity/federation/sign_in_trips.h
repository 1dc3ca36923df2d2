#pragma once
// People on their way to a provider and back. `state` names the trip and comes back with the
// browser; a cookie, which only that browser has, shows that it is the one that left. The nonce and
// the verifier of the code (RFC 7636) follow from both: the store has digests alone.
//
// A trip is good once, for kTripLifetime. Functions with a transaction belong to its thread.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/accounts/secret_token.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/sign_in.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr std::chrono::minutes kTripLifetime{10};
inline constexpr std::string_view kTripPrefix = "writ_state_";
inline constexpr std::string_view kBrowserPrefix = "writ_login_";

// What only the browser and the provider get to see.
struct TripSecrets {
  SecretToken state = {};
  SecretToken browser = {};  // the cookie
  std::string nonce = {};
  std::string verifier = {};
};
// `cookie`: what the browser sent; of its own trips it has one cookie for all. Anything else there
// is not taken over.
TripSecrets make_trip_secrets(std::optional<std::string_view> cookie);
// Of the trip that comes back; nullopt: these are no such texts.
std::optional<TripSecrets> trip_secrets_of(std::string_view state, std::string_view cookie);

struct Trip {
  std::string provider = {};
  std::string browser = {};  // TripSecrets::browser.key
  Keep keep = Keep::tokens;
  std::string next = {};                  // where the browser goes in the end; may be empty
  std::optional<SessionId> session = {};  // that links an identity; nothing: signs in
  bool asks_anew = false;  // the person has to prove to the provider again who they are
  WallTime begun_at = {};  // put_trip's to say
};

Result<void> put_trip(store::Tx& tx, const SecretToken& state, const Trip& trip, WallTime now);
// Ends the trip. nullopt: there is none, it is over, it went to another provider, or from another
// browser.
Result<std::optional<Trip>> take_trip(store::Tx& tx, const TripSecrets& secrets,
                                      std::string_view provider, WallTime now);

// Trips that are over, at most `limit` looked at from behind `after`; where to go on, empty at the
// end.
Result<std::string> sweep_trips(store::Tx& tx, std::string after, std::size_t limit, WallTime now);

std::vector<store::Migration> trip_migrations();

}  // namespace writ::identity
