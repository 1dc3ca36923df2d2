#include "identity/api_key.h"

#include <gtest/gtest.h>

#include <set>

#include "identity/base62.h"

namespace writ::identity {
namespace {

// Made with a program of its own: CRC-32 as zlib has it, in base 62.
constexpr std::string_view kSample =
    "writ_test_0000000000000001_00000000000000000000000000000000000000000012895F6";

std::string complaint(std::string_view text) {
  const auto key = parse_api_key(text);
  return key ? "none" : key.error().text();
}

std::string no_key(std::string_view why) {
  return "invalid_input: this is no API key: " + std::string(why);
}

TEST(ApiKey, IsReadAsItWasMade) {
  const NewApiKey key = make_api_key("live");
  const auto parts = parse_api_key(key.text);
  ASSERT_TRUE(parts.has_value()) << parts.error().text();
  EXPECT_EQ(parts->environment, "live");
  EXPECT_EQ(parts->id, key.id);
  EXPECT_TRUE(is_api_key(key.text, key.stored));
  EXPECT_EQ(key.text.substr(0, 26), api_key_prefix("live", key.id));
  EXPECT_EQ(key.text.size(), 5u + 4 + 1 + 16 + 1 + 43 + 6);
  EXPECT_TRUE(looks_like_api_key(key.text));
}

TEST(ApiKey, HasTheChecksumOfOtherTools) {
  EXPECT_EQ(complaint(kSample), "none");
  EXPECT_EQ(parse_api_key(kSample)->id, "0000000000000001");
}

TEST(ApiKey, NoTwoAreAlike) {
  std::set<std::string> ids;
  std::set<std::string> secrets;
  for (int i = 0; i < 200; ++i) {
    const NewApiKey key = make_api_key("test");
    ids.insert(key.id);
    secrets.insert(key.text.substr(27, 43));
  }
  EXPECT_EQ(ids.size(), 200u);
  EXPECT_EQ(secrets.size(), 200u);
}

TEST(ApiKey, WhatIsStoredFitsNoOtherKey) {
  const NewApiKey key = make_api_key("live");
  const NewApiKey other = make_api_key("live");
  EXPECT_FALSE(is_api_key(other.text, key.stored));
  EXPECT_FALSE(is_api_key("", key.stored));
  EXPECT_EQ(key.stored.hex().find(key.text.substr(27)), std::string::npos);
}

TEST(ApiKey, ASlipInAnyCharacterIsNoticed) {
  const std::string good = make_api_key("live").text;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_NE(complaint(changed), "none") << i;
  }
  std::string swapped = good;
  std::swap(swapped[30], swapped[31]);
  if (swapped != good) {
    EXPECT_EQ(complaint(swapped), no_key("its checksum is wrong"));
  }
}

TEST(ApiKey, SaysWhatIsWrongAndNothingOfTheKey) {
  const std::string good = make_api_key("live").text;
  const std::string tail = good.substr(26);
  const std::pair<std::string, std::string_view> rows[] = {
      {"", "it does not begin with `writ_`"},
      {"WRIT_" + good.substr(5), "it does not begin with `writ_`"},
      {" " + good, "it does not begin with `writ_`"},
      {"writ_", "it does not have four parts"},
      {"writ_live_abc", "it does not have four parts"},
      {"writ__" + good.substr(10), "its environment is malformed"},
      {"writ_LIVE" + good.substr(9), "its environment is malformed"},
      {"writ_live_" + std::string(15, 'a') + tail, "its id is malformed"},
      {"writ_live_" + std::string(15, 'a') + "-" + tail, "its id is malformed"},
      {good.substr(0, good.size() - 1), "its secret is cut or malformed"},
      {good + "a", "its secret is cut or malformed"},
      {good.substr(0, good.size() - 1) + "_", "its secret is cut or malformed"},
      {good.substr(0, 70) + " " + good.substr(71), "its secret is cut or malformed"},
      {good + std::string(100, 'a'), "it is too long"},
      {"writ_" + std::string(1u << 20, '_'), "it is too long"}};
  for (const auto& [text, why] : rows) {
    EXPECT_EQ(complaint(text), no_key(why)) << text.substr(0, 100);
  }
}

TEST(ApiKey, EnvironmentsAreShortNames) {
  for (const std::string_view good : {"live", "test", "a", "eu1", "abcdefghijklmnop"}) {
    EXPECT_TRUE(is_api_key_environment(good)) << good;
  }
  for (const std::string_view bad : {"", "Live", "a_b", "a-b", "abcdefghijklmnopq", "é"}) {
    EXPECT_FALSE(is_api_key_environment(bad)) << bad;
  }
}

TEST(Base62, WritesNumbersOfOneLength) {
  EXPECT_EQ(to_base62(std::string("\0\0", 2), 3), "000");
  EXPECT_EQ(to_base62("\x3d", 2), "0z");
  EXPECT_EQ(to_base62("\x3e", 2), "10");
  EXPECT_EQ(to_base62("\xff\xff\xff\xff", 6), "4gfFC3");
  EXPECT_EQ(to_base62(std::string(32, '\xff'), 43).size(), 43u);
  EXPECT_TRUE(is_base62("azAZ09"));
  EXPECT_FALSE(is_base62("a-b"));
}

}  // namespace
}  // namespace writ::identity
