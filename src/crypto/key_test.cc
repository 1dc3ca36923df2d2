#include "crypto/key.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/digest.h"

namespace writ::crypto {
namespace {

std::string bytes(std::string_view hex) { return parse_hex(hex).value(); }

// RFC 8032 section 7.1, tests 1, 2, 3 and SHA(abc).
struct Vector {
  std::string_view seed, key, message, signature;
};
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "bbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e"
     "0303dca179c138ac17ad9bef1177331a704"},
};

TEST(Key, SignsAndVerifiesTheVectorsOfRfc8032) {
  for (const Vector& v : kVectors) {
    const auto key = SecretKey::from_seed(bytes(v.seed));
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->public_key().bytes), v.key);
    const std::string signature = key->sign(bytes(v.message)).value();
    EXPECT_EQ(to_hex(as_bytes(signature)), v.signature);
    EXPECT_TRUE(key->public_key().verifies(bytes(v.message), signature));
  }
}

TEST(Key, RefusesASignatureThatWasChanged) {
  const SecretKey key = SecretKey::generate();
  std::string signature = key.sign("message").value();
  EXPECT_FALSE(key.public_key().verifies("Message", signature));
  EXPECT_FALSE(key.public_key().verifies("message", signature.substr(1)));
  EXPECT_FALSE(key.public_key().verifies("message", ""));
  for (const std::size_t at : {std::size_t{0}, std::size_t{31}, std::size_t{32}, std::size_t{63}}) {
    std::string changed = signature;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(key.public_key().verifies("message", changed)) << at;
  }
}

// S + L is the same number modulo the group order: RFC 8032 section 5.1.7 refuses it.
TEST(Key, RefusesAMalleatedSignature) {
  const Vector& v = kVectors[0];
  std::string signature = bytes(v.signature);
  const std::string order =
      bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + static_cast<unsigned char>(order[i]);
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  const auto key = PublicKey::parse_base64(to_base64(bytes(v.key)));
  EXPECT_FALSE(key->verifies("", signature));
}

// openssl pkey -pubin -outform DER | sha256sum, over the first vector's key.
TEST(Key, DerivesItsIdFromTheSubjectPublicKeyInfo) {
  const auto key = SecretKey::from_seed(bytes(kVectors[0].seed));
  const std::string spki = bytes("302a300506032b6570032100" + std::string(kVectors[0].key));
  EXPECT_EQ(key->id().hex, sha256(spki).hex());
  EXPECT_EQ(key->id().hex, "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9");
  EXPECT_EQ(key->id().short_text(), key->id().hex.substr(0, 16));
}

TEST(Key, ReadsBackItsOwnBase64) {
  const PublicKey key = SecretKey::generate().public_key();
  EXPECT_EQ(PublicKey::parse_base64(key.base64()).value(), key);
}

TEST(Key, RefusesBytesThatAreNoPublicKey) {
  const std::string cases[] = {
      "",
      "not base64!",
      to_base64(std::string(31, 'a')),
      to_base64(std::string(33, 'a')),
      to_base64(std::string(32, '\0')),           // small order
      to_base64("\x01" + std::string(31, '\0')),  // the neutral element
      to_base64(std::string(32, '\xff')),         // no canonical coordinate
  };
  for (const std::string& text : cases) {
    const auto key = PublicKey::parse_base64(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code, Code::invalid_input) << text;
  }
}

TEST(Key, RefusesASeedOfTheWrongSizeWithoutShowingIt) {
  const auto key = SecretKey::from_seed("hunter2hunter2");
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Code::invalid_input);
  EXPECT_EQ(key.error().text().find("hunter2"), std::string::npos);
}

TEST(Key, GeneratesADifferentKeyEachTime) {
  EXPECT_NE(SecretKey::generate().id(), SecretKey::generate().id());
}

TEST(Key, SurvivesBeingMoved) {
  SecretKey key = SecretKey::generate();
  const PublicKey public_key = key.public_key();
  const SecretKey moved = std::move(key);
  EXPECT_TRUE(public_key.verifies("m", moved.sign("m").value()));
  EXPECT_EQ(SecretKey::from_seed(moved.seed())->public_key(), public_key);
}

}  // namespace
}  // namespace writ::crypto
