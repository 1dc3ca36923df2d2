#include "crypto/base32.h"

#include <gtest/gtest.h>

namespace writ::crypto {
namespace {

// RFC 4648 section 10.
constexpr std::pair<std::string_view, std::string_view> kVectors[] = {
    {"", ""},
    {"f", "MY======"},
    {"fo", "MZXQ===="},
    {"foo", "MZXW6==="},
    {"foob", "MZXW6YQ="},
    {"fooba", "MZXW6YTB"},
    {"foobar", "MZXW6YTBOI======"}};

TEST(Base32, HasTheVectorsOfTheRfc) {
  for (const auto& [bytes, padded] : kVectors) {
    const std::string_view bare = padded.substr(0, padded.find('='));
    EXPECT_EQ(to_base32(bytes), bare);
    EXPECT_EQ(parse_base32(padded)->view(), bytes);
    EXPECT_EQ(parse_base32(bare)->view(), bytes);
  }
}

TEST(Base32, TakesSmallLetters) { EXPECT_EQ(parse_base32("mzxw6ytboi")->view(), "foobar"); }

TEST(Base32, RefusesWhatNoBytesEncodeTo) {
  for (const std::string_view text :
       {"M", "MZX", "MZXW6Y", "MZ", "MZXW6YT=", "MY=====", "MY=======", "MZXW6YTB========", "=",
        "MZ0W", "MZ1W6", "MZ W6", "MZXW6YTB=", "MY======MY======"}) {
    const auto bytes = parse_base32(text);
    ASSERT_FALSE(bytes.has_value()) << text;
    EXPECT_EQ(bytes.error().text(), "invalid_input: this is no base32") << text;
  }
}

}  // namespace
}  // namespace writ::crypto
