#include "identity/token/token_keys.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "crypto/random_bytes.h"
#include "identity/token/token_key_rows.h"
#include "store/memory/memory_store.h"
#include "store/testing/fake_clock.h"

namespace writ::identity {
namespace {

using std::chrono::seconds;

constexpr TokenKeyOptions kOptions{
    .publish_ahead = seconds(600), .keep = seconds(3600), .refresh_interval = seconds(1)};

std::vector<crypto::KeyEncryptionKey> keks(
    std::initializer_list<std::pair<std::string_view, char>> of) {
  std::vector<crypto::KeyEncryptionKey> out;
  for (const auto& [id, fill] : of) {
    auto secret = crypto::SecretBytes::copy_of(std::string(crypto::kKekSize, fill));
    out.push_back(crypto::make_kek(id, std::move(secret)).value());
  }
  return out;
}

class TokenKeysTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_->migrate(token_key_migrations(), store::DryRun::no).has_value());
  }
  std::unique_ptr<TokenKeys> open(TokenKeyOptions options = kOptions) {
    return TokenKeys::open(*store_, keks_, clock_, options).value();
  }
  std::string signer(const TokenKeys& keys) {
    const crypto::JwsKey* key = keys.current()->signing_key(clock_.wall());
    return key == nullptr ? "none" : key->public_key().key_id();
  }
  static std::vector<std::string> published(const TokenKeys& keys) {
    std::vector<std::string> out;
    for (const auto& key : keys.current()->published().keys()) out.push_back(key.key_id());
    return out;
  }
  std::vector<TokenKeyRow> rows() {
    return store_->read([](store::Tx& tx) { return list_token_keys(tx); }).value();
  }

  store::FakeClock clock_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store(clock_);
  std::vector<crypto::KeyEncryptionKey> keks_ = keks({{"k1", 'a'}});
};

using Ids = std::vector<std::string>;

TEST_F(TokenKeysTest, TheFirstKeySignsAtOnce) {
  const auto keys = open();
  const std::string id = signer(*keys);
  EXPECT_EQ(published(*keys), Ids{id});
  EXPECT_EQ(keys->current()->published().find(id)->thumbprint(), id);
  EXPECT_EQ(signer(*open()), id);  // the next start finds it
}

TEST_F(TokenKeysTest, ANewKeyIsPublishedBeforeItSignsAndTheOldOneAfterIt) {
  const auto keys = open();
  const std::string first = signer(*keys);
  const std::string second = keys->rotate().value();
  EXPECT_NE(first, second);
  EXPECT_EQ(signer(*keys), first);
  EXPECT_EQ(published(*keys), (Ids{first, second}));
  clock_.pass(seconds(599));
  EXPECT_EQ(signer(*keys), first);
  clock_.pass(seconds(1));
  EXPECT_EQ(signer(*keys), second);
  EXPECT_EQ(published(*keys), (Ids{first, second}));
  clock_.pass(seconds(3599));
  const std::string third = keys->rotate().value();
  EXPECT_EQ(published(*keys), (Ids{first, second, third}));
  clock_.pass(seconds(601));
  const std::string fourth = keys->rotate().value();
  EXPECT_EQ(signer(*keys), third);
  EXPECT_EQ(published(*keys), (Ids{second, third, fourth}));
}

TEST_F(TokenKeysTest, TheSecretOfARetiringKeyIsErased) {
  const auto keys = open();
  const std::string first = signer(*keys);
  EXPECT_TRUE(keys->rotate().has_value());
  clock_.pass(seconds(601));
  EXPECT_TRUE(keys->rotate().has_value());
  EXPECT_EQ(rows()[0].id, first);
  EXPECT_EQ(rows()[0].sealed, "");
  EXPECT_EQ(keys->current()->entries()[0].key, nullptr);
  EXPECT_TRUE(rows()[1].sealed.starts_with("writ-seal-v1.k1."));
}

TEST_F(TokenKeysTest, SecretsAreSealedInTheStore) {
  const auto keys = open();
  const std::string secret(keys->current()->signing_key(clock_.wall())->secret());
  const TokenKeyRow row = rows()[0];
  EXPECT_TRUE(row.sealed.starts_with("writ-seal-v1.k1.")) << row.sealed;
  EXPECT_EQ(to_json(row.public_key).find("\"d\""), std::string::npos);
  EXPECT_EQ(open_token_key(row, keks_)->secret(), secret);
}

TEST_F(TokenKeysTest, ServersOnOneStoreAgree) {
  const auto one = open();
  const auto two = open();
  EXPECT_EQ(signer(*one), signer(*two));
  const std::string next = one->rotate().value();
  EXPECT_EQ(two->rotate().value(), next);  // one rotation, though both asked for it
  EXPECT_EQ(published(*one), published(*two));
  clock_.pass(seconds(600));
  EXPECT_EQ(signer(*one), next);
  EXPECT_EQ(signer(*two), next);
}

