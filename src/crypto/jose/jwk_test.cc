#include "crypto/jose/jwk.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/base64url.h"

namespace writ::crypto {
namespace {

constexpr std::string_view kRsaModulus =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ"
    "PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0"
    "LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
    "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
    "PAcDTW9gb54h4FRWyuXpoQ";

// RFC 8037 appendix A.2 and A.3; RFC 7515 appendix A.3.
constexpr std::string_view kOkp =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view kEc =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kOkpThumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
constexpr std::string_view kEcThumbprint = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

Result<Jwk> parse(std::string_view json) { return Jwk::parse(parse_json(json).value()); }

std::string with(std::string_view json, std::string_view member) {
  return std::string(json.substr(0, json.size() - 1)) + "," + std::string(member) + "}";
}

TEST(Jwk, HasTheThumbprintsOfTheRfcs) {
  EXPECT_EQ(parse(kOkp)->thumbprint(), kOkpThumbprint);
  EXPECT_EQ(parse(kEc)->thumbprint(), kEcThumbprint);
  EXPECT_EQ(parse(with(kOkp, R"("kid":"mine")"))->thumbprint(), kOkpThumbprint);
}

TEST(Jwk, IsCalledByItsKidOrItsThumbprint) {
  EXPECT_EQ(parse(kOkp)->key_id(), kOkpThumbprint);
  EXPECT_EQ(parse(with(kEc, R"("kid":"mine")"))->key_id(), "mine");
}

TEST(Jwk, WritesWhatItReads) {
  EXPECT_EQ(to_json(parse(kOkp)->to_value()),
            R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
            R"("kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","use":"sig","alg":"EdDSA"})");
  const Value ec = parse(kEc)->to_value();
  EXPECT_EQ(ec.string_or("alg", ""), "ES256");
  EXPECT_TRUE(Jwk::parse(ec)->to_value() == ec);
}

// RFC 8037 appendix A.4.
TEST(Jwk, VerifiesTheSignatureOfTheRfc) {
  const Jwk key = parse(kOkp).value();
  const std::string signature =
      parse_base64url(
          "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7"
          "sVvpAr_MuM0KAg")
          .value();
  EXPECT_TRUE(key.verifies("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", signature));
  EXPECT_FALSE(key.verifies("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmd", signature));
  EXPECT_EQ(key.algorithm(), JwsAlgorithm::eddsa);
}

// RFC 7515 appendix A.2.
TEST(Jwk, VerifiesWhatOthersSignedWithRsa) {
  const Jwk key =
      parse(R"({"kty":"RSA","e":"AQAB","n":")" + std::string(kRsaModulus) + "\"}").value();
  const std::string signature =
      parse_base64url(
          "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm"
          "4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--"
          "f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383Lc"
          "OLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUi"
          "pUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")
          .value();
  const std::string text =
      "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
      "LmNvbS9pc19yb290Ijp0cnVlfQ";
  EXPECT_EQ(key.algorithm(), JwsAlgorithm::rs256);
  EXPECT_TRUE(key.verifies(text, signature));
  EXPECT_FALSE(key.verifies(text + "x", signature));
  EXPECT_FALSE(key.verifies(text, signature.substr(1)));
  EXPECT_FALSE(key.verifies(text, std::string(256, '\0')));
  EXPECT_TRUE(Jwk::parse(key.to_value())->to_value() == key.to_value());
}

TEST(Jwk, RefusesKeysThatAreNotForVerifyingWithIt) {
  const std::pair<std::string, std::string_view> bad[] = {
      {"[]", "it is no object"},
      {"{}", "its `kty` is none of OKP, EC and RSA"},
      {R"({"kty":"oct","k":"c2VjcmV0"})", "its `kty` is none of OKP, EC and RSA"},
      {R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", "`n` and `e` are no RSA key of 2048 to 8192 bits"},
      {R"({"kty":"RSA","n":"AQAB","e":"="})", "`n` and `e` are not base64url"},
      {R"({"kty":"RSA","e":"Aw","n":")" + std::string(kRsaModulus) + "\"}",
       "`n` and `e` are no RSA key of 2048 to 8192 bits"},
      {R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
       "its curve is not Ed25519"},
      {R"({"kty":"OKP","crv":"Ed25519","x":"11qY"})", "`x` is not 32 bytes of base64url"},
      {R"({"kty":"OKP","crv":"Ed25519"})", "`x` is not 32 bytes of base64url"},
      // the neutral point: one signature for every message
      {R"({"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})",
       "`x` is no point of Ed25519"},
      {R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})", "its curve is not P-256"},
      {R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
       R"("y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})",
       "`x` and `y` are no point of P-256"},
      {with(kOkp, R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")"), "it is a private key"},
      {with(kOkp, R"("use":"enc")"), "its `use` is not `sig`"},
      {with(kOkp, R"("key_ops":["sign"])"), "its `key_ops` lack `verify`"},
      {with(kOkp, R"("alg":"ES256")"), "its `alg` is another"},
      {with(kEc, R"("alg":"HS256")"), "its `alg` is another"},
      {with(kOkp, R"("kid":7)"), "its `kid` is not 1 to 128 bytes of text"},
      {with(kOkp, R"("kid":"")"), "its `kid` is not 1 to 128 bytes of text"}};
  for (const auto& [json, why] : bad) {
    const auto key = parse(json);
    ASSERT_FALSE(key.has_value()) << json;
    EXPECT_EQ(key.error().message, "this JWK cannot be used: " + std::string(why)) << json;
  }
}

TEST(JwkSet, LeavesOutKindsThatItDoesNotKnow) {
  const auto set =
      JwkSet::parse(R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},)" + std::string(kOkp) + "," +
                    std::string(kEc) + R"(,{"kty":"oct","k":"AAAA"}]})");
  ASSERT_EQ(set->keys().size(), 2u);
  EXPECT_EQ(set->find(kOkpThumbprint)->algorithm(), JwsAlgorithm::eddsa);
  EXPECT_EQ(set->find(kEcThumbprint)->algorithm(), JwsAlgorithm::es256);
  EXPECT_EQ(set->find("other"), nullptr);
  EXPECT_EQ(to_json(JwkSet::parse(to_json(set->to_value()))->to_value()), to_json(set->to_value()));
}

TEST(JwkSet, RefusesWhatIsNoSet) {
  std::string many = R"({"keys":[{})";
  for (int i = 0; i < 100; ++i) many += ",{}";
  for (const std::string& json :
       {std::string("{}"), std::string("[]"), std::string(R"({"keys":{}})"), many + "]}"}) {
    EXPECT_EQ(JwkSet::parse(json).error().message, "this is no JWK set of at most 100 keys");
  }
  const std::string twice = R"({"keys":[)" + std::string(kOkp) + "," + std::string(kOkp) + "]}";
  EXPECT_EQ(JwkSet::parse(twice).error().message, "two keys of a JWK set have one `kid`");
  EXPECT_EQ(JwkSet::parse("{").error().code, Code::invalid_input);
}

}  // namespace
}  // namespace writ::crypto
