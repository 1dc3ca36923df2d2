#pragma once
// Tokens whose signature was found to hold, by the SHA-256 of their text, so that the next request
// with one costs a digest in place of a signature. Remembers what the token says and nothing else:
// whether the session, the account or the client still stands is asked each time by whoever checks.
//
// An entry counts until its token expires, and only under the key set it was verified with.
// Bounded: where a shard is full, the one longest unused goes. Thread-safe; a lock per shard.
#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "crypto/digest.h"
#include "identity/token/claims.h"

namespace writ::identity {

using SharedClaims = std::shared_ptr<const AccessClaims>;  // with requests that are under way

class TokenCache {
 public:
  // `entries` in all; 0: remembers nothing.
  explicit TokenCache(std::size_t entries) : shard_limit_((entries + kShards - 1) / kShards) {}

  // nullptr: not remembered, over at `now`, or verified under another generation of keys.
  SharedClaims find(const crypto::Digest& token, std::uint64_t generation, Seconds now);
  void insert(const crypto::Digest& token, SharedClaims claims, std::uint64_t generation,
              Seconds ends_at);
  std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 16;

  struct Entry {
    crypto::Digest token;
    SharedClaims claims;
    std::uint64_t generation;
    Seconds ends_at;
  };
  struct HashDigest {
    std::size_t operator()(const crypto::Digest& digest) const;
  };
  using Entries = std::list<Entry>;  // the last used first
  struct Shard {
    mutable std::mutex mutex;
    Entries entries;
    std::unordered_map<crypto::Digest, Entries::iterator, HashDigest> by_token;
  };

  Shard& shard_of(const crypto::Digest& token) { return shards_[token.bytes[31] % kShards]; }
  static void erase(Shard& shard, Entries::iterator entry);

  const std::size_t shard_limit_;
  std::array<Shard, kShards> shards_;
};

}  // namespace writ::identity
