#include "crypto/seal.h"

#include <gtest/gtest.h>

#include <set>

namespace writ::crypto {
namespace {

constexpr SealedPlace kPlace{"user/1", "totp_seed", 1};

KeyEncryptionKey kek(std::string_view id, char fill) {
  return make_kek(id, SecretBytes::copy_of(std::string(kKekSize, fill))).value();
}

std::vector<KeyEncryptionKey> keks(std::initializer_list<std::pair<std::string_view, char>> of) {
  std::vector<KeyEncryptionKey> out;
  for (const auto& [id, fill] : of) out.push_back(kek(id, fill));
  return out;
}

std::string error_of(const std::vector<KeyEncryptionKey>& keys, std::string_view text,
                     const SealedPlace& place = kPlace) {
  const auto opened = open_sealed(keys, text, place);
  return opened ? "opened" : opened.error().text();
}

constexpr std::string_view kTampered = "tampered: a sealed secret does not open at this place";

TEST(Seal, OpensWhatWasSealedAtItsPlace) {
  const auto keys = keks({{"k1", 'a'}});
  for (const std::string& secret : {std::string("seed"), std::string(), std::string("\0\xff", 2),
                                    std::string(kMaxSealedPlaintext, 'x')}) {
    const std::string text = seal(keys[0], secret, kPlace).value();
    EXPECT_EQ(open_sealed(keys, text, kPlace)->view(), secret);
    EXPECT_TRUE(text.starts_with("writ-seal-v1.k1."));
    EXPECT_TRUE(secret.empty() || text.find(secret) == text.npos);
    EXPECT_EQ(kek_id_of(text).value(), "k1");
  }
}

TEST(Seal, OpensAtNoOtherPlace) {
  const auto keys = keks({{"k1", 'a'}});
  const std::string text = seal(keys[0], "seed", kPlace).value();
  for (const SealedPlace& place :
       {SealedPlace{"user/2", "totp_seed", 1}, SealedPlace{"user/1", "provider_key", 1},
        SealedPlace{"user/1", "totp_seed", 2}, SealedPlace{"user/1t", "otp_seed", 1},
        SealedPlace{"", "", 1}}) {
    EXPECT_EQ(error_of(keys, text, place), kTampered);
  }
}

TEST(Seal, NoticesEveryChangedCharacter) {
  const auto keys = keks({{"k1", 'a'}});
  const std::string text = seal(keys[0], "seed", kPlace).value();
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(error_of(keys, changed), "opened") << i;
  }
  EXPECT_EQ(error_of(keys, text + "A"), kTampered);
  EXPECT_EQ(error_of(keks({{"k1", 'b'}}), text), kTampered);
}

// The record's key of one text does not open the secret of another.
TEST(Seal, BoxesCannotBeSwapped) {
  const auto keys = keks({{"k1", 'a'}});
  const std::string one = seal(keys[0], "one", kPlace).value();
  const std::string two = seal(keys[0], "two", kPlace).value();
  const std::string mixed = one.substr(0, one.rfind('.')) + two.substr(two.rfind('.'));
  EXPECT_EQ(error_of(keys, mixed), kTampered);
}

TEST(Seal, UsesANonceAndKeyOnce) {
  const auto keys = keks({{"k1", 'a'}});
  std::set<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.insert(seal(keys[0], "seed", kPlace).value().substr(16));
  EXPECT_EQ(texts.size(), 100u);
}

TEST(Seal, ResealsUnderAnotherKeyWithoutTouchingTheSecretsBox) {
  const auto both = keks({{"new", 'b'}, {"old", 'a'}});
  const std::string text = seal(both[1], "seed", kPlace).value();
  const std::string again = reseal(both, both[0], text, kPlace).value();
  EXPECT_EQ(kek_id_of(again).value(), "new");
  EXPECT_EQ(again.substr(again.rfind('.')), text.substr(text.rfind('.')));
  EXPECT_EQ(open_sealed(keks({{"new", 'b'}}), again, kPlace)->view(), "seed");
  EXPECT_EQ(error_of(keks({{"old", 'a'}}), again),
            "not_found: no key-encryption key `new` is configured");
  EXPECT_EQ(reseal(both, both[0], text, {"user/2", "totp_seed", 1}).error().text(), kTampered);
}

TEST(Seal, RefusesWhatIsNoSealedText) {
  const auto keys = keks({{"k1", 'a'}});
  for (const std::string& text :
       {std::string(), std::string("writ-seal-v1"), std::string("writ-seal-v1.k1.."),
        std::string("writ-seal-v2.k1.AAAA.AAAA"), std::string("writ-seal-v1.K1.AAAA.AAAA"),
        std::string(1u << 20, 'A'), std::string("...")}) {
    EXPECT_EQ(error_of(keys, text), "invalid_input: this is no sealed secret");
    EXPECT_EQ(kek_id_of(text).error().text(), "invalid_input: this is no sealed secret");
  }
}

TEST(Seal, RefusesKeysAndSecretsOutOfBounds) {
  EXPECT_EQ(make_kek("k", SecretBytes(16)).error().text(),
            "invalid_input: a key-encryption key has 32 bytes, not 16");
  for (const std::string& id : {std::string(), std::string("a.b"), std::string(65, 'a')}) {
    EXPECT_EQ(make_kek(id, SecretBytes(32)).error().text(),
              "invalid_input: a key-encryption key's id is 1 to 64 of a-z, 0-9, - and _");
  }
  EXPECT_EQ(seal(kek("k", 'a'), std::string(kMaxSealedPlaintext + 1, 'x'), kPlace).error().text(),
            "invalid_input: a secret to seal has at most 65536 bytes, not 65537");
}

}  // namespace
}  // namespace writ::crypto
