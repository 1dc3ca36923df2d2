#include "crypto/base64url.h"

#include <gtest/gtest.h>

namespace writ::crypto {
namespace {

// RFC 4648 section 10, without padding.
TEST(Base64url, HasTheVectorsOfTheRfc) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64url(bytes), text);
    EXPECT_EQ(parse_base64url(text).value(), bytes);
  }
}

TEST(Base64url, ReadsBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(parse_base64url(to_base64url(bytes)).value(), bytes);
}

TEST(Base64url, RefusesEverySecondSpelling) {
  for (const std::string_view text : {"Zg==", "Zh", "Zm9", "Z", "Zm9v\n", "Zm 9v", "+/8", "Zm9vY",
                                      "Zg=", "=", "Zm9v.", "Zm\xc3\xa9"}) {
    const auto bytes = parse_base64url(text);
    ASSERT_FALSE(bytes.has_value()) << text;
    EXPECT_EQ(bytes.error().text(), "invalid_input: this is no base64url without padding") << text;
  }
}

}  // namespace
}  // namespace writ::crypto
