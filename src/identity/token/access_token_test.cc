#include "identity/token/access_token.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/jose/token_fault.h"
#include "store/memory/memory_store.h"
#include "store/testing/fake_clock.h"

namespace writ::identity {
namespace {

using crypto::to_base64url;
using crypto::TokenFault;
using std::chrono::seconds;

constexpr std::int64_t kNow = 1'767'225'600;  // the fake clock's
constexpr std::string_view kIssuer = "https://writ.example";
constexpr std::string_view kAudience = "urn:writ:api";

std::string refusal(TokenFault fault) {
  return "signature_bad: " + std::string(crypto::reason_of(fault));
}

class AccessTokenTest : public testing::TestWithParam<crypto::JwsAlgorithm> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_->migrate(token_key_migrations(), store::DryRun::no).has_value());
    auto secret = crypto::SecretBytes::copy_of(std::string(crypto::kKekSize, 'k'));
    keks_.push_back(crypto::make_kek("k1", std::move(secret)).value());
    keys_ = TokenKeys::open(*store_, keks_, clock_, {.algorithm = GetParam()}).value();
    tokens_ = std::make_unique<AccessTokens>(
        *keys_, clock_, TokenRules{std::string(kIssuer), std::string(kAudience)});
  }

  static Seconds at(std::int64_t second) { return Seconds(seconds(second)); }
  static AccessClaims claims() {
    AccessClaims out;
    out.issuer = kIssuer;
    out.subject = "alice";
    out.client_id = "cli";
    out.audience = {std::string(kAudience)};
    out.token_id = "t-1";
    out.session = "s-1";
    out.epoch = 1;
    out.scopes = {"runs:read"};
    out.issued_at = at(kNow);
    out.expires_at = at(kNow + 300);
    out.actors = {{"agent-1", "worker"}};
    return out;
  }
  std::string issue() { return tokens_->issue(claims()).value(); }
  std::string outcome(std::string_view token) {
    const auto checked = tokens_->check(token);
    return checked ? "accepted: " + (*checked)->subject : checked.error().text();
  }

  const crypto::JwsKey& key() { return *keys_->current()->signing_key(clock_.wall()); }
  std::string header(std::string_view more = "", std::string_view typ = "at+jwt") {
    return R"({"alg":")" +
           std::string(crypto::kJwsAlgorithms.name(key().public_key().algorithm())) +
           R"(","typ":")" + std::string(typ) + R"(","kid":")" + key().public_key().key_id() + "\"" +
           std::string(more) + "}";
  }
  // With a signature of ours that holds, whatever it says: as if a part of Writ had erred.
  std::string forged(std::string_view head, std::string_view payload) {
    const std::string text = to_base64url(head) + "." + to_base64url(payload);
    return text + "." + to_base64url(key().sign(text).value());
  }
  // Our claims with one in another form; `json` empty: without it.
  static std::string payload(std::string_view name, std::string_view json) {
    Value value = claims_to_value(claims());
    if (json.empty()) {
      value.as_object().erase(name);
    } else {
      value.as_object().set(std::string(name), parse_json(json).value());
    }
    return to_json(value);
  }
  static std::string payload() { return to_json(claims_to_value(claims())); }

  store::FakeClock clock_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store(clock_);
  std::vector<crypto::KeyEncryptionKey> keks_;
  std::unique_ptr<TokenKeys> keys_;
  std::unique_ptr<AccessTokens> tokens_;
};

INSTANTIATE_TEST_SUITE_P(AccessToken, AccessTokenTest,
                         testing::Values(crypto::JwsAlgorithm::eddsa, crypto::JwsAlgorithm::es256),
                         [](const auto& param) {
                           return std::string(crypto::kJwsAlgorithms.name(param.param));
                         });

TEST_P(AccessTokenTest, SaysWhatItWasIssuedWith) {
  const std::string token = issue();
  EXPECT_EQ(*tokens_->check(token).value(), claims());
  EXPECT_EQ(crypto::parse_base64url(token.substr(0, token.find('.'))).value(), header());
}

TEST_P(AccessTokenTest, IsCheckedFromTheCacheTheSecondTime) {
  const std::string token = issue();
  const SharedClaims first = tokens_->check(token).value();
  EXPECT_EQ(tokens_->check(token).value(), first);  // the same object
  clock_.pass(seconds(330));
  EXPECT_EQ(outcome(token), refusal(TokenFault::expired));
}

