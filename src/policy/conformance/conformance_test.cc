// OPA's own cases, where they are at hand. Every case has to pass.
#include "policy/conformance/conformance.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace writ::rego {
namespace {

const std::filesystem::path kCases = WRIT_SOURCE_DIR "/../shared/conformance/opa/v1";

TEST(Conformance, PassesTheCasesOfOpa) {
  if (!std::filesystem::is_directory(kCases)) GTEST_SKIP() << kCases << " is not here";
  const auto report = run_conformance(kCases);
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_GT(report->passed, 0u);
  for (const ConformanceFailure& failure : report->failures) {
    ADD_FAILURE() << failure.category << "/" << failure.name << ": " << failure.reason;
  }
}

}  // namespace
}  // namespace writ::rego
