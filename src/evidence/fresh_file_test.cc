#include "evidence/fresh_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_directory.h"

namespace writ::evidence {
namespace {

constexpr WallTime kBegun{1'767'225'600'000'000};

class FreshFile : public ::testing::Test {
 protected:
  // Sets a file's modification time to microseconds around the step's start.
  void modified(std::string_view path, std::int64_t micros_after) {
    const std::int64_t micros = kBegun.micros + micros_after;
    const timespec time{micros / 1'000'000, micros % 1'000'000 * 1000};
    const timespec times[] = {time, time};
    ASSERT_EQ(::utimensat(AT_FDCWD, (dir_.path() / path).c_str(), times, 0), 0);
  }
  FileSnapshot snapshot(const std::vector<std::string>& paths) {
    auto taken = snapshot_files(dir_.path(), paths, kBegun);
    EXPECT_TRUE(taken) << taken.error().text();
    return *std::move(taken);
  }
  Freshness check(const FileSnapshot& before, std::string_view path) {
    auto checked = check_fresh(before, dir_.path(), path);
    EXPECT_TRUE(checked) << checked.error().text();
    return *std::move(checked);
  }

  TemporaryDirectory dir_;
};

TEST_F(FreshFile, AcceptsAReportThatTheStepWrote) {
  const FileSnapshot before = snapshot({"build/junit.xml"});
  EXPECT_FALSE(before.files.at("build/junit.xml").exists);
  dir_.write("build/junit.xml", "<testsuite/>");
  modified("build/junit.xml", 1);
  const Freshness fresh = check(before, "build/junit.xml");
  EXPECT_TRUE(fresh.is_fresh) << fresh.reason;
  EXPECT_EQ(fresh.now.size, 12u);
  EXPECT_EQ(fresh.now.digest, crypto::sha256("<testsuite/>"));
}

TEST_F(FreshFile, RefusesAReportThatTheStepLeftAlone) {
  dir_.write("junit.xml", "old");
  modified("junit.xml", 5);  // even with a time that looks new
  const FileSnapshot before = snapshot({"junit.xml"});
  EXPECT_EQ(check(before, "junit.xml").reason,
            "junit.xml was there before the step, which left it as it was");
}

TEST_F(FreshFile, RefusesAnOldReportThatWasPutInPlace) {
  const FileSnapshot before = snapshot({"junit.xml"});
  dir_.write("junit.xml", "old");
  modified("junit.xml", -60'000'000);
  EXPECT_EQ(check(before, "junit.xml").reason,
            "junit.xml was last modified at 2025-12-31T23:59:00.000000Z, before the step began at "
            "2026-01-01T00:00:00.000000Z");
}

TEST_F(FreshFile, RefusesAReportThatIsMissing) {
  const FileSnapshot before = snapshot({"junit.xml"});
  EXPECT_EQ(check(before, "junit.xml").reason,
            "junit.xml was declared as a report, and the step did not write it");
}

TEST_F(FreshFile, AcceptsTheSameContentWrittenAgain) {
  dir_.write("out.tap", "1..1\nok 1\n");
  modified("out.tap", -60'000'000);
  const FileSnapshot before = snapshot({"out.tap"});
  dir_.write("out.tap", "1..1\nok 1\n");
  modified("out.tap", 1'000);
  EXPECT_TRUE(check(before, "out.tap").is_fresh);
}

TEST_F(FreshFile, AcceptsATimeOneClockTickEarly) {
  const FileSnapshot before = snapshot({"out.tap"});
  dir_.write("out.tap", "1..1\nok 1\n");
  modified("out.tap", -9'000);
  EXPECT_TRUE(check(before, "out.tap").is_fresh);
  modified("out.tap", -11'000);
  EXPECT_FALSE(check(before, "out.tap").is_fresh);
}

TEST_F(FreshFile, RefusesPathsOutOfTheTree) {
  const std::vector<std::string> paths{"../junit.xml"};
  const auto taken = snapshot_files(dir_.path(), paths, kBegun);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::invalid_input);
}

}  // namespace
}  // namespace writ::evidence
