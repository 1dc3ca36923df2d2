#include "crypto/p256.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/base64url.h"

namespace writ::crypto {
namespace {

std::string hex(std::string_view text) { return parse_hex(text).value(); }

// RFC 6979 appendix A.2.5.
const std::string_view kScalar = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const std::string_view kX = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
const std::string_view kY = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const std::string_view kR = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
const std::string_view kS = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
const std::string_view kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const std::string_view kZero = "0000000000000000000000000000000000000000000000000000000000000000";

P256PublicKey sample_public() { return P256PublicKey::from_coordinates(hex(kX), hex(kY)).value(); }

TEST(P256, DerivesThePublicKeyOfTheRfc) {
  const auto key = P256SecretKey::from_scalar(hex(kScalar)).value();
  EXPECT_EQ(to_hex(as_bytes(key.public_key().x())), kX);
  EXPECT_EQ(to_hex(as_bytes(key.public_key().y())), kY);
  EXPECT_EQ(to_hex(as_bytes(key.scalar())), kScalar);
}

TEST(P256, VerifiesTheSignatureOfTheRfcAndNoOther) {
  const std::string signature = hex(kR) + hex(kS);
  EXPECT_TRUE(sample_public().verifies("sample", signature));
  EXPECT_FALSE(sample_public().verifies("sampl", signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(sample_public().verifies("sample", changed)) << i;
  }
}

// RFC 7515 appendix A.3.
TEST(P256, VerifiesTheSignatureOfJws) {
  const auto key = P256PublicKey::from_coordinates(
      parse_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU").value(),
      parse_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0").value());
  EXPECT_TRUE(key->verifies(
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
      parse_base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
                      "pmWQxfKTUJqPP3-Kg6NU1Q")
          .value()));
}

TEST(P256, SignsWhatItsPublicKeyVerifies) {
  const P256SecretKey key = P256SecretKey::generate();
  const P256SecretKey other = P256SecretKey::generate();
  const std::string signature = key.sign("message").value();
  EXPECT_EQ(signature.size(), 64u);
  EXPECT_TRUE(key.public_key().verifies("message", signature));
  EXPECT_FALSE(key.public_key().verifies("another", signature));
  EXPECT_FALSE(other.public_key().verifies("message", signature));
  EXPECT_FALSE(key.public_key() == other.public_key());
  const auto again = P256SecretKey::from_scalar(key.scalar()).value();
  EXPECT_TRUE(again.public_key() == key.public_key());
  EXPECT_TRUE(key.public_key().verifies("x", again.sign("x").value()));
}

TEST(P256, RefusesRAndSOutOfRange) {
  const std::string zero = hex(kZero);
  const std::string order = hex(kOrder);
  const std::string r = hex(kR);
  const std::string s = hex(kS);
  const std::string all(32, '\xff');
  for (const std::string& bad : {zero + zero, zero + s, r + zero, order + s, r + order, all + all,
                                 std::string(), r, r + s + '\0', '\0' + r + s}) {
    EXPECT_FALSE(sample_public().verifies("sample", bad)) << to_hex(as_bytes(bad));
  }
}

TEST(P256, RefusesPointsThatAreNotOnTheCurve) {
  std::string off = hex(kY);
  off.back() = static_cast<char>(off.back() ^ 1);
  const std::pair<std::string, std::string> bad[] = {{hex(kX), off},
                                                     {hex(kZero), hex(kZero)},
                                                     {hex(kY), hex(kX)},
                                                     {hex(kX), hex(kY).substr(1)},
                                                     {'\0' + hex(kX), hex(kY)},
                                                     {std::string(32, '\xff'), hex(kY)},
                                                     {{}, {}}};
  for (const auto& [x, y] : bad) {
    const auto key = P256PublicKey::from_coordinates(x, y);
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().text(), "invalid_input: these coordinates are no point of P-256");
  }
}

TEST(P256, RefusesScalarsOutOfRange) {
  for (const std::string& bad : {hex(kZero), hex(kOrder), std::string(32, '\xff'),
                                 hex(kScalar).substr(1), '\0' + hex(kScalar), std::string()}) {
    const auto key = P256SecretKey::from_scalar(bad);
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().text(), "invalid_input: these bytes are no private key of P-256");
  }
}

}  // namespace
}  // namespace writ::crypto
