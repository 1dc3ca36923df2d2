#include "server/coding/gzip.h"

#include <gtest/gtest.h>

namespace writ::server {
namespace {

using Outcome = Unpacked::Outcome;

TEST(Gzip, IsReadBackWholeInOneMemberOrSeveral) {
  const std::string text(100'000, 'x');
  for (const int level : {1, 6, 9}) {
    const auto packed = gzip(text, level);
    ASSERT_TRUE(packed.has_value()) << packed.error().text();
    EXPECT_LT(packed->size(), 1000u);
    EXPECT_EQ(gunzip(*packed, text.size()).bytes, text);
    EXPECT_EQ(gunzip(*packed + gzip("end").value(), text.size() + 3).bytes, text + "end");
  }
  EXPECT_EQ(gunzip(gzip("").value(), 10).bytes, "");
  EXPECT_EQ(gunzip(gzip("").value(), 10).outcome, Outcome::whole);
}

TEST(Gzip, IsBrokenWhereAByteIsMissingOrWrong) {
  const std::string packed = gzip("the bytes of a body").value();
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(gunzip(packed.substr(0, size), 100).outcome, Outcome::broken) << size;
  }
  for (const std::size_t at : {0UL, 1UL, 12UL, packed.size() - 8, packed.size() - 1}) {
    std::string other = packed;
    other[at] = static_cast<char>(other[at] ^ 0x55);
    const Unpacked read = gunzip(other, 100);
    EXPECT_EQ(read.outcome, Outcome::broken) << at;
    EXPECT_EQ(read.bytes, "") << at;
  }
  EXPECT_EQ(gunzip(packed + "rest", 100).outcome, Outcome::broken);
}

TEST(Gzip, UnpacksNoMoreThanIsAllowed) {
  const std::string bomb = gzip(std::string(50u << 20, '\0'), 9).value();
  EXPECT_LT(bomb.size(), 60'000u);
  EXPECT_EQ(gunzip(bomb, 1u << 20).outcome, Outcome::too_large);
  EXPECT_EQ(gunzip(gzip("12345").value(), 5).bytes, "12345");
  EXPECT_EQ(gunzip(gzip("12345").value(), 4).outcome, Outcome::too_large);
}

}  // namespace
}  // namespace writ::server
