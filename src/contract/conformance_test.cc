#include "contract/conformance.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/testing/temporary_directory.h"

namespace writ::contract {
namespace {

namespace fs = std::filesystem;

class Conformance : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "draft7/optional/format");
    fs::create_directories(folder_ / "remotes");
  }
  void write(const fs::path& name, std::string_view text) {
    ASSERT_TRUE(replace_file(folder_ / name, text).has_value());
  }

  TemporaryDirectory temporary_;
  fs::path folder_ = temporary_.path();
};

TEST_F(Conformance, CountsCasesAndSaysWhyOneFails) {
  write("draft7/items.json", R"([{"description": "tuple", "schema": {"items": [{"type": "null"}]},
    "tests": [{"description": "null", "data": [null], "valid": true},
              {"description": "wrong on purpose", "data": [1], "valid": true}]}])");
  write("draft7/ref.json", R"([{"description": "remote",
    "schema": {"$ref": "http://localhost:1234/n.json"},
    "tests": [{"description": "n", "data": 1, "valid": true}]}])");
  write("draft7/optional/format/date.json", R"([{"description": "date",
    "schema": {"format": "date"},
    "tests": [{"description": "no date", "data": "x", "valid": false}]}])");
  write("remotes/n.json", R"({"type": "number"})");
  const auto report = run_conformance(folder_ / "draft7", {folder_ / "remotes"});
  ASSERT_TRUE(report.has_value()) << report.error().text();
  ASSERT_EQ(report->cases.size(), 4u);
  EXPECT_EQ(report->passed(false), 2u);
  EXPECT_EQ(report->failed(false), 1u);
  EXPECT_EQ(report->passed(true), 1u);
  const ConformanceCase& failed = report->cases[1];
  EXPECT_EQ(failed.file, "items.json");
  EXPECT_EQ(failed.test, "wrong on purpose");
  EXPECT_EQ(failed.detail, "refused: `[0]` must be null, is integer 1");
}

TEST_F(Conformance, RefusesAFolderWithoutCases) {
  EXPECT_EQ(run_conformance(folder_ / "remotes").error().code, Code::not_found);
  EXPECT_EQ(run_conformance(folder_ / "absent").error().code, Code::not_found);
  write("draft7/x.json", "{}");
  EXPECT_EQ(run_conformance(folder_ / "draft7").error().code, Code::invalid_input);
}

}  // namespace
}  // namespace writ::contract
