// The JSON-Schema-Test-Suite: every required case passes; optional ones are counted.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "contract/conformance.h"

namespace writ::contract {
namespace {

const std::filesystem::path kSuite = WRIT_SOURCE_DIR "/../shared/conformance/json-schema";

class SchemaSuite : public testing::TestWithParam<const char*> {};

TEST_P(SchemaSuite, PassesEveryRequiredCase) {
  const auto folder = kSuite / "tests" / GetParam();
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the suite is not here: " << folder;
  const auto report = run_conformance(folder, {kSuite / "remotes"});
  ASSERT_TRUE(report.has_value()) << report.error().text();
  for (const ConformanceCase& c : report->cases) {
    if (c.passed()) continue;
    const std::string line = c.file + " | " + c.group + " | " + c.test + ": " + c.detail;
    if (c.is_optional) {
      std::printf("optional: %s\n", line.c_str());
    } else {
      ADD_FAILURE() << line;
    }
  }
  EXPECT_EQ(report->failed(false), 0u);
  EXPECT_GT(report->passed(false), 900u);
  std::printf("%s: required %zu passed, %zu failed; optional %zu passed, %zu failed\n", GetParam(),
              report->passed(false), report->failed(false), report->passed(true),
              report->failed(true));
}

INSTANTIATE_TEST_SUITE_P(Drafts, SchemaSuite, testing::Values("draft7", "draft2020-12"),
                         [](const auto& each) {
                           return each.param == std::string("draft7") ? "Draft7" : "Draft202012";
                         });

}  // namespace
}  // namespace writ::contract
