#include "identity/accounts/secret_token.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace writ::identity {
namespace {

TEST(SecretToken, IsFoundByADigestThatDoesNotContainIt) {
  const SecretToken token = make_secret_token("writ_reset_");
  EXPECT_EQ(token.text.size(), 11u + 43u);
  EXPECT_TRUE(token.text.starts_with("writ_reset_")) << token.text.substr(0, 11);
  EXPECT_EQ(token.key, crypto::sha256(token.text).view());
  EXPECT_EQ(secret_token_key("writ_reset_", token.text), token.key);
  EXPECT_NE(make_secret_token("writ_reset_").text, token.text);
}

TEST(SecretToken, HasOneSpelling) {
  const SecretToken token = secret_token_of("writ_x_", std::string(32, '\0'));
  EXPECT_EQ(token.text, "writ_x_" + std::string(43, 'A'));
  std::string other = token.text;
  other.back() = 'B';  // the same 32 bytes to a lenient reader
  EXPECT_EQ(secret_token_key("writ_x_", other), std::nullopt);
}

TEST(SecretToken, RefusesOtherForms) {
  const SecretToken token = secret_token_of("writ_x_", std::string(32, 'k'));
  const std::string good = token.text;
  EXPECT_EQ(secret_token_key("writ_x_", good).value_or(""), token.key);
  for (const std::string& text :
       {std::string(), good + "A", good.substr(1), "writ_y_" + good.substr(7),
        good.substr(0, 49) + "=", good.substr(0, 49) + "+", std::string(1 << 20, 'A')}) {
    EXPECT_EQ(secret_token_key("writ_x_", text), std::nullopt) << text.substr(0, 60);
  }
}

}  // namespace
}  // namespace writ::identity
