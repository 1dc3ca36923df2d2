#include "identity/password_rules.h"

#include <gtest/gtest.h>

#include <string>

#include "identity/common_words.h"

namespace writ::identity {
namespace {

std::string complaint(std::string_view password, std::vector<std::string_view> context = {}) {
  const auto checked = check_password(password, context);
  return checked ? "none" : checked.error().message;
}

constexpr std::string_view kCommon = "the password is one of those that are tried first";
constexpr std::string_view kName = "the password is little more than a name that others know";

TEST(PasswordRules, CountCodePoints) {
  EXPECT_EQ(complaint("kV3#pQz"), "the password has fewer than 8 characters");
  EXPECT_EQ(complaint("kV3#pQz9"), "none");
  EXPECT_EQ(complaint("žluťoučk"), "none");
  EXPECT_EQ(complaint("žluťouč"), "the password has fewer than 8 characters");
  EXPECT_EQ(complaint("🐎🔋🪓📎🧭🪁🧵🪀"), "none");
  std::string longest;
  for (int i = 0; i < 256; ++i) longest += static_cast<char>('a' + i * i % 23);
  EXPECT_EQ(complaint(longest), "none");
  EXPECT_EQ(complaint(longest + "q"), "the password has more than 256 characters");
  EXPECT_EQ(complaint(""), "the password has fewer than 8 characters");
}

// ASVS 6.2.5 and 6.2.9.
TEST(PasswordRules, AskForNoClassesOfCharacters) {
  for (const std::string_view good :
       {"correct horse battery staple", "nur kleine buchstaben hier", "NUR GROSSE BUCHSTABEN",
        "83 61 07 29 55 14", "        x  y  zz", "zvlkqmwpxtre", "ein Satz, den niemand errät"}) {
    EXPECT_EQ(complaint(good), "none") << good;
  }
}

TEST(PasswordRules, RefuseWhatIsNoText) {
  EXPECT_EQ(complaint("abc\xff\xfe strange"), "the password is not UTF-8");
}

// Of those with eight characters or more at the head of published lists.
TEST(PasswordRules, RefuseCommonPasswords) {
  for (const std::string_view bad :
       {"password",     "12345678",    "123456789",   "1234567890", "qwertyuiop",    "sunshine",
        "iloveyou",     "princess",    "football",    "baseball",   "superman",      "trustno1",
        "password1",    "password123", "Password1!",  "P@ssw0rd",   "p@$$w0rd",      "passw0rd",
        "welcome1",     "welcome123",  "Welcome2024", "admin123",   "administrator", "letmein1",
        "qwerty123",    "1q2w3e4r",    "1qaz2wsx",    "zaq12wsx",   "asdfghjkl",     "zxcvbnm1",
        "abcd1234",     "abc12345",    "a123456789",  "aa123456",   "q1w2e3r4",      "1q2w3e4r5t",
        "11111111",     "00000000",    "88888888",    "12121212",   "123123123",     "11223344",
        "87654321",     "987654321",   "12344321",    "147258369",  "asdf1234",      "qwer1234",
        "1234qwer",     "qweasdzxc",   "qwerty12345", "qazwsxedc",  "starwars",      "computer",
        "whatever",     "michelle",    "jennifer",    "jordan23",   "michael1",      "dragon123",
        "monkey123",    "charlie1",    "liverpool",   "chocolate",  "butterfly",     "passwort",
        "hallo123",     "pokemon1",    "summer2023",  "ch4ngeme",   "secret123",     "master123",
        "shadow12",     "killer123",   "internet",    "samsung1",   "spiderman",     "adminadmin",
        "qwertyqwerty", "abcabcabc",   "19901231",    "31121999",   "12311999",      "01.02.1980",
        "google123",    "football1",   "basketball",  "startrek",   "mercedes",      "corvette",
        "1111111a",     "zzzzzzzz",    "aaaaaaaa1",   "qwertz123",  "azerty123"}) {
    EXPECT_EQ(complaint(bad), kCommon) << bad;
  }
}

TEST(PasswordRules, LeaveAloneWhatOnlyHoldsACommonWord) {
  for (const std::string_view good :
       {"dragonwort-fjord-9", "mypasswordistoolongtoguess", "sunshine over Brno", "tqmonkeyzvbarn",
        "20-odd paper boats", "welcome xr73kd", "1500 Ml of tea pls"}) {
    EXPECT_EQ(complaint(good), "none") << good;
  }
}

TEST(PasswordRules, RefuseLittleMoreThanAName) {
  const std::vector<std::string_view> context = {"friederike", "writ", "bo"};
  EXPECT_EQ(complaint("Friederike1", context), kName);
  EXPECT_EQ(complaint("fr1eder!ke99", context), kName);
  EXPECT_EQ(complaint("writ!847", context), kName);
  EXPECT_EQ(complaint("friederikes alter Kahn", context), "none");
  EXPECT_EQ(complaint("bobbin-lathe", context), "none");
}

TEST(PasswordRules, SayNothingOfThePassword) {
  const auto refused = check_password("password123", {});
  EXPECT_EQ(refused.error().text().find("password123"), std::string::npos);
  EXPECT_EQ(refused.error().text(), "invalid_input: " + std::string(kCommon));
}

TEST(PasswordRules, AskForFifteenWhereThatIsConfigured) {
  const PasswordRules rules{.min_length = 15};
  EXPECT_EQ(check_password("kV3#pQz9kV3#pQ", {}, rules).error().message,
            "the password has fewer than 15 characters");
  const auto good = check_password("kV3#pQz9mW3#pQx", {}, rules);
  EXPECT_TRUE(good.has_value()) << good.error().text();
}

TEST(CommonWords, AreSortedUniqueAndPlain) {
  const auto words = common_words();
  EXPECT_GT(words.size(), 600u);
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(words[i].find_first_not_of("abcdefghijklmnopqrstuvwxyz"), std::string_view::npos)
        << words[i];
    if (i > 0) {
      EXPECT_LT(words[i - 1], words[i]);
    }
  }
}

TEST(CommonWords, EachMakesACommonPassword) {
  for (const std::string_view word : common_words()) {
    EXPECT_TRUE(is_common_password(std::string(word) + "2024")) << word;
  }
  for (const std::string_view walk : keyboard_walks())
    EXPECT_TRUE(is_common_password(walk)) << walk;
}

}  // namespace
}  // namespace writ::identity