// Of the field's list of attacks, each with a signature that holds where there is one: what stops
// it is the check and not the luck of the attacker.
TEST_P(AccessTokenTest, AttacksOnTheHeader) {
  const std::string kid = key().public_key().key_id();
  const std::string alg(crypto::kJwsAlgorithms.name(GetParam()));
  const auto with_alg = [&](std::string_view name) {
    return R"({"alg":")" + std::string(name) + R"(","typ":"at+jwt","kid":")" + kid + "\"}";
  };
  const auto with_kid = [&](std::string_view name) {
    return R"({"alg":")" + alg + R"(","typ":"at+jwt","kid":")" + std::string(name) + "\"}";
  };
  struct Row {
    std::string_view attack;
    std::string header;
    TokenFault fault;
  };
  const Row rows[] = {
      {"alg none", with_alg("none"), TokenFault::algorithm_not_allowed},
      {"alg None", with_alg("None"), TokenFault::algorithm_not_allowed},
      {"alg nOnE", with_alg("nOnE"), TokenFault::algorithm_not_allowed},
      {"alg HS256", with_alg("HS256"), TokenFault::algorithm_not_allowed},
      {"alg RS256", with_alg("RS256"), TokenFault::algorithm_not_allowed},
      {"kid traversal", with_kid("../../../../dev/null"), TokenFault::key_unknown},
      {"kid SQL", with_kid("x' UNION SELECT 'k'--"), TokenFault::key_unknown},
      {"kid empty", with_kid(""), TokenFault::key_unknown},
      {"kid unknown", with_kid("nobody"), TokenFault::key_unknown},
      {"kid absent", R"({"alg":")" + alg + R"(","typ":"at+jwt"})", TokenFault::key_unknown},
      {"unknown crit", header(R"(,"crit":["x"],"x":1)"), TokenFault::critical_unknown},
      {"b64 false", header(R"(,"b64":false,"crit":["b64"])"), TokenFault::critical_unknown},
      {"alg twice", header(R"(,"alg":"none")"), TokenFault::header_malformed},
      {"typ twice", header(R"(,"typ":"JWT")"), TokenFault::header_malformed},
      {"typ of an id token", header("", "JWT"), TokenFault::type_wrong},
      {"typ absent", R"({"alg":")" + alg + R"(","kid":")" + kid + "\"}", TokenFault::type_wrong},
      {"typ in capitals", header("", "AT+JWT"), TokenFault::type_wrong},
      {"typ with application/", header("", "application/at+jwt"), TokenFault::type_wrong},
      {"typ of a reset", header("", "writ-reset+jwt"), TokenFault::type_wrong},
      {"typ of a verification", header("", "writ-verify+jwt"), TokenFault::type_wrong},
      {"typ of a magic link", header("", "writ-magic+jwt"), TokenFault::type_wrong},
      {"typ of a second factor", header("", "writ-mfa+jwt"), TokenFault::type_wrong}};
  for (const Row& row : rows) {
    EXPECT_EQ(outcome(forged(row.header, payload())), refusal(row.fault)) << row.attack;
  }
}

