// A run as it is told to people, to programs and to GitHub.
#include <gtest/gtest.h>

#include <sstream>

#include "base/json.h"
#include "base/testing/fake_clock.h"
#include "cli/annotations.h"
#include "cli/progress_events.h"
#include "cli/progress_tree.h"

namespace writ::cli {
namespace {

using execution::Problem;
using execution::StepStatus;

// One run of two steps whose second one is blocked.
class ProgressTest : public testing::Test {
 protected:
  ProgressTest() {
    plan_.spec_id = "demo";
    for (const char* path : {"build/compile", "check/scan"}) {
      plan_.steps.emplace_back().path = path;
      plan_.steps.back().origin.document = "spec";
    }
    state_.run.id = RunId{Uuid::v5(kWritNamespace, "run")};
    state_.run.plan = std::string(64, 'a');
    state_.steps.resize(2);
    blocker_.step = "check/scan";
    blocker_.file = "a.cc";
    blocker_.line = 7;
  }

  Problem problem() const {
    Problem out;
    out.file = "a.cc";
    out.at = {7, 5};
    out.length = 4;
    out.rule = "todo-comment";
    out.message = "work is not done: 100%\nreally";
    out.line = "\t// TODO";
    return out;
  }

  void tell(execution::Progress& progress, std::size_t problems = 1) {
    progress.run_opened(plan_, state_);
    state_.steps[0].status = StepStatus::passed;
    state_.steps[0].attempt = 1;
    progress.step_started(plan_.steps[0], 0, state_.steps[0]);
    progress.step_output(plan_.steps[0], "compiling");
    progress.step_ended({plan_.steps[0], 0, state_.steps[0], {}, nullptr, nullptr});
    state_.steps[1].status = StepStatus::blocked;
    state_.steps[1].attempt = 2;
    progress.step_started(plan_.steps[1], 1, state_.steps[1]);
    const std::vector<Problem> found(problems, problem());
    progress.step_ended({plan_.steps[1], 1, state_.steps[1], found, nullptr, &blocker_});
    state_.blockers = {blocker_};
    progress.run_ended(plan_, state_, execution::standing(plan_, state_));
  }

  protocol::Plan plan_;
  execution::RunState state_;
  execution::Blocker blocker_;
  FakeClock clock_;
  std::ostringstream out_;
};

TEST_F(ProgressTest, ShowsWhatAFailedCommandSaidLast) {
  {
    ProgressTree tree(out_, clock_, Style(false), 0);
    tree.run_opened(plan_, state_);
    state_.steps[0].status = StepStatus::failed;
    state_.steps[0].reason = "exited with 101";
    tree.step_started(plan_.steps[0], 0, state_.steps[0]);
    for (int line = 1; line <= 12; ++line) {
      tree.step_output(plan_.steps[0], "line " + std::to_string(line));
    }
    tree.step_output(plan_.steps[0], "  ");
    tree.step_ended({plan_.steps[0], 0, state_.steps[0], {}, nullptr, nullptr});
  }
  EXPECT_NE(out_.str().find("      exited with 101\n      │ line 3\n"), std::string::npos)
      << out_.str();
  EXPECT_NE(out_.str().find("      │ line 12\n"), std::string::npos) << out_.str();
}

TEST_F(ProgressTest, ShowsALineAStepFindingsAndWhatIsNext) {
  {
    ProgressTree tree(out_, clock_, Style(false), 0);
    tell(tree);
  }
  const std::string text = out_.str();
  EXPECT_NE(text.find("demo  plan aaaaaaaaaaaa  0 protocols, 2 steps\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("  ✔   1/2  build/compile"), std::string::npos) << text;
  EXPECT_NE(text.find("  ✖   2/2  check/scan"), std::string::npos) << text;
  EXPECT_NE(text.find("attempt 2"), std::string::npos) << text;
  EXPECT_NE(text.find("      a.cc:7:5  todo-comment  work is not done: 100%really\n"
                      "        7 │   // TODO\n"
                      "          │      ^^^^\n"),
            std::string::npos)
      << text;
  EXPECT_TRUE(
      text.ends_with("  blocked FIX_REQUIRED\n  blocked at check/scan\n"
                     "  next: fix a.cc:7, then  writ resume\n"))
      << text;
  EXPECT_EQ(text.find("compiling"), std::string::npos) << "output is live only";
}

TEST_F(ProgressTest, RedrawsALiveLineAndLeavesNoneBehind) {
  {
    ProgressTree tree(out_, clock_, Style(false), 80);
    tell(tree);
  }
  EXPECT_NE(out_.str().find("  · 1/2  build/compile"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("\r\x1b[K"), std::string::npos);
  EXPECT_TRUE(out_.str().ends_with("then  writ resume\n")) << out_.str();
}

TEST_F(ProgressTest, CountsFindingsThatItDoesNotShow) {
  ProgressTree tree(out_, clock_, Style(false), 0);
  tell(tree, 25);
  EXPECT_NE(out_.str().find("5 more: `writ explain check/scan`"), std::string::npos) << out_.str();
}

TEST_F(ProgressTest, WritesOneObjectAnEvent) {
  ProgressEvents events(out_, clock_);
  tell(events);
  std::istringstream lines(out_.str());
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    const auto value = parse_json(line);
    ASSERT_TRUE(value) << line;
    EXPECT_EQ(value->string_or("run", ""), state_.run.id.text());
    names.emplace_back(value->string_or("event", ""));
  }
  const std::vector<std::string> expected{"run_opened", "step_started", "step_output",
                                          "step_ended", "step_started", "step_ended",
                                          "run_ended"};
  EXPECT_EQ(names, expected);
  EXPECT_NE(out_.str().find(R"("rule":"todo-comment")"), std::string::npos);
  EXPECT_NE(out_.str().find(R"("exit_code":3)"), std::string::npos);
}

TEST_F(ProgressTest, AnnotatesTenFindingsAndSaysHowManyAreMissing) {
  Annotations annotations(out_, std::make_unique<execution::QuietProgress>());
  tell(annotations, 12);
  const std::string text = out_.str();
  EXPECT_TRUE(
      text.starts_with("::error file=a.cc,line=7,endLine=7,col=5,title=todo-comment::"
                       "work is not done: 100%25really\n"))
      << text;
  std::size_t errors = 0;
  for (std::size_t at = 0; (at = text.find("::error ", at)) != std::string::npos; ++at) ++errors;
  EXPECT_EQ(errors, 10u);
  EXPECT_NE(text.find("::notice title=Writ::2 more findings"), std::string::npos) << text;
}

}  // namespace
}  // namespace writ::cli
