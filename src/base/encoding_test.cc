#include "base/encoding.h"

#include <gtest/gtest.h>

#include "base/testing/fake_random.h"

namespace writ {
namespace {

using namespace std::string_view_literals;

TEST(Encoding, WritesHexInLowerCaseAndReadsBoth) {
  EXPECT_EQ(to_hex(as_bytes("\x00\xab\xff"sv)), "00abff");
  EXPECT_EQ(parse_hex("00aBFf").value(), "\x00\xab\xff"sv);
  EXPECT_EQ(parse_hex("").value(), "");
}

TEST(Encoding, RefusesMalformedHex) {
  for (const std::string_view text : {"0", "0g", " 00", "0x00", "-1"}) {
    const auto bytes = parse_hex(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().code, Code::invalid_input);
  }
}

TEST(Encoding, FollowsTheVectorsOfRfc4648) {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {{"", ""},
                                                                        {"f", "Zg=="},
                                                                        {"fo", "Zm8="},
                                                                        {"foo", "Zm9v"},
                                                                        {"foob", "Zm9vYg=="},
                                                                        {"fooba", "Zm9vYmE="},
                                                                        {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(parse_base64(text).value(), bytes);
  }
}

TEST(Encoding, ReadsTheUrlSafeAlphabetToo) {
  EXPECT_EQ(to_base64("\xfb\xef\xff"), "++//");
  EXPECT_EQ(parse_base64("++//").value(), "\xfb\xef\xff");
  EXPECT_EQ(parse_base64("--__").value(), "\xfb\xef\xff");
  EXPECT_FALSE(parse_base64("+-/_"));
}

TEST(Encoding, NeedsPaddingOnlyWhereAsked) {
  EXPECT_FALSE(parse_base64("Zg"));
  EXPECT_EQ(parse_base64("Zg", Padding::optional).value(), "f");
  EXPECT_EQ(parse_base64("Zg==", Padding::optional).value(), "f");
  EXPECT_FALSE(parse_base64("Zg=", Padding::optional));
}

TEST(Encoding, HasOneSpellingForOneStringOfBytes) {
  for (const std::string_view text :
       {"Z", "Zg===", "Zh==", "Zm9=", "Zg==Zg==", "Z g=", "Zm9v\n", "====", "=", "Zm\xff="}) {
    const auto bytes = parse_base64(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().code, Code::invalid_input);
  }
}

TEST(Encoding, ReadsBackRandomBytes) {
  FakeRandom random(3);
  for (std::size_t size = 0; size < 70; ++size) {
    std::vector<std::uint8_t> bytes(size);
    random.fill(bytes);
    EXPECT_EQ(parse_hex(to_hex(bytes)).value(), as_text(bytes));
    EXPECT_EQ(parse_base64(to_base64(as_text(bytes))).value(), as_text(bytes));
  }
}

TEST(Encoding, KnowsWellFormedUtf8) {
  for (const std::string_view text :
       {""sv, "plain"sv, "\0"sv, "\xc2\x80"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv, "\xee\x80\x80"sv,
        "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv}) {
    EXPECT_TRUE(is_utf8(text)) << to_hex(as_bytes(text));
  }
  for (const std::string_view text :
       {"\x80"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2 "sv, "\xe0\x9f\xbf"sv, "\xe1\x80"sv,
        "\xed\xa0\x80"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv,
        "\xff"sv, "a\xe2\x82"sv}) {
    EXPECT_FALSE(is_utf8(text)) << to_hex(as_bytes(text));
  }
}

TEST(Encoding, FindsTheFirstMalformedByte) {
  EXPECT_EQ(utf8_prefix(""), 0u);
  EXPECT_EQ(utf8_prefix("abcdefgh\xc3\xa9ijklmnopq"), 19u);
  EXPECT_EQ(utf8_prefix("abcdefghijklm\xc3\xa9\xff"), 15u);
  EXPECT_EQ(utf8_sequence("\xe2\x82\xac!"), 3u);
  EXPECT_EQ(utf8_sequence("\xe2\x82"), 0u);
  EXPECT_EQ(utf8_sequence(""), 0u);
}

}  // namespace
}  // namespace writ
