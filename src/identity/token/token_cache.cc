#include "identity/token/token_cache.h"

#include <cstring>

namespace writ::identity {

std::size_t TokenCache::HashDigest::operator()(const crypto::Digest& digest) const {
  std::size_t hash = 0;  // any part of a digest is as good a hash as another
  std::memcpy(&hash, digest.bytes.data(), sizeof hash);
  return hash;
}

void TokenCache::erase(Shard& shard, Entries::iterator entry) {
  shard.by_token.erase(entry->token);
  shard.entries.erase(entry);
}

SharedClaims TokenCache::find(const crypto::Digest& token, std::uint64_t generation, Seconds now) {
  Shard& shard = shard_of(token);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_token.find(token);
  if (found == shard.by_token.end()) return nullptr;
  const auto entry = found->second;
  if (entry->generation != generation || entry->ends_at <= now) {
    erase(shard, entry);
    return nullptr;
  }
  shard.entries.splice(shard.entries.begin(), shard.entries, entry);
  return entry->claims;
}

void TokenCache::insert(const crypto::Digest& token, SharedClaims claims, std::uint64_t generation,
                        Seconds ends_at) {
  if (shard_limit_ == 0) return;
  Shard& shard = shard_of(token);
  const std::lock_guard lock(shard.mutex);
  if (const auto found = shard.by_token.find(token); found != shard.by_token.end()) {
    erase(shard, found->second);
  }
  if (shard.entries.size() == shard_limit_) erase(shard, std::prev(shard.entries.end()));
  shard.entries.push_front({token, std::move(claims), generation, ends_at});
  shard.by_token.emplace(token, shard.entries.begin());
}

std::size_t TokenCache::size() const {
  std::size_t out = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    out += shard.entries.size();
  }
  return out;
}

}  // namespace writ::identity
