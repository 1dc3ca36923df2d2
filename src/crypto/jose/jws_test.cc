#include "crypto/jose/jws.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace writ::crypto {
namespace {

constexpr JwsAlgorithm kBoth[] = {JwsAlgorithm::eddsa, JwsAlgorithm::es256};
constexpr JwsAlgorithm kEddsa[] = {JwsAlgorithm::eddsa};
constexpr std::string_view kPayload = R"({"sub":"alice"})";

JwsKey okp_key(char seed = 'a') {
  return JwsKey(SecretKey::from_seed(std::string(32, seed)).value());
}
JwsKey ec_key(char scalar = 'a') {
  return JwsKey(P256SecretKey::from_scalar(std::string(32, scalar)).value());
}

JwkSet set_of(const JwsKey& a, const JwsKey& b) { return JwkSet({a.public_key(), b.public_key()}); }

// A token whose signature holds, whatever its header says.
std::string forged(const JwsKey& key, std::string_view header,
                   std::string_view payload = kPayload) {
  const std::string text = to_base64url(header) + "." + to_base64url(payload);
  return text + "." + to_base64url(key.sign(text).value());
}

std::string header_of(const JwsKey& key, std::string_view more = "") {
  return R"({"alg":")" + std::string(kJwsAlgorithms.name(key.public_key().algorithm())) +
         R"(","kid":")" + key.public_key().key_id() + "\"" + std::string(more) + "}";
}

std::string outcome(const JwkSet& keys, std::string_view token,
                    std::span<const JwsAlgorithm> allowed = kBoth) {
  const auto jws = jws_verify(keys, token, allowed);
  return jws ? "accepted: " + jws->payload : jws.error().text();
}

std::string refusal(TokenFault fault) { return "signature_bad: " + std::string(reason_of(fault)); }

class EachKey : public testing::TestWithParam<JwsAlgorithm> {
 protected:
  JwsKey key = GetParam() == JwsAlgorithm::eddsa ? okp_key() : ec_key();
  JwsKey stranger = GetParam() == JwsAlgorithm::eddsa ? okp_key('b') : ec_key('b');
  JwkSet keys = set_of(okp_key(), ec_key());
};

INSTANTIATE_TEST_SUITE_P(Jws, EachKey, testing::ValuesIn(kBoth), [](const auto& param) {
  return std::string(kJwsAlgorithms.name(param.param));
});

TEST_P(EachKey, VerifiesWhatItSigned) {
  const std::string token = jws_sign(key, "at+jwt", kPayload).value();
  const Jws jws = jws_verify(keys, token, kBoth).value();
  EXPECT_EQ(jws.payload, kPayload);
  EXPECT_EQ(jws.type, "at+jwt");
  EXPECT_EQ(jws.key_id, key.public_key().thumbprint());
  EXPECT_EQ(parse_base64url(token.substr(0, token.find('.'))).value(),
            R"({"alg":")" + std::string(kJwsAlgorithms.name(GetParam())) +
                R"(","typ":"at+jwt","kid":")" + jws.key_id + R"("})");
}

TEST_P(EachKey, ASecretGoesOutAndIn) {
  const JwsKey again = JwsKey::from_secret(GetParam(), key.secret()).value();
  EXPECT_EQ(again.public_key().key_id(), key.public_key().key_id());
  EXPECT_EQ(outcome(keys, jws_sign(again, "JWT", kPayload).value()),
            "accepted: " + std::string(kPayload));
  EXPECT_EQ(JwsKey::from_secret(GetParam(), "short").error().code, Code::invalid_input);
}

TEST_P(EachKey, EveryChangedCharacterIsNoticed) {
  const std::string token = jws_sign(key, "at+jwt", kPayload).value();
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(outcome(keys, changed).starts_with("signature_bad: ")) << i;
  }
}

TEST_P(EachKey, AStrangersSignatureDoesNotHold) {
  EXPECT_EQ(outcome(keys, jws_sign(stranger, "JWT", kPayload).value()),
            refusal(TokenFault::key_unknown));
  EXPECT_EQ(outcome(keys, forged(stranger, header_of(key))), refusal(TokenFault::signature_wrong));
}