TEST_F(TokenKeysTest, RefreshReadsWhatOthersDidButNotMoreOftenThanItsInterval) {
  const auto one = open();
  const auto two = open();
  EXPECT_TRUE(two->refresh().has_value());
  const std::string next = one->rotate().value();
  EXPECT_TRUE(two->refresh().has_value());
  EXPECT_EQ(published(*two).size(), 1u);
  clock_.pass(seconds(1));
  EXPECT_TRUE(two->refresh().has_value());
  EXPECT_EQ(published(*two).back(), next);
}

TEST_F(TokenKeysTest, TheGenerationChangesWithTheKeysAndOnlyThen) {
  const auto keys = open();
  EXPECT_EQ(keys->current()->generation(), 2u);  // none, then one
  clock_.pass(seconds(5));
  EXPECT_TRUE(keys->refresh().has_value());
  EXPECT_EQ(keys->current()->generation(), 2u);
  EXPECT_TRUE(keys->rotate().has_value());
  EXPECT_EQ(keys->current()->generation(), 3u);
}

TEST_F(TokenKeysTest, ARevokedKeyIsGoneAtOnceAndForGood) {
  const auto keys = open();
  const std::string first = signer(*keys);
  const TokenKeyRow kept = rows()[0];
  ASSERT_TRUE(keys->revoke(first).has_value());
  EXPECT_NE(signer(*keys), first);
  EXPECT_EQ(published(*keys), Ids{signer(*keys)});
  // as when a backup is restored
  ASSERT_TRUE(store_->write([&](store::Tx& tx) { return put_token_key(tx, kept); }).has_value());
  clock_.pass(seconds(1));
  EXPECT_TRUE(keys->refresh().has_value());
  EXPECT_EQ(published(*keys), Ids{signer(*keys)});
  EXPECT_NE(signer(*keys), first);
}

TEST_F(TokenKeysTest, RevokingTheSigningKeyLetsTheOneThatWaitsSign) {
  const auto keys = open();
  const std::string first = signer(*keys);
  const std::string second = keys->rotate().value();
  ASSERT_TRUE(keys->revoke(first).has_value());
  EXPECT_EQ(signer(*keys), second);
  EXPECT_EQ(published(*keys), Ids{second});
}

TEST_F(TokenKeysTest, RevokingTheKeyThatWaitsLeavesAKeyThatSignsOn) {
  const auto keys = open();
  const std::string first = signer(*keys);
  const std::string second = keys->rotate().value();
  ASSERT_TRUE(keys->revoke(second).has_value());
  EXPECT_EQ(signer(*keys), first);
  clock_.pass(seconds(601));
  EXPECT_EQ(signer(*keys), first);
  EXPECT_EQ(keys->revoke("unknown").error().text(), "not_found: no token key has this id");
}

TEST_F(TokenKeysTest, IsSealedAnewUnderAnotherKek) {
  const std::string first = signer(*open());
  keks_ = keks({{"k2", 'b'}, {"k1", 'a'}});
  EXPECT_EQ(open()->reseal().value(), 1u);
  EXPECT_EQ(open()->reseal().value(), 0u);
  keks_ = keks({{"k2", 'b'}});
  EXPECT_EQ(signer(*open()), first);
}

TEST_F(TokenKeysTest, DoesNotOpenWithoutItsKek) {
  EXPECT_NE(signer(*open()), "none");
  keks_ = keks({{"k2", 'b'}});
  EXPECT_EQ(TokenKeys::open(*store_, keks_, clock_).error().text(),
            "not_found: no key-encryption key `k1` is configured");
  keks_ = keks({{"k1", 'b'}});
  EXPECT_EQ(TokenKeys::open(*store_, keks_, clock_).error().text(),
            "tampered: a sealed secret does not open at this place");
  keks_.clear();
  EXPECT_EQ(TokenKeys::open(*store_, keks_, clock_).error().text(),
            "invalid_input: no key-encryption key is configured to seal token keys with");
}

// A sealed secret that was copied into another key's row.
TEST_F(TokenKeysTest, SecretsDoNotMoveBetweenRows) {
  const auto keys = open();
  EXPECT_TRUE(keys->rotate().has_value());
  auto moved = rows()[1];
  moved.sealed = rows()[0].sealed;
  ASSERT_TRUE(store_->write([&](store::Tx& tx) { return put_token_key(tx, moved); }).has_value());
  EXPECT_EQ(TokenKeys::open(*store_, keks_, clock_).error().text(),
            "tampered: a sealed secret does not open at this place");
}

TEST_F(TokenKeysTest, RevertsItsMigration) {
  const auto undone =
      store_->migrate_down(token_key_migrations(), "identity_token_keys", 0, store::DryRun::no);
  ASSERT_TRUE(undone.has_value()) << undone.error().text();
  EXPECT_EQ(undone->front().module, "identity_token_keys");
}

}  // namespace
}  // namespace writ::identity
