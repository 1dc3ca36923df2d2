// The check of risk: which scores ask for notes, and which notes answer them.
#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "base/testing/temporary_directory.h"
#include "execution/testing/fixed_workspace.h"
#include "executors/check.h"
#include "process/command.h"
#include "store/directory/directory_blob_store.h"

namespace writ::executors {
namespace {

using execution::StepResult;
using execution::Verdict;

class RiskTest : public testing::Test {
 protected:
  StepResult check(const std::map<std::string, std::uint32_t>& risk,
                   const std::vector<std::string>& inputs) {
    protocol::Plan plan;
    plan.spec_file = "spec.yaml";
    plan.risk = risk;
    for (const std::string& name : inputs) plan.inputs.push_back({name, name + ".md", "", "d"});
    const execution::StepContext context{.plan = plan,
                                         .step = step_,
                                         .run = RunId(),
                                         .base = "base",
                                         .attempt = 1,
                                         .since = {},
                                         .idempotency_key = "key",
                                         .token = "token",
                                         .workspace = workspace_,
                                         .tree = {},
                                         .blobs = *blobs_,
                                         .clock = clock_,
                                         .evidence = {},
                                         .words = {},
                                         .events = {}};
    auto result = check_risk(context, deps_, {});
    WRIT_ASSERT(result.has_value());
    return *std::move(result);
  }

 private:
  TemporaryDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<store::BlobStore> blobs_ =
      *store::open_directory_blob_store(directory_.path() / "blobs", clock_);
  execution::FixedWorkspace workspace_;
  protocol::PlanStep step_;
  process::Runner runner_{"/nonexistent/writ"};
  std::map<std::string, std::string> environment_;
  CheckDeps deps_{runner_, environment_};
};

TEST_F(RiskTest, EachAreaOfFourOrFiveNeedsBothNotes) {
  for (const char* area : {"reliability", "security", "drift", "operability"}) {
    for (const std::uint32_t score : {1u, 2u, 3u, 4u, 5u}) {
      for (const std::vector<std::string>& notes : {std::vector<std::string>{},
                                                    {"rollback"},
                                                    {"simulation"},
                                                    {"rollback", "simulation"},
                                                    {"design", "rollback"}}) {
        const StepResult result = check({{area, score}}, notes);
        const bool holds = score < 4 || notes == std::vector<std::string>{"rollback", "simulation"};
        EXPECT_EQ(result.verdict, holds ? Verdict::passed : Verdict::failed)
            << area << " " << score << " with " << notes.size();
        ASSERT_EQ(result.problems.size(), holds ? 0u : 1u);
        if (holds) continue;
        EXPECT_EQ(result.problems[0].message,
                  "risk " + std::string(area) + " is " + std::to_string(score) +
                      ", and there are no rollback and simulation notes");
        EXPECT_EQ(result.problems[0].file, "spec.yaml");
      }
    }
  }
}

TEST_F(RiskTest, NamesEveryAreaThatIsTooHighAndNoOther) {
  const StepResult result =
      check({{"drift", 5}, {"operability", 3}, {"reliability", 1}, {"security", 4}}, {"rollback"});
  EXPECT_EQ(result.reason, "2 risks without notes");
  ASSERT_EQ(result.problems.size(), 2u);
  EXPECT_TRUE(result.problems[0].message.starts_with("risk drift is 5"));
  EXPECT_TRUE(result.problems[1].message.starts_with("risk security is 4"));
}

TEST_F(RiskTest, RecordsTheScoresAndCountsTheNotes) {
  const StepResult result = check({{"drift", 5}, {"security", 2}}, {"simulation", "rollback"});
  ASSERT_EQ(result.evidence.size(), 1u);
  const evidence::Draft& draft = result.evidence[0];
  EXPECT_EQ(draft.kind, evidence::Kind::risk);
  EXPECT_EQ(draft.data,
            Value(Object{{"scores", Object{{"drift", 5}, {"security", 2}}}, {"notes", 2}}));
  EXPECT_EQ(draft.facts.at("risk.notes"), Value(2));
}

}  // namespace
}  // namespace writ::executors