TEST_P(EachKey, OwnKeysInTheHeaderAreNotLookedAt) {
  const std::string jwk = to_json(stranger.public_key().to_value());
  for (const std::string& member :
       {R"(,"jwk":)" + jwk, std::string(R"(,"jku":"https://attacker.example/jwks.json")"),
        std::string(R"(,"x5u":"https://attacker.example/cert.pem")"),
        std::string(R"(,"x5c":["MIIB"])"), std::string(R"(,"x5t":"AAAA")")}) {
    EXPECT_EQ(outcome(keys, forged(stranger, header_of(key, member))),
              refusal(TokenFault::signature_wrong));
    // Not harmful, so not refused: RFC 7515 section 4 lets headers hold what is not understood.
    EXPECT_EQ(outcome(keys, forged(key, header_of(key, member))),
              "accepted: " + std::string(kPayload));
  }
  EXPECT_EQ(
      outcome(keys, forged(stranger, R"({"alg":")" + std::string(kJwsAlgorithms.name(GetParam())) +
                                         R"(","jwk":)" + jwk + "}")),
      refusal(TokenFault::key_unknown));
}

TEST_P(EachKey, OtherAlgorithmsAreRefused) {
  const std::string kid = R"(","kid":")" + key.public_key().key_id() + "\"}";
  for (const std::string_view name :
       {"none", "None", "nOnE", "NONE", "HS256", "HS512", "RS256", "PS256", "ES384", "ES512",
        "eddsa", "es256", "Ed25519", "", "EdDSA ", "ES256K"}) {
    EXPECT_EQ(outcome(keys, forged(key, R"({"alg":")" + std::string(name) + kid)),
              refusal(TokenFault::algorithm_not_allowed))
        << name;
  }
  EXPECT_EQ(outcome(keys, forged(key, R"({"kid":")" + key.public_key().key_id() + "\"}")),
            refusal(TokenFault::algorithm_not_allowed));
}

TEST_P(EachKey, TheAlgorithmIsBoundToTheKey) {
  const std::string other(kJwsAlgorithms.name(
      GetParam() == JwsAlgorithm::eddsa ? JwsAlgorithm::es256 : JwsAlgorithm::eddsa));
  EXPECT_EQ(outcome(keys, forged(key, R"({"alg":")" + other + R"(","kid":")" +
                                          key.public_key().key_id() + "\"}")),
            refusal(TokenFault::algorithm_not_allowed));
}

TEST(Jws, UnsignedTokensAreRefused) {
  const JwkSet keys = set_of(okp_key(), ec_key());
  const std::string body = to_base64url(R"({"alg":"none"})") + "." + to_base64url(kPayload);
  EXPECT_EQ(outcome(keys, body + "."), refusal(TokenFault::algorithm_not_allowed));
  EXPECT_EQ(outcome(keys, to_base64url(header_of(okp_key())) + "." + to_base64url(kPayload) + "."),
            refusal(TokenFault::signature_wrong));
}

// The classic: HMAC keyed with what everybody can read.
TEST(Jws, AMacOverThePublicKeyIsRefused) {
  const JwkSet keys = set_of(okp_key(), ec_key());
  const Jwk jwk = ec_key().public_key();
  const std::string text = to_base64url(R"({"alg":"HS256","kid":")" + jwk.key_id() + "\"}") + "." +
                           to_base64url(kPayload);
  const Digest mac = hmac_sha256(to_json(jwk.to_value()), text);
  EXPECT_EQ(outcome(keys, text + "." + to_base64url(mac.view())),
            refusal(TokenFault::algorithm_not_allowed));
}

TEST(Jws, KeyIdsAreNamesAndNothingElse) {
  const JwkSet keys = set_of(okp_key(), ec_key());
  for (const std::string_view kid :
       {"../../../../dev/null", "/dev/null", "' OR '1'='1", "x' UNION SELECT 'a", "", "unknown",
        "\\u0000", "https://attacker.example/key", "| id"}) {
    EXPECT_EQ(
        outcome(keys, forged(okp_key(), R"({"alg":"EdDSA","kid":")" + std::string(kid) + "\"}")),
        refusal(TokenFault::key_unknown))
        << kid;
  }
  EXPECT_EQ(outcome(keys, forged(okp_key(), R"({"alg":"EdDSA"})")),
            refusal(TokenFault::key_unknown));
}

TEST(Jws, OnlyAllowedAlgorithmsCount) {
  const JwkSet keys = set_of(okp_key(), ec_key());
  EXPECT_EQ(outcome(keys, jws_sign(ec_key(), "JWT", kPayload).value(), kEddsa),
            refusal(TokenFault::algorithm_not_allowed));
  EXPECT_EQ(outcome(keys, jws_sign(okp_key(), "JWT", kPayload).value(), kEddsa),
            "accepted: " + std::string(kPayload));
}

