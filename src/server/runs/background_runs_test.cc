#include "server/runs/background_runs.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"
#include "project/driven_runs.h"
#include "repo/testing/fixture.h"

namespace writ::server {
namespace {

constexpr std::string_view kProject = "01890000-0000-7000-8000-00000000000a";

// Drives as the test says; else it has nothing to drive.
class NoDriver final : public project::RunDriver {
 public:
  Result<void> begin(const project::Project&, const project::RunOrder&) override { return none(); }
  Result<execution::Standing> drive(const project::Project&, RunId,
                                    const std::function<void(Value)>&, std::stop_token) override {
    return on_drive ? on_drive() : none();
  }
  Result<void> cancel(const project::Project&, RunId) override { return none(); }
  Result<void> replan(const project::Project&, const project::ReplanOrder& order) override {
    replanned.push_back(order.id);
    return none();
  }
  Result<std::string> bundle(const project::Project&, RunId) override {
    return std::string("bytes of a bundle");
  }

  std::vector<RunId> replanned;
  std::function<Result<execution::Standing>()> on_drive;

 private:
  static std::unexpected<Error> none() { return fail(Code::unavailable, "nothing is driven here"); }
};

class BackgroundRunsTest : public repo::RepoTest {
 protected:
  void SetUp() override {
    write(".writ/config.yaml", "writ: 1\nkind: Config\nproject: " + std::string(kProject) + "\n");
    ProjectOptions options{.store_url = "memory:",
                           .directory = root_ / ".writ",
                           .id = std::string(kProject),
                           .tool = "writ/test",
                           .socket = {}};
    auto opened = ProjectSide::open(options, clock_, random_);
    ASSERT_TRUE(opened) << opened.error().text();
    side_ = *std::move(opened);
    runs_ = std::make_unique<BackgroundRuns>(*side_, driver_, clock_, log_);
  }

  // A run of one step that nobody has begun; `parent`: of which it is a part.
  void make_run(std::optional<RunId> parent = std::nullopt) {
    protocol::Plan plan;
    plan.spec_id = "test";
    plan.spec_file = "spec.yaml";
    plan.spec_digest = crypto::sha256("spec").hex();
    plan.steps.resize(1);
    plan.steps[0].path = "main/a";
    execution::RunRow row;
    row.id = run_;
    row.spec_id = plan.spec_id;
    row.spec_file = plan.spec_file;
    row.spec_digest = plan.spec_digest;
    row.plan = plan.digest();
    row.parent = parent;
    auto journal = execution::Journal::create(side_->journal_deps(), std::move(plan), row);
    ASSERT_TRUE(journal) << journal.error().text();
    ASSERT_TRUE(journal->flush());
  }

  // A row that nobody wrote as it stands there.
  void break_list() {
    ASSERT_TRUE(side_->store().write(
        [](store::Tx& tx) { return tx.put(store::Table{"driven_run"}, "none", kProject); }));
  }

  FakeClock clock_;
  FakeRandom random_;
  NoDriver driver_;
  std::unique_ptr<ProjectSide> side_;
  observe::Log log_{clock_, {}};
  std::unique_ptr<BackgroundRuns> runs_;
  const RunId run_{Uuid::v5(kWritNamespace, "run")};
};

TEST_F(BackgroundRunsTest, SayThatTheyDoNotKnowWhereTheListCannotBeRead) {
  EXPECT_EQ(runs_->look(run_).is_seen_to, std::optional(false));
  ASSERT_TRUE(project::list_driven(side_->store(), run_, kProject));
  EXPECT_EQ(runs_->look(run_).is_seen_to, std::optional(true));
  EXPECT_EQ(runs_->look(run_).is_driven, std::optional(true)) << "as soon as there is room";
  break_list();
  EXPECT_EQ(runs_->look(run_).is_seen_to, std::nullopt);
  EXPECT_EQ(runs_->look(run_).is_driven, std::nullopt);
}

// It may have looked at the tree for the last time, and its end may take the run off the list.
TEST_F(BackgroundRunsTest, DriveOnceMoreWhatIsResumedWhileItIsDriven) {
  make_run();
  int drives = 0;
  std::promise<void> second;
  driver_.on_drive = [&]() -> Result<execution::Standing> {
    if (++drives == 1) {
      EXPECT_TRUE(runs_->resume(run_));
      return execution::Standing{execution::Outcome::gate_shut, "main/a", ""};
    }
    EXPECT_EQ(runs_->look(run_).is_seen_to, std::optional(true));
    second.set_value();
    return execution::Standing{execution::Outcome::gate_shut, "main/a", ""};
  };
  ASSERT_TRUE(project::list_driven(side_->store(), run_, kProject));
  ASSERT_TRUE(runs_->start());
  second.get_future().wait();
  runs_->stop();
  EXPECT_EQ(drives, 2);
}

// The drive of the whole goes through its parts, under a lease of the same process.
TEST_F(BackgroundRunsTest, ActOnNoPartOfAnotherRun) {
  const RunId whole{Uuid::v5(kWritNamespace, "whole")};
  make_run(whole);
  const std::string refusal = "run " + run_.text() + " is a part of run " + whole.text();
  for (const auto& done : {runs_->resume(run_), runs_->cancel(run_),
                           runs_->replan({run_, RunId{Uuid::v5(kWritNamespace, "other")}})}) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, refusal);
  }
  EXPECT_EQ(driver_.replanned, std::vector<RunId>{});
}

TEST_F(BackgroundRunsTest, LeaveNothingListedOfARunThatCouldNotBeReplanned) {
  make_run();
  const RunId other{Uuid::v5(kWritNamespace, "other")};
  ASSERT_TRUE(project::list_driven(side_->store(), run_, kProject));
  const auto replanned = runs_->replan({run_, other});
  ASSERT_FALSE(replanned);
  EXPECT_EQ(replanned.error().message, "nothing is driven here");
  EXPECT_EQ(driver_.replanned, std::vector<RunId>{other});
  EXPECT_EQ(*project::driven_runs(side_->store(), kProject), std::vector<RunId>{run_})
      << "the old run is seen to as before";
}

}  // namespace
}  // namespace writ::server
