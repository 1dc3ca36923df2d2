#include "crypto/password_hash.h"

#include <gtest/gtest.h>

namespace writ::crypto {
namespace {

// What the reference program prints, `printf %s PASSWORD | argon2 SALT -id -t … -k … -p 1 -e`.
constexpr std::string_view kPassword =
    "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
    "0qsHs573+LgGInzYb7sRqlOTBmqY4X6srNEm6ybpJ20";
constexpr std::string_view kHorse =
    "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
    "gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0";
constexpr std::string_view kUmlauts =
    "$argon2id$v=19$m=12288,t=3,p=1$c29tZXNhbHQ$zP0Cr5OkF75VcRtap05O4MkTGdkWtNf+YSdItD9Kobs";
constexpr std::string_view kSmall =
    "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA";
// Likewise of the 32 bytes that HMAC-SHA-256 makes of "password" with the pepper below.
constexpr std::string_view kPeppered =
    "$argon2id-pepper$v=19$m=19456,t=2,p=1,keyid=p1$MDEyMzQ1Njc4OWFiY2RlZg$"
    "vHx8xQwZ56maq5MPSSkgGf3zfib01EEQlR1NjS19erU";
constexpr std::string_view kPepper = "pepper-pepper-pepper-pepper-1234";

// Quick: what is tested is not how slow it is.
constexpr HashWork kQuick{1, 64};

std::vector<Pepper> peppers(std::initializer_list<std::pair<std::string, std::string_view>> of) {
  std::vector<Pepper> out;
  for (const auto& [id, key] : of) out.push_back({id, SecretBytes::copy_of(key)});
  return out;
}

PasswordHasher hasher(HashWork work = kQuick, std::vector<Pepper> with = {}) {
  return PasswordHasher::create(work, std::move(with)).value();
}

PasswordVerdict verdict(const PasswordHasher& with, std::string_view password,
                        std::string_view phc) {
  return with.verify(password, phc).value();
}

TEST(PasswordHash, VerifiesWhatTheReferenceProgramMade) {
  const PasswordHasher with = hasher(HashWork{});
  EXPECT_EQ(verdict(with, "password", kPassword), PasswordVerdict::right);
  EXPECT_EQ(verdict(with, "correct horse battery staple", kHorse), PasswordVerdict::right);
  EXPECT_EQ(verdict(with, "pässwörd€", kUmlauts), PasswordVerdict::right_needs_rehash);
  EXPECT_EQ(verdict(with, "password", kSmall), PasswordVerdict::right_needs_rehash);
  EXPECT_EQ(verdict(with, "Password", kPassword), PasswordVerdict::wrong);
  EXPECT_EQ(verdict(with, "", kPassword), PasswordVerdict::wrong);
}

TEST(PasswordHash, HashesTheHmacUnderAPepperAndNamesIt) {
  const PasswordHasher with = hasher(HashWork{}, peppers({{"p1", kPepper}}));
  EXPECT_EQ(verdict(with, "password", kPeppered), PasswordVerdict::right);
  EXPECT_EQ(verdict(with, "passwort", kPeppered), PasswordVerdict::wrong);
  EXPECT_EQ(read_hash_form(kPeppered)->pepper_id, "p1");
  EXPECT_EQ(hasher().verify("password", kPeppered).error().text(),
            "not_found: no pepper `p1` is configured");
}

TEST(PasswordHash, MakesPhcStringsOfTheWorkAskedFor) {
  const std::string phc = hasher(HashWork{}).hash("a password").value();
  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << phc;
  EXPECT_EQ(read_hash_form(phc)->work, (HashWork{2, 19'456}));
  EXPECT_NE(phc, hasher(HashWork{}).hash("a password").value());
}

// ASVS 6.2.8: exactly, with no cut (bcrypt's is at 72 bytes, C strings' at NUL).
TEST(PasswordHash, EveryByteCounts) {
  const PasswordHasher with = hasher();
  const std::string base(1000, 'x');
  const std::string phc = with.hash(base).value();
  EXPECT_EQ(verdict(with, base, phc), PasswordVerdict::right);
  EXPECT_EQ(verdict(with, base + "y", phc), PasswordVerdict::wrong);
  EXPECT_EQ(verdict(with, base.substr(1), phc), PasswordVerdict::wrong);
  const std::string nul("a\0b", 3);
  const std::string nul_phc = with.hash(nul).value();
  EXPECT_EQ(verdict(with, nul, nul_phc), PasswordVerdict::right);
  EXPECT_EQ(verdict(with, "a", nul_phc), PasswordVerdict::wrong);
  EXPECT_EQ(verdict(with, std::string("a\0c", 3), nul_phc), PasswordVerdict::wrong);
}

TEST(PasswordHash, AsksForARehashWhenWorkOrPepperChanged) {
  const PasswordHasher old = hasher(kQuick, peppers({{"p1", kPepper}}));
  const PasswordHasher rotated =
      hasher(kQuick, peppers({{"p2", "another-pepper-another-pepper-56"}, {"p1", kPepper}}));
  const std::string phc = old.hash("secret").value();
  EXPECT_FALSE(old.needs_rehash(phc));
  EXPECT_EQ(verdict(old, "secret", phc), PasswordVerdict::right);
  EXPECT_EQ(verdict(rotated, "secret", phc), PasswordVerdict::right_needs_rehash);
  EXPECT_EQ(read_hash_form(rotated.hash("secret").value())->pepper_id, "p2");
  EXPECT_TRUE(hasher(HashWork{2, 64}, peppers({{"p1", kPepper}})).needs_rehash(phc));
  EXPECT_TRUE(old.needs_rehash("no hash"));
}

TEST(PasswordHash, NobodysPasswordIsAlwaysWrong) {
  const PasswordHasher with = hasher(kQuick, peppers({{"p1", kPepper}}));
  EXPECT_EQ(with.verify_nobody("").value(), PasswordVerdict::wrong);
  EXPECT_EQ(with.verify_nobody("password").value(), PasswordVerdict::wrong);
}

TEST(PasswordHash, RefusesStringsItWouldNotHaveMade) {
  const std::string_view bad[] = {
      "",
      "password",
      "$2b$10$abcdefghijklmnopqrstuvabcdefghijklmnopqrstuvabcdefghijk",
      // argon2i and argon2d
      "$argon2i$v=19$m=64,t=3,p=1$c29tZXNhbHQ$ihoUvqVsov6OyYl5Xx0TyvJZA9Atj6nkUbXTRj2NMzE",
      "$argon2d$v=19$m=64,t=3,p=1$c29tZXNhbHQ$ihoUvqVsov6OyYl5Xx0TyvJZA9Atj6nkUbXTRj2NMzE",
      // two lanes
      "$argon2id$v=19$m=64,t=1,p=2$c29tZXNhbHQ$fulyYjWJJvMORDFTPUq4Eatpl3lItiixI9xM9B6eb10",
      // other versions and orders, signs, zeros, spaces, too short, too much
      "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$m=64,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$t=1,m=64,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=+64,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=-64,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=064,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=7,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=64,t=1,p=1,x=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=64,t=1,p=1$c29tZQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$pMlwOs",
      "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA$more",
      "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
      "$argon2id-pepper$v=19$m=64,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id-pepper$v=19$m=64,t=1,p=1,keyid=$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=64,t=1,p=1,keyid=p1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRN!",
      // 4 GiB, 2^32 passes
      "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=64,t=17,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
      "$argon2id$v=19$m=64,t=4294967296,p=1$c29tZXNhbHQ$pMlwOs/gn+zdvoB/AGiRNA",
  };
  const PasswordHasher with = hasher();
  for (const std::string_view phc : bad) {
    const auto outcome = with.verify("password", phc);
    ASSERT_FALSE(outcome.has_value()) << phc;
    EXPECT_EQ(outcome.error().text(), "invalid_input: the stored password hash cannot be read");
  }
}

TEST(PasswordHash, RefusesWorkAndPeppersOutOfBounds) {
  const auto error = [](HashWork work, std::vector<Pepper> with) {
    return PasswordHasher::create(work, std::move(with)).error().text();
  };
  EXPECT_EQ(error({0, 64}, {}), "invalid_input: the work of password hashes is out of bounds");
  EXPECT_EQ(error({1, 1u << 20}, {}),
            "invalid_input: the work of password hashes is out of bounds");
  EXPECT_EQ(error(kQuick, peppers({{"p1", "short"}})),
            "invalid_input: the pepper `p1` has fewer than 32 bytes");
  EXPECT_EQ(error(kQuick, peppers({{"p$1", kPepper}})),
            "invalid_input: a pepper's id is 1 to 32 letters, digits, hyphens and full stops");
}

}  // namespace
}  // namespace writ::crypto
