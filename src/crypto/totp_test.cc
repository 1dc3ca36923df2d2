#include "crypto/totp.h"

#include <gtest/gtest.h>

namespace writ::crypto {
namespace {

std::string seed(std::size_t size) {
  std::string out;
  while (out.size() < size) out += "1234567890";
  return out.substr(0, size);
}

WallTime at(std::int64_t seconds) { return {seconds * 1'000'000}; }

// RFC 6238 appendix B.
TEST(Totp, HasTheVectorsOfTheRfc) {
  struct Vector {
    std::int64_t time;
    std::string_view codes[3];
  };
  const Vector vectors[] = {{59, {"94287082", "46119246", "90693936"}},
                            {1111111109, {"07081804", "68084774", "25091201"}},
                            {1111111111, {"14050471", "67062674", "99943326"}},
                            {1234567890, {"89005924", "91819424", "93441116"}},
                            {2000000000, {"69279037", "90698825", "38618901"}},
                            {20000000000, {"65353130", "77737706", "47863826"}}};
  const std::size_t sizes[] = {20, 32, 64};
  for (const Vector& vector : vectors) {
    for (std::size_t i = 0; i < 3; ++i) {
      const TotpRules rules{static_cast<TotpHash>(i), 8, std::chrono::seconds(30)};
      const std::string code = totp_code(seed(sizes[i]), totp_step(at(vector.time), rules), rules);
      EXPECT_EQ(code, vector.codes[i]) << vector.time;
    }
  }
}

// `oathtool --totp -d 6 -N @59 3132…30` (20 bytes): the last six digits of the above.
TEST(Totp, SixDigitsAreTheLastOfEight) { EXPECT_EQ(totp_code(seed(20), 1, {}), "287082"); }

TEST(Totp, AcceptsOneStepOfDriftAndNoMore) {
  const std::string secret = seed(20);
  const WallTime now = at(1'000'000'000);
  const std::int64_t step = totp_step(now, {});
  for (std::int64_t off = -3; off <= 3; ++off) {
    const auto found = match_totp(secret, totp_code(secret, step + off, {}), now, {});
    const auto wanted = off >= -1 && off <= 1 ? std::optional(step + off) : std::nullopt;
    EXPECT_EQ(found, wanted) << off;
  }
  EXPECT_EQ(match_totp(secret, totp_code(secret, step - 1, {}), now, {}, {.drift = 0}),
            std::nullopt);
}

TEST(Totp, AcceptsNoStepTwiceAndNoneBeforeOneThatWasUsed) {
  const std::string secret = seed(20);
  const WallTime now = at(1'000'000'000);
  const std::int64_t step = totp_step(now, {});
  const auto match = [&](std::int64_t of, std::int64_t last_used) {
    return match_totp(secret, totp_code(secret, of, {}), now, {}, {.last_used = last_used});
  };
  EXPECT_EQ(match(step, step - 1), std::optional(step));
  EXPECT_EQ(match(step, step), std::nullopt);
  EXPECT_EQ(match(step - 1, step), std::nullopt);
  EXPECT_EQ(match(step + 1, step), std::optional(step + 1));
}

TEST(Totp, RefusesWhatIsNoCode) {
  const std::string secret = seed(20);
  const WallTime now = at(59);
  for (const std::string_view code : {"", "28708", "2870820", " 287082", "287083", "94287082"}) {
    EXPECT_EQ(match_totp(secret, code, now, {}), std::nullopt) << code;
  }
  EXPECT_EQ(match_totp(secret, "287082", now, {}), std::optional<std::int64_t>(1));
}

TEST(Totp, TheFirstStepOfAllHasNoneBeforeIt) {
  const std::string secret = seed(20);
  EXPECT_EQ(match_totp(secret, totp_code(secret, -1, {}), at(0), {}), std::nullopt);
  EXPECT_EQ(match_totp(secret, totp_code(secret, 0, {}), at(0), {}),
            std::optional<std::int64_t>(0));
}

TEST(Totp, WritesTheUriThatAppsRead) {
  EXPECT_EQ(totp_uri("Writ & Co", "alice@example.com", "12345678901234567890", {}),
            "otpauth://totp/Writ%20%26%20Co:alice%40example.com"
            "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Writ%20%26%20Co"
            "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace writ::crypto
