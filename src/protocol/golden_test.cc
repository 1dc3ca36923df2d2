// testdata/<name>/spec.yaml → testdata/<name>/plan.txt: what `writ plan` prints for a spec, with
// every file that the spec needs beside it. WRIT_REGENERATE=1 rewrites plan.txt.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/file.h"
#include "protocol/load.h"
#include "protocol/render.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

namespace fs = std::filesystem;

TEST(RenderPlan, GivesTheGoldenTexts) {
  const fs::path folder = fs::path(WRIT_SOURCE_DIR) / "src/protocol/testdata";
  std::set<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) cases.insert(entry.path());
  }
  EXPECT_GE(cases.size(), 4u);
  for (const fs::path& path : cases) {
    SCOPED_TRACE(path.filename().string());
    LoadOptions options;
    options.root = path;
    auto plan = load_plan(path / "spec.yaml", options);
    ASSERT_TRUE(plan) << testing::problems_of(plan);
    plan->spec_file = "spec.yaml";
    for (PlanStep& step : plan->steps) {
      if (step.origin.document == "spec") step.origin.file = "spec.yaml";
    }
    for (ComposedRule& rule : plan->rules) {
      if (rule.origin.document == "spec") rule.origin.file = "spec.yaml";
    }
    const std::string text = render_plan(*plan);
    if (std::getenv("WRIT_REGENERATE") != nullptr) std::ofstream(path / "plan.txt") << text;
    const auto golden = read_file(path / "plan.txt", 1u << 20);
    ASSERT_TRUE(golden) << golden.error().text();
    EXPECT_EQ(text, *golden);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace writ::protocol