TEST(Jws, HeadersThatAreNotPlainAreRefused) {
  const JwsKey key = okp_key();
  const JwkSet keys = set_of(key, ec_key());
  const std::string kid = key.public_key().key_id();
  const std::pair<std::string, TokenFault> rows[] = {
      {header_of(key, R"(,"crit":["exp"],"exp":1)"), TokenFault::critical_unknown},
      {header_of(key, R"(,"crit":[])"), TokenFault::critical_unknown},
      {header_of(key, R"(,"crit":null)"), TokenFault::critical_unknown},
      {header_of(key, R"(,"crit":["b64"],"b64":false)"), TokenFault::critical_unknown},
      {header_of(key, R"(,"b64":false)"), TokenFault::critical_unknown},
      {header_of(key, R"(,"alg":"none")"), TokenFault::header_malformed},
      {header_of(key, R"(,"kid":"other")"), TokenFault::header_malformed},
      {header_of(key, R"(,"typ":7)"), TokenFault::header_malformed},
      {R"({"alg":["EdDSA"],"kid":")" + kid + "\"}", TokenFault::header_malformed},
      {R"({"alg":"EdDSA","kid":7})", TokenFault::header_malformed},
      {"[]", TokenFault::header_malformed},
      {"", TokenFault::header_malformed},
      {"null", TokenFault::header_malformed},
      {header_of(key) + " x", TokenFault::header_malformed},
      {header_of(key, ",\"a\":\"\xff\""), TokenFault::header_malformed},
      {header_of(key, R"(,"a":)" + std::string(50, '[') + std::string(50, ']')),
       TokenFault::header_malformed},
      {header_of(key, R"(,"a":")" + std::string(5000, 'x') + "\""), TokenFault::header_malformed}};
  for (const auto& [header, fault] : rows) {
    EXPECT_EQ(outcome(keys, forged(key, header)), refusal(fault)) << header;
  }
}

TEST(Jws, FormsThatAreNotCompactAreRefused) {
  const JwsKey key = okp_key();
  const JwkSet keys = set_of(key, ec_key());
  const std::string good = jws_sign(key, "JWT", kPayload).value();
  const std::string head = good.substr(0, good.rfind('.'));
  const std::pair<std::string, TokenFault> rows[] = {
      {"", TokenFault::segments_wrong},
      {"abc", TokenFault::segments_wrong},
      {head, TokenFault::segments_wrong},
      {good + ".", TokenFault::segments_wrong},
      {good + ".AAAA", TokenFault::segments_wrong},
      {"." + good, TokenFault::segments_wrong},
      // five parts: a JWE
      {"eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA", TokenFault::segments_wrong},
      // the JSON serialisation
      {R"({"payload":"AAAA","protected":"AAAA","signature":"AAAA"})", TokenFault::segments_wrong},
      {"..", TokenFault::header_malformed},
      {good + "=", TokenFault::encoding_bad},
      {good + "==", TokenFault::encoding_bad},
      {good + "\n", TokenFault::encoding_bad},
      {" " + good, TokenFault::encoding_bad},
      {std::string(1u << 20, 'A'), TokenFault::too_large},
      {std::string(kMaxTokenBytes - 1, 'A') + "..", TokenFault::too_large}};
  for (const auto& [token, fault] : rows) {
    EXPECT_EQ(outcome(keys, token), refusal(fault)) << token.substr(0, 100);
  }
}

// The last digit of 64 bytes carries four bits that must be zero: else a token had 16 spellings.
TEST(Jws, SecondSpellingsOfASignatureAreRefused) {
  const JwsKey key = okp_key();
  const JwkSet keys = set_of(key, ec_key());
  std::string token = jws_sign(key, "JWT", kPayload).value();
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  token.back() = kDigits[kDigits.find(token.back()) + 1];
  EXPECT_EQ(outcome(keys, token), refusal(TokenFault::encoding_bad));
}

TEST(Jws, RAndSOfZeroAreRefused) {
  const JwsKey key = ec_key();
  const std::string text = to_base64url(header_of(key)) + "." + to_base64url(kPayload);
  const JwkSet keys = set_of(okp_key(), key);
  EXPECT_EQ(outcome(keys, text + "." + to_base64url(std::string(64, '\0'))),
            refusal(TokenFault::signature_wrong));
}

TEST(Jws, RefusalsHoldNothingOfTheToken) {
  const JwkSet keys = set_of(okp_key(), ec_key());
  const auto refused = jws_verify(keys, "verysecret.verysecret.verysecret", kBoth);
  EXPECT_EQ(refused.error().text().find("verysecret"), std::string::npos);
  EXPECT_EQ(refused.error().text(), refusal(TokenFault::encoding_bad));
  EXPECT_EQ(refused.error().remediation, "Log in again");
}

}  // namespace
}  // namespace writ::crypto
