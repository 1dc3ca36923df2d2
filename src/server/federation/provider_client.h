#pragma once
// One provider, asked over HTTP: where to send people, and who it is that comes back.
//
// Only origins that the settings name are called, over connections that follow no redirect, for a
// few seconds and kilobytes. Metadata and keys are kept; an unknown key id has the keys fetched
// anew, at most once a minute. A few calls at once are all that a provider gets: one that hangs
// holds up nobody else, and who leaves takes no turn from who comes back.
//
// Thread-safe; blocking.
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/jose/jwk.h"
#include "identity/federation/id_token.h"
#include "identity/federation/sign_in_trips.h"
#include "net/client.h"
#include "server/federation/provider_answers.h"
#include "server/federation/sign_in_provider.h"

namespace writ::server {

inline constexpr std::size_t kMostProviderCalls = 4;  // of people who come back
inline constexpr std::size_t kMostDepartures = 2;     // that ask for metadata

// anew: whoever is signed in there is asked again who they are.
enum class Departing : std::uint8_t { usual, anew };

// What came back with the browser.
struct ProviderReturn {
  std::string code = {};
  std::optional<std::string> issuer = {};  // `iss`
};

class ProviderClient {
 public:
  // `http` and `clock` are borrowed. `redirect_uri`: where people come back to, to the letter.
  ProviderClient(SignInProvider provider, std::string redirect_uri, net::Client& http,
                 const Clock& clock);

  const SignInProvider& provider() const { return provider_; }

  // Errors: unavailable, timed_out, overloaded (it cannot be asked now), invalid_input (its
  // metadata are not taken).
  Result<std::string> authorization_url(const identity::TripSecrets& secrets, Departing departing,
                                        const std::stop_token& stop);
  // Errors: those, not_permitted (it does not take the code), signature_bad (what it says of the
  // person does not hold, or the answer is of another provider).
  Result<identity::Vouched> who_came(const ProviderReturn& back,
                                     const identity::TripSecrets& secrets,
                                     const std::stop_token& stop);

 private:
  // Turns that are taken, of so many.
  struct Turns {
    std::size_t most;
    std::size_t taken = 0;
  };
  class Turn;
  using SharedMetadata = std::shared_ptr<const ProviderMetadata>;  // while it is used, and kept
  using SharedKeys = std::shared_ptr<const crypto::JwkSet>;        // likewise
  template <typename T>
  struct Kept {
    T value = nullptr;
    std::chrono::steady_clock::time_point since = {};
  };

  Result<net::Response> send(net::Call call, const std::stop_token& stop);
  Result<std::string> fetch(std::string url, std::string_view bearer, const std::stop_token& stop);
  Result<SharedMetadata> metadata(const std::stop_token& stop);
  // `than`: those that do not have the key; null: any that are kept.
  Result<SharedKeys> keys(const ProviderMetadata& metadata, const SharedKeys& than,
                          const std::stop_token& stop);
  Result<ProviderTokens> redeem(const ProviderMetadata& metadata, const std::string& code,
                                const std::string& verifier, const std::stop_token& stop);
  Result<identity::Vouched> check(const ProviderMetadata& metadata, std::string_view id_token,
                                  std::string_view nonce, const std::stop_token& stop);
  Result<identity::Vouched> ask(const ProviderMetadata& metadata, const ProviderTokens& tokens,
                                std::string_view nonce, const std::stop_token& stop);

  const SignInProvider provider_;
  const std::string redirect_uri_;
  net::Client& http_;
  const Clock& clock_;
  std::mutex mutex_;  // of the following
  Turns departures_{kMostDepartures};
  Turns returns_{kMostProviderCalls};
  Kept<SharedMetadata> metadata_;
  Kept<SharedKeys> keys_;
};

}  // namespace writ::server
