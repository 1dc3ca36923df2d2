#pragma once
// The keys that tokens are signed with: rows of the store, sealed, shared by every server on it.
// A key's id is its RFC 7638 thumbprint.
//
//   published ──publish_ahead──▶ signs ──(the next one begins)──▶ retiring ──keep──▶ gone
//
// A new key is published before it signs, so that who keeps a copy of the key set has it in time;
// a retiring one stays published until what it signed has expired, its secret is erased. Which key
// signs follows from the rows and the clock alone, so servers agree without talking to each other.
//
// Thread-safe. `current` takes a lock for the time of a copy; the rest blocks on the store.
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/jose/jws.h"
#include "crypto/seal.h"
#include "store/store.h"

namespace writ::identity {

struct TokenKeyOptions {
  // Of new keys. ES256 is what every client library has.
  crypto::JwsAlgorithm algorithm = crypto::JwsAlgorithm::es256;
  // As long as others may keep the key set without asking again, and clocks may differ.
  std::chrono::seconds publish_ahead{600};
  // As long as the longest-lived token, with the clock skew.
  std::chrono::seconds keep{3600 + 60};
  // `refresh` looks at the store no more often: what stops unknown key ids from loading it.
  std::chrono::seconds refresh_interval{1};
};

// The keys at one moment; immutable.
class TokenKeySet {
 public:
  struct Entry {
    std::shared_ptr<const crypto::JwsKey> key;  // nullptr: retiring; shared between sets
    crypto::Jwk public_key;
    WallTime signs_from;
    WallTime signs_until;      // far away while no other follows
    WallTime published_until;  // likewise
  };

  TokenKeySet(std::vector<Entry> entries, std::uint64_t generation);

  // What is published, and what tokens are verified with.
  const crypto::JwkSet& published() const { return published_; }
  // nullptr: none signs at that time.
  const crypto::JwsKey* signing_key(WallTime now) const;
  const std::vector<Entry>& entries() const { return entries_; }
  // Another number whenever a key came or went: what was verified under an old one counts no more.
  std::uint64_t generation() const { return generation_; }

 private:
  std::vector<Entry> entries_;
  crypto::JwkSet published_;
  std::uint64_t generation_;
};

class TokenKeys {
 public:
  // Loads the keys, and makes the first one when there is none. All is borrowed; the first of
  // `keks` seals. Errors: not_found, tampered (a key does not open), storage_failed.
  static Result<std::unique_ptr<TokenKeys>> open(store::Store& store,
                                                 const std::vector<crypto::KeyEncryptionKey>& keks,
                                                 const Clock& clock, TokenKeyOptions options = {});

  std::shared_ptr<const TokenKeySet> current() const;

  // Publishes a new key that signs from `publish_ahead` on, and erases what is over. While one
  // waits already, that one stands: servers that rotate at once make one key. Returns its id.
  Result<std::string> rotate();
  // Rotates when the newest key has signed for `age`, and erases what is over: for whoever looks
  // after the keys, as often as it likes.
  Result<void> keep_fresh(std::chrono::seconds age);
  // Takes a key back at once, tokens that it signed with it; where it signed, a new one does from
  // now on. Other servers follow at their next `refresh`. Errors: not_found.
  Result<void> revoke(std::string_view key_id);
  // Seals every key under the first KEK. Returns how many were under another.
  Result<std::size_t> reseal();
  // Reads what other servers did, unless that was done within `refresh_interval`.
  Result<void> refresh();

 private:
  TokenKeys(store::Store& store, const std::vector<crypto::KeyEncryptionKey>& keks,
            const Clock& clock, TokenKeyOptions options)
      : store_(store), keks_(keks), clock_(clock), options_(options) {}
  Result<void> load();

  store::Store& store_;
  const std::vector<crypto::KeyEncryptionKey>& keks_;
  const Clock& clock_;
  const TokenKeyOptions options_;
  std::mutex load_mutex_;     // one reading of the rows at a time; taken before `mutex_`
  std::string loaded_mark_;   // of the rows that `current_` was made from
  mutable std::mutex mutex_;  // of the following
  std::shared_ptr<const TokenKeySet> current_;  // shared with who is using it
  std::optional<std::chrono::steady_clock::time_point> refreshed_at_;
};

std::vector<store::Migration> token_key_migrations();

}  // namespace writ::identity
