#include "identity/accounts/email.h"

#include <gtest/gtest.h>

namespace writ::identity {
namespace {

std::string normalised(std::string_view text) {
  const auto email = normalise_email(text);
  return email ? *email : "refused: " + email.error().message;
}

TEST(Email, HasOneSpellingForEachMailbox) {
  EXPECT_EQ(normalised("Ada.Lovelace+Sums@Example.ORG"), "ada.lovelace+sums@example.org");
  EXPECT_EQ(normalised("  ada@example.org "), "ada@example.org");
  EXPECT_EQ(normalised("o'neil@xn--bcher-kva.example"), "o'neil@xn--bcher-kva.example");
}

TEST(Email, RefusesWhatIsNoAddress) {
  const std::string_view cases[] = {
      "",
      "ada",
      "@example.org",
      "ada@",
      "ada@example",
      "a@b@c.org",
      "a b@c.org",
      ".ada@c.org",
      "ada.@c.org",
      "a..b@c.org",
      "ada@-c.org",
      "ada@c-.org",
      "ada@c..org",
      "ada@c.org.",
      "\"a\"@c.org",
      "ada@[::1]",
      "ada@c.org\r\n",
      "ad\xc3\xa4@c.org",
      "ada@\xd0\xb0.org",
  };
  for (const std::string_view text : cases) {
    EXPECT_EQ(normalised(text), "refused: this is not an e-mail address") << text;
  }
}

TEST(Email, IsBounded) {
  EXPECT_EQ(normalised(std::string(65, 'a') + "@c.org"), "refused: this is not an e-mail address");
  EXPECT_EQ(normalised("a@" + std::string(64, 'c') + ".org"),
            "refused: this is not an e-mail address");
  EXPECT_EQ(normalised(std::string(300, 'a') + "@c.org"),
            "refused: an e-mail address has at most 254 characters");
}

}  // namespace
}  // namespace writ::identity
