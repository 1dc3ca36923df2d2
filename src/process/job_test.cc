#include "process/job.h"

#include <gtest/gtest.h>

namespace writ::process {
namespace {

Job sample() {
  Job job;
  job.argv = {"prog", "", "two words", "new\nline"};
  job.environment = {"A=1", "EMPTY="};
  job.directory = "/some where";
  job.limits = {{4, 0, 0}, {7, 123, 18446744073709551615u}};
  job.parent = 4711;
  return job;
}

TEST(Job, SurvivesTheJourney) {
  const auto decoded = decode(encode(sample()));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, sample());
}

TEST(Job, IsRefusedWhereAnyPrefixOfItArrives) {
  const std::string bytes = encode(sample());
  std::size_t refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode(std::string_view(bytes).substr(0, size));
    if (!decoded) ++refused;
    EXPECT_TRUE(!decoded || *decoded != sample()) << size;
  }
  EXPECT_GT(refused, bytes.size() / 2);
}

TEST(Job, IsRefusedFromAnotherVersion) {
  std::string bytes = encode(sample());
  EXPECT_EQ(decode(bytes).value(), sample());
  bytes.replace(bytes.find("writ-exec/1"), 11, "writ-exec/2");
  EXPECT_FALSE(decode(bytes));
}

TEST(Job, IsRefusedWithRecordsNobodyWrites) {
  const std::string bytes = encode(sample());
  EXPECT_EQ(decode(bytes + std::string("l1 2 3\0", 7))->limits.size(), 3u);
  for (const std::string& extra : {std::string("zx\0", 3), std::string("l1 2\0", 5),
                                   std::string("l1 2 x\0", 7), std::string("pno\0", 4)}) {
    EXPECT_FALSE(decode(bytes + extra)) << extra;
  }
}

}  // namespace
}  // namespace writ::process
