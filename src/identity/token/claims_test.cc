#include "identity/token/claims.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "crypto/jose/token_fault.h"

namespace writ::identity {
namespace {

using crypto::TokenFault;

Seconds at(std::int64_t seconds) { return Seconds(std::chrono::seconds(seconds)); }

AccessClaims full_claims() {
  AccessClaims out;
  out.issuer = "https://writ.example";
  out.subject = "alice";
  out.client_id = "cli";
  out.audience = {"urn:writ:api", "urn:other"};
  out.token_id = "t-1";
  out.session = "s-1";
  out.epoch = 3;
  out.scopes = {"runs:read", "runs:write"};
  out.issued_at = at(100);
  out.expires_at = at(400);
  out.not_before = at(90);
  out.authenticated_at = at(50);
  out.methods = {"pwd", "otp"};
  out.context_class = "urn:writ:aal2";
  out.actors = {{"agent-2", "worker"}, {"agent-1", ""}};
  return out;
}

constexpr std::string_view kFull =
    R"({"iss":"https://writ.example","sub":"alice","aud":["urn:writ:api","urn:other"],)"
    R"("client_id":"cli","iat":100,"exp":400,"nbf":90,"jti":"t-1","sid":"s-1","epoch":3,)"
    R"("scope":"runs:read runs:write","auth_time":50,"amr":["pwd","otp"],"acr":"urn:writ:aal2",)"
    R"("act":{"sub":"agent-2","client_id":"worker","act":{"sub":"agent-1"}}})";

std::string outcome(std::string_view json) {
  const auto claims = claims_from_value(parse_json(json).value());
  return claims ? "read" : claims.error().text();
}

// The full claims with one member in another form, or without it.
std::string with(std::string_view name, std::string_view json) {
  Value value = parse_json(kFull).value();
  value.as_object().set(std::string(name), parse_json(json).value());
  return to_json(value);
}
std::string without(std::string_view name) {
  Value value = parse_json(kFull).value();
  value.as_object().erase(name);
  return to_json(value);
}

std::string refusal(TokenFault fault) {
  return "signature_bad: " + std::string(crypto::reason_of(fault));
}

TEST(Claims, AreWrittenAsTheRfcsSpellThem) {
  EXPECT_EQ(to_json(claims_to_value(full_claims())), kFull);
}

TEST(Claims, ReadBackWhatWasWritten) {
  EXPECT_EQ(claims_from_value(parse_json(kFull).value()).value(), full_claims());
  AccessClaims least;
  least.issuer = "i";
  least.subject = "s";
  least.client_id = "c";
  least.audience = {"a"};
  least.token_id = "t";
  least.issued_at = at(1);
  least.expires_at = at(2);
  EXPECT_EQ(to_json(claims_to_value(least)),
            R"({"iss":"i","sub":"s","aud":["a"],"client_id":"c","iat":1,"exp":2,"jti":"t"})");
  EXPECT_EQ(claims_from_value(claims_to_value(least)).value(), least);
}

TEST(Claims, OneAudienceMayStandAlone) {
  const auto claims = claims_from_value(parse_json(with("aud", "\"x\"")).value());
  EXPECT_EQ(claims->audience, std::vector<std::string>{"x"});
}

TEST(Claims, WhatTheRfcRequiresMustBeThere) {
  for (const std::string_view name : {"iss", "sub", "aud", "client_id", "iat", "exp", "jti"}) {
    EXPECT_EQ(outcome(without(name)), refusal(TokenFault::claim_missing)) << name;
  }
  for (const std::string_view name :
       {"nbf", "sid", "epoch", "scope", "auth_time", "amr", "acr", "act"}) {
    EXPECT_EQ(outcome(without(name)), "read") << name;
  }
  for (const std::string_view name : {"iss", "sub", "client_id", "jti"}) {
    EXPECT_EQ(outcome(with(name, "\"\"")), refusal(TokenFault::claim_missing)) << name;
  }
  EXPECT_EQ(outcome(with("aud", "[]")), refusal(TokenFault::claim_missing));
}

TEST(Claims, EachHasOneForm) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"iss", "7"},
      {"iss", "null"},
      {"sub", "[\"alice\"]"},
      {"sub", "{}"},
      {"aud", "7"},
      {"aud", "[7]"},
      {"aud", "[null]"},
      {"aud", "{}"},
      {"client_id", "false"},
      {"jti", "1"},
      {"sid", "1"},
      {"epoch", "\"3\""},
      {"epoch", "0"},
      {"epoch", "-1"},
      {"epoch", "1.5"},
      {"scope", "[\"a\"]"},
      {"scope", "\" a\""},
      {"scope", "\"a  b\""},
      {"scope", "\"a \""},
      {"amr", "\"pwd\""},
      {"amr", "[1]"},
      {"acr", "1"},
      {"act", "\"agent\""},
      {"act", "[]"},
      {"act", "null"},
      {"act", R"({"sub":1})"},
      {"act", R"({"sub":"a","act":7})"},
      {"act", R"({"sub":"a","client_id":7})"}};
  for (const auto& [name, json] : rows) {
    EXPECT_EQ(outcome(with(name, json)), refusal(TokenFault::claim_malformed)) << name << json;
  }
  EXPECT_EQ(outcome(with("act", "{}")), refusal(TokenFault::claim_missing));
}

TEST(Claims, DatesAreIntegersOfOurMillennia) {
  for (const std::string_view name : {"exp", "iat", "nbf", "auth_time"}) {
    for (const std::string_view json :
         {"\"400\"", "400.5", "4e-1", "-1", "253402300800", "9223372036854775808", "1e308", "null",
          "true", "[400]", "{}"}) {
      EXPECT_EQ(outcome(with(name, json)), refusal(TokenFault::claim_malformed)) << name << json;
    }
    EXPECT_EQ(outcome(with(name, "0")), "read") << name;
    EXPECT_EQ(outcome(with(name, "253402300799")), "read") << name;
  }
}

TEST(Claims, ChainsOfActorsEndAtEight) {
  const auto chain = [](std::size_t links) {
    std::string json;
    for (std::size_t i = 0; i < links; ++i) json += R"({"sub":"a","act":)";
    json += R"({"sub":"a"})" + std::string(links, '}');
    return json;
  };
  EXPECT_EQ(outcome(with("act", chain(7))), "read");
  EXPECT_EQ(outcome(with("act", chain(8))), refusal(TokenFault::claim_malformed));
  EXPECT_EQ(outcome(with("act", chain(60))), refusal(TokenFault::claim_malformed));
}

TEST(Claims, SecondsAreRoundedDown) {
  EXPECT_EQ(to_seconds({1'999'999}), at(1));
  EXPECT_EQ(to_seconds({-1}), at(-1));
}

}  // namespace
}  // namespace writ::identity