TEST_P(AccessTokenTest, AttacksWithOtherKeys) {
  const crypto::JwsKey stranger = crypto::JwsKey::generate(GetParam());
  const std::string jwk = to_json(stranger.public_key().to_value());
  for (const std::string& member :
       {R"(,"jwk":)" + jwk, std::string(R"(,"jku":"https://attacker.example/keys")"),
        std::string(R"(,"x5u":"https://attacker.example/cert")"),
        std::string(R"(,"x5c":["MIIB"])")}) {
    const std::string text = to_base64url(header(member)) + "." + to_base64url(payload());
    const std::string token = text + "." + to_base64url(stranger.sign(text).value());
    EXPECT_EQ(outcome(token), refusal(TokenFault::signature_wrong)) << member;
  }
  const std::string own = crypto::jws_sign(stranger, "at+jwt", payload()).value();
  EXPECT_EQ(outcome(own), refusal(TokenFault::key_unknown));
  // HMAC keyed with the published key
  const std::string head =
      R"({"alg":"HS256","typ":"at+jwt","kid":")" + key().public_key().key_id() + "\"}";
  const std::string text = to_base64url(head) + "." + to_base64url(payload());
  const auto mac = crypto::hmac_sha256(to_json(key().public_key().to_value()), text);
  EXPECT_EQ(outcome(text + "." + to_base64url(mac.view())),
            refusal(TokenFault::algorithm_not_allowed));
}

TEST_P(AccessTokenTest, AttacksOnTheForm) {
  const std::string good = issue();
  const std::string head = good.substr(0, good.rfind('.'));
  const std::pair<std::string, TokenFault> rows[] = {
      {"", TokenFault::segments_wrong},
      {head, TokenFault::segments_wrong},
      {good + ".", TokenFault::segments_wrong},
      {good + ".x.y", TokenFault::segments_wrong},
      {head + ".", TokenFault::signature_wrong},
      {good.substr(0, good.size() - 2), TokenFault::signature_wrong},
      {head + "." + to_base64url(std::string(64, '\0')), TokenFault::signature_wrong},
      {"eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA", TokenFault::segments_wrong},
      {good + "=", TokenFault::encoding_bad},
      {good + std::string(1u << 20, 'A'), TokenFault::too_large},
      {forged(header(), std::string(1u << 20, ' ')), TokenFault::too_large}};
  for (const auto& [token, fault] : rows) {
    EXPECT_EQ(outcome(token), refusal(fault)) << token.substr(0, 200);
  }
}

TEST_P(AccessTokenTest, AttacksOnTheClaims) {
  struct Row {
    std::string_view name, json;
    TokenFault fault;
  };
  const Row rows[] = {{"exp", "\"1767226000\"", TokenFault::claim_malformed},
                      {"exp", "1767226000.5", TokenFault::claim_malformed},
                      {"exp", "1e300", TokenFault::claim_malformed},
                      {"exp", "99999999999999999999", TokenFault::claim_malformed},
                      {"exp", "-1", TokenFault::claim_malformed},
                      {"exp", "null", TokenFault::claim_malformed},
                      {"exp", "", TokenFault::claim_missing},
                      {"exp", "1767225570", TokenFault::expired},
                      {"nbf", "\"0\"", TokenFault::claim_malformed},
                      {"nbf", "1767225631", TokenFault::not_yet_valid},
                      {"iat", "1767225631", TokenFault::not_yet_valid},
                      {"iat", "", TokenFault::claim_missing},
                      {"iss", "\"https://writ.example/\"", TokenFault::issuer_wrong},
                      {"iss", "\"https://WRIT.example\"", TokenFault::issuer_wrong},
                      {"iss", "[\"https://writ.example\"]", TokenFault::issuer_wrong},
                      {"iss", "", TokenFault::claim_missing},
                      {"aud", "\"urn:writ\"", TokenFault::audience_wrong},
                      {"aud", "\"urn:writ:api:x\"", TokenFault::audience_wrong},
                      {"aud", "[\"other\",\"URN:writ:api\"]", TokenFault::audience_wrong},
                      {"aud", "{\"urn:writ:api\":1}", TokenFault::audience_wrong},
                      {"aud", "[]", TokenFault::audience_wrong},
                      {"aud", "", TokenFault::claim_missing},
                      {"sub", "", TokenFault::claim_missing},
                      {"client_id", "", TokenFault::claim_missing},
                      {"jti", "", TokenFault::claim_missing},
                      {"act", "\"agent\"", TokenFault::claim_malformed}};
  for (const Row& row : rows) {
    EXPECT_EQ(outcome(forged(header(), payload(row.name, row.json))), refusal(row.fault))
        << row.name << " " << row.json;
  }
  const std::string once = payload();
  const std::string twice = once.substr(0, once.size() - 1) + R"(,"sub":"admin"})";
  EXPECT_EQ(outcome(forged(header(), twice)), refusal(TokenFault::payload_malformed));
  for (const std::string_view text : {"", "[]", "\"alice\"", "{", "null"}) {
    EXPECT_EQ(outcome(forged(header(), text)), refusal(TokenFault::payload_malformed)) << text;
  }
}

TEST_P(AccessTokenTest, ClocksMayBeHalfAMinuteApart) {
  EXPECT_EQ(outcome(forged(header(), payload("nbf", "1767225630"))), "accepted: alice");
  EXPECT_EQ(outcome(forged(header(), payload("exp", "1767225571"))), "accepted: alice");
  const std::string token = issue();
  clock_.pass(seconds(329));
  EXPECT_EQ(outcome(token), "accepted: alice");
  clock_.pass(seconds(1));
  EXPECT_EQ(outcome(token), refusal(TokenFault::expired));
}

TEST_P(AccessTokenTest, IsAcceptedThroughARotationOfTheKeys) {
  const std::string before = issue();
  EXPECT_TRUE(keys_->rotate().has_value());
  EXPECT_EQ(outcome(before), "accepted: alice");
  const std::string first = key().public_key().key_id();
  clock_.pass(seconds(600));
  EXPECT_NE(key().public_key().key_id(), first);
}

TEST_P(AccessTokenTest, OfARevokedKeyIsRefusedThoughItWasCached) {
  const std::string token = issue();
  EXPECT_EQ(outcome(token), "accepted: alice");
  ASSERT_TRUE(keys_->revoke(key().public_key().key_id()).has_value());
  EXPECT_EQ(outcome(token), refusal(TokenFault::key_unknown));
  EXPECT_EQ(outcome(issue()), "accepted: alice");
}

TEST_P(AccessTokenTest, OfAnotherServersNewKeyIsAccepted) {
  const auto other = TokenKeys::open(*store_, keks_, clock_, {.algorithm = GetParam()}).value();
  AccessTokens elsewhere(*other, clock_, {std::string(kIssuer), std::string(kAudience)});
  ASSERT_TRUE(other->revoke(key().public_key().key_id()).has_value());
  EXPECT_EQ(outcome(elsewhere.issue(claims()).value()), "accepted: alice");
}

TEST_P(AccessTokenTest, IsNotIssuedWithoutWhatTheRfcAsksFor) {
  const auto refused = [&](auto change) {
    AccessClaims bad = claims();
    change(bad);
    const auto token = tokens_->issue(std::move(bad));
    return token ? "issued" : token.error().text();
  };
  const std::string why = "invalid_input: an access token needs all that RFC 9068 asks for";
  EXPECT_EQ(refused([](AccessClaims& c) { c.subject.clear(); }), why);
  EXPECT_EQ(refused([](AccessClaims& c) { c.client_id.clear(); }), why);
  EXPECT_EQ(refused([](AccessClaims& c) { c.audience.clear(); }), why);
  EXPECT_EQ(refused([](AccessClaims& c) { c.token_id.clear(); }), why);
  EXPECT_EQ(refused([](AccessClaims& c) { c.expires_at = c.issued_at; }), why);
  EXPECT_EQ(refused([](AccessClaims& c) { c.actors.resize(kMaxActors + 1, {"a", ""}); }), why);
  EXPECT_EQ(refused([](AccessClaims& c) { c.actors.resize(kMaxActors, {"a", ""}); }), "issued");
}

TEST_P(AccessTokenTest, TypesAreNeverTakenForOneAnother) {
  const auto set = keys_->current();
  const Value body = claims_to_value(claims());
  for (std::size_t i = 0; i < kTokenTypes.names.size(); ++i) {
    const auto type = static_cast<TokenType>(i);
    const std::string token = sign_claims(*set, clock_.wall(), type, body).value();
    for (std::size_t j = 0; j < kTokenTypes.names.size(); ++j) {
      const auto claims_read = verify_claims(*set, static_cast<TokenType>(j), token);
      if (i == j) {
        EXPECT_EQ(to_json(claims_read.value()), to_json(body));
      } else {
        EXPECT_EQ(claims_read.error().text(), refusal(TokenFault::type_wrong));
      }
    }
  }
}

TEST_P(AccessTokenTest, RefusalsHoldNothingOfTheToken) {
  const std::string token = issue();
  clock_.pass(seconds(1000));
  const auto refused = tokens_->check(token);
  const std::string text = refused.error().text() + refused.error().remediation;
  EXPECT_EQ(text, refusal(TokenFault::expired) + "Log in again");
  EXPECT_EQ(text.find(token.substr(0, 20)), std::string::npos);
}

}  // namespace
}  // namespace writ::identity
