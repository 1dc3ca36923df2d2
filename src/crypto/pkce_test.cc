#include "crypto/pkce.h"

#include <gtest/gtest.h>

namespace writ::crypto {
namespace {

// RFC 7636 appendix B.
constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

TEST(Pkce, HasTheVectorOfTheRfc) {
  EXPECT_EQ(pkce_challenge(kVerifier), kChallenge);
  const auto checked = check_pkce_verifier(kChallenge, kVerifier);
  EXPECT_TRUE(checked.has_value()) << checked.error().text();
}

TEST(Pkce, RefusesAnotherVerifier) {
  std::string other(kVerifier);
  other.back() = 'l';
  EXPECT_EQ(check_pkce_verifier(kChallenge, other).error().text(),
            "not_permitted: code_verifier does not belong to this code's challenge");
  // "plain": the challenge itself is no verifier.
  EXPECT_EQ(check_pkce_verifier(kChallenge, kChallenge).error().text(),
            "not_permitted: code_verifier does not belong to this code's challenge");
}

TEST(Pkce, RefusesVerifiersThatTheRfcDoesNotAllow) {
  for (const std::string& bad : {std::string(), std::string(42, 'a'), std::string(129, 'a'),
                                 std::string(42, 'a') + "!", std::string(43, '\0')}) {
    EXPECT_EQ(check_pkce_verifier(kChallenge, bad).error().text(),
              "invalid_input: code_verifier is not 43 to 128 unreserved characters");
  }
}

TEST(Pkce, TakesChallengesOfS256Alone) {
  const auto good = check_pkce_challenge("S256", kChallenge);
  EXPECT_TRUE(good.has_value()) << good.error().text();
  for (const std::string_view method : {"plain", "", "s256", "S512"}) {
    EXPECT_EQ(check_pkce_challenge(method, kChallenge).error().text(),
              "invalid_input: code_challenge_method must be S256");
  }
  for (const std::string_view bad : {"", "abc", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
                                     "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="}) {
    EXPECT_EQ(check_pkce_challenge("S256", bad).error().text(),
              "invalid_input: code_challenge is no SHA-256 digest in base64url");
  }
}

}  // namespace
}  // namespace writ::crypto
