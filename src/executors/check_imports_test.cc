// The check of imports on a tree of files: Go modules, scopes, and what cannot be read.
#include <gtest/gtest.h>

#include <fstream>

#include "base/testing/fake_clock.h"
#include "base/testing/temporary_directory.h"
#include "execution/testing/fixed_workspace.h"
#include "executors/check.h"
#include "process/command.h"
#include "store/directory/directory_blob_store.h"

namespace writ::executors {
namespace {

using execution::StepResult;

class ImportsTest : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const auto place = directory_.path() / path;
    std::filesystem::create_directories(place.parent_path());
    std::ofstream(place) << text;
    workspace_.set(path, text);
  }

  StepResult check(Value rules) {
    protocol::PlanStep step;
    step.with = Object{{"check", "imports"}, {"with", Object{}}, {"rules", std::move(rules)}};
    auto tree = workspace_.tree();
    WRIT_ASSERT(tree.has_value());
    const execution::StepContext context{.plan = plan_,
                                         .step = step,
                                         .run = RunId(),
                                         .base = "base",
                                         .attempt = 1,
                                         .since = {},
                                         .idempotency_key = "key",
                                         .token = "token",
                                         .workspace = workspace_,
                                         .tree = *tree,
                                         .blobs = *blobs_,
                                         .clock = clock_,
                                         .evidence = {},
                                         .words = {},
                                         .events = {}};
    auto result = check_imports(context, deps_, {});
    WRIT_ASSERT(result.has_value());
    return *std::move(result);
  }

  static std::vector<std::string> told(const StepResult& result) {
    std::vector<std::string> out;
    for (const execution::Problem& problem : result.problems) {
      out.push_back(problem.file + ":" + std::to_string(problem.at.line) + " " + problem.rule +
                    ": " + problem.message);
    }
    return out;
  }

  protocol::Plan plan_;
  TemporaryDirectory directory_;

 private:
  FakeClock clock_;
  std::unique_ptr<store::BlobStore> blobs_ =
      *store::open_directory_blob_store(directory_.path() / "blobs", clock_);
  execution::FixedWorkspace workspace_{directory_.path()};
  process::Runner runner_{"/nonexistent/writ"};
  std::map<std::string, std::string> environment_;
  CheckDeps deps_{runner_, environment_};
};

Value folders(const std::string& in, const std::string& key, const std::string& glob) {
  return Object{{"architecture.a", Object{{"in", Array{in}}, {key, Array{glob}}}}};
}

using Lines = std::vector<std::string>;

TEST_F(ImportsTest, FindGoPackagesByTheModuleOfTheTree) {
  write("svc/go.mod", "// the service\nmodule example.com/svc // v2\n\ngo 1.22\n");
  write("svc/api/api.go", "package api\nimport \"example.com/svc/store\"\n");
  write("svc/store/store.go", "package store\nimport \"fmt\"\n");
  EXPECT_EQ(told(check(folders("svc/api/**", "may_not_import", "svc/store/**"))),
            Lines{"svc/api/api.go:2 architecture.a: imports example.com/svc/store, and may not "
                  "import from svc/store/store.go"});
  EXPECT_EQ(told(check(folders("svc/store/**", "may_import", "svc/store/**"))), Lines{});
}

TEST_F(ImportsTest, LookAtWhatTheSpecMayChange) {
  write("a/x.py", "import os\n");
  write("b/x.py", "import os\n");
  plan_.scope.is_locked = true;
  plan_.scope.may_change = {"b/**"};
  const StepResult result =
      check(Object{{"imports.a", Object{{"in", Array{"**"}}, {"forbid", Array{"os"}}}}});
  EXPECT_EQ(told(result), Lines{"b/x.py:1 imports.a: imports os, which is forbidden here"});
  ASSERT_EQ(result.evidence.size(), 1u);
  EXPECT_EQ(result.evidence[0].facts.at("imports.files"), Value(1));
  EXPECT_EQ(result.evidence[0].facts.at("imports.violations"), Value(1));
}

TEST_F(ImportsTest, MatchPythonByDotsBySlashesAndByTheFileThatIsMeant) {
  write("app/store/tx.py", "");
  write("app/cli.py", "from app.store import tx\n");
  for (const char* glob : {"app.store", "app.store.tx", "app/store/tx", "app/store/**"}) {
    EXPECT_EQ(check(Object{{"imports.a", Object{{"in", Array{"**"}}, {"forbid", Array{glob}}}}})
                  .problems.size(),
              1u)
        << glob;
  }
}

TEST_F(ImportsTest, ASourceThatCannotBeReadBreaksTheRule) {
  write("a.py", "import os\n");
  std::filesystem::remove(directory_.path() / "a.py");
  const StepResult result =
      check(Object{{"imports.a", Object{{"in", Array{"**"}}, {"forbid", Array{"re"}}}}});
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_TRUE(result.problems[0].message.starts_with("cannot be read: "));
}

}  // namespace
}  // namespace writ::executors
