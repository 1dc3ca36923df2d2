#include "identity/token/token_cache.h"

#include <gtest/gtest.h>

namespace writ::identity {
namespace {

Seconds at(std::int64_t seconds) { return Seconds(std::chrono::seconds(seconds)); }

// Digests of one shard, so that its bound is seen.
crypto::Digest token(std::uint8_t number) {
  crypto::Digest out;
  out.bytes[0] = number;
  return out;
}

SharedClaims claims_of(std::string subject) {
  AccessClaims claims;
  claims.subject = std::move(subject);
  return std::make_shared<const AccessClaims>(std::move(claims));
}

std::string found(TokenCache& cache, std::uint8_t number, std::uint64_t generation, int now) {
  const SharedClaims claims = cache.find(token(number), generation, at(now));
  return claims ? claims->subject : "-";
}

TEST(TokenCache, RemembersUntilTheTokenEnds) {
  TokenCache cache(160);
  cache.insert(token(1), claims_of("alice"), 1, at(100));
  EXPECT_EQ(found(cache, 1, 1, 99), "alice");
  EXPECT_EQ(found(cache, 2, 1, 99), "-");
  EXPECT_EQ(found(cache, 1, 1, 100), "-");
  EXPECT_EQ(cache.size(), 0u);
}

TEST(TokenCache, ForgetsWhatWasVerifiedUnderOtherKeys) {
  TokenCache cache(160);
  cache.insert(token(1), claims_of("alice"), 1, at(100));
  EXPECT_EQ(found(cache, 1, 2, 0), "-");
  EXPECT_EQ(found(cache, 1, 1, 0), "-");
}

TEST(TokenCache, KeepsWhatWasUsedLast) {
  TokenCache cache(32);  // two in each of 16 shards
  cache.insert(token(1), claims_of("one"), 1, at(100));
  cache.insert(token(2), claims_of("two"), 1, at(100));
  EXPECT_EQ(found(cache, 1, 1, 0), "one");
  cache.insert(token(3), claims_of("three"), 1, at(100));
  EXPECT_EQ(found(cache, 1, 1, 0), "one");
  EXPECT_EQ(found(cache, 2, 1, 0), "-");
  EXPECT_EQ(found(cache, 3, 1, 0), "three");
  EXPECT_EQ(cache.size(), 2u);
}

TEST(TokenCache, IsBounded) {
  TokenCache cache(64);
  for (int i = 0; i < 10'000; ++i) {
    cache.insert(crypto::sha256(std::to_string(i)), claims_of("x"), 1, at(100));
  }
  EXPECT_EQ(cache.size(), 64u);
}

TEST(TokenCache, InsertingAgainReplaces) {
  TokenCache cache(160);
  cache.insert(token(1), claims_of("old"), 1, at(100));
  cache.insert(token(1), claims_of("new"), 2, at(200));
  EXPECT_EQ(found(cache, 1, 2, 150), "new");
  EXPECT_EQ(cache.size(), 1u);
}

TEST(TokenCache, OfSizeZeroRemembersNothing) {
  TokenCache cache(0);
  cache.insert(token(1), claims_of("alice"), 1, at(100));
  EXPECT_EQ(found(cache, 1, 1, 0), "-");
}

}  // namespace
}  // namespace writ::identity
