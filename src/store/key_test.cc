#include "store/key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace writ::store {
namespace {

TEST(Key, SortsTextAsItsPartsDo) {
  const std::vector<std::string> parts = {"",
                                          std::string(1, '\0'),
                                          std::string("\0a", 2),
                                          "\x01",
                                          "a",
                                          std::string("a\0", 2),
                                          "a\x01",
                                          "aa",
                                          "b",
                                          "\xff"};
  std::vector<std::string> keys;
  for (const auto& part : parts) keys.push_back(Key().text(part).text("z").take());
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

TEST(Key, SortsNumbersByValue) {
  EXPECT_LT(Key().number(2).bytes(), Key().number(10).bytes());
  EXPECT_LT(Key().number(255).bytes(), Key().number(256).bytes());
  EXPECT_LT(Key().number(1).bytes(), Key().number(~std::uint64_t{0}).bytes());
}

TEST(Key, ReadsItsPartsBack) {
  Uuid uuid;
  uuid.bytes[3] = 7;
  const std::string odd("a\0b\0\0\x01", 6);
  const Key key = Key().text(odd).number(42).uuid(uuid).text("");
  KeyReader reader(key.bytes());
  EXPECT_EQ(reader.text().value(), odd);
  EXPECT_EQ(reader.number().value(), 42u);
  EXPECT_EQ(reader.uuid().value(), uuid);
  EXPECT_EQ(reader.text().value(), "");
  EXPECT_TRUE(reader.at_end());
}

TEST(Key, RefusesBytesThatItNeverMakes) {
  const std::vector<std::string> foreign = {
      "", "abc", std::string("a\0", 2), std::string("a\0\x02", 3), std::string("a\0b\0\x01", 5)};
  for (const auto& bytes : foreign) {
    const auto part = KeyReader(bytes).text();
    ASSERT_FALSE(part) << bytes;
    EXPECT_EQ(part.error().code, Code::tampered);
  }
  EXPECT_EQ(KeyReader("1234567").number().error().code, Code::tampered);
  EXPECT_EQ(KeyReader("123456789012345").uuid().error().code, Code::tampered);
}

TEST(Key, CoversExactlyWhatIsUnderIt) {
  const KeyRange range = Key().text("run").under();
  const auto covers = [&](const std::string& key) {
    return range.first <= key && (range.last.empty() || key < range.last);
  };
  EXPECT_TRUE(covers(Key().text("run").take()));
  EXPECT_TRUE(covers(Key().text("run").number(~std::uint64_t{0}).text("\xff").take()));
  EXPECT_FALSE(covers(Key().text("rum").number(1).take()));
  EXPECT_FALSE(covers(Key().text("runs").take()));
  EXPECT_FALSE(covers(Key().text(std::string("run\0", 4)).take()));
}

TEST(Key, CarriesThePrefixOverWhenItEndsInTheHighestByte) {
  const KeyRange range = Key().number(0x00000000000001ff).under();
  EXPECT_EQ(range.last, std::string("\0\0\0\0\0\0\x02", 7));
  EXPECT_EQ(Key().number(~std::uint64_t{0}).under().last, "");
  EXPECT_EQ(Key().under().first, "");
}

}  // namespace
}  // namespace writ::store
