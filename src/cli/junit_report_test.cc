#include "cli/junit_report.h"

#include <gtest/gtest.h>

namespace writ::cli {
namespace {

using execution::StepStatus;

struct Sample {
  protocol::Plan plan;
  execution::RunState state;

  Sample() { plan.spec_id = "demo"; }
  execution::StepState& add(const std::string& path, StepStatus status,
                            const std::string& reason = "") {
    plan.steps.emplace_back().path = path;
    plan.steps.back().stage = "implement";
    execution::StepState& step = state.steps.emplace_back();
    step.status = status;
    step.reason = reason;
    step.elapsed_ms = 1500;
    return step;
  }
  std::string xml() const { return junit_xml(plan, state); }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(JunitReport, HasASuiteForEveryPhaseAndACaseForEveryStep) {
  Sample run;
  run.add("build/compile", StepStatus::passed);
  run.add("build/link", StepStatus::passed);
  run.add("lonely", StepStatus::passed);
  const std::string xml = run.xml();
  EXPECT_TRUE(contains(xml, R"(<testsuite name="build" tests="2" failures="0")")) << xml;
  EXPECT_TRUE(contains(xml, R"(time="3.000")")) << xml;
  EXPECT_TRUE(contains(xml, R"(<testsuite name="implement" tests="1")")) << xml;
  EXPECT_TRUE(
      contains(xml, R"(<testcase classname="demo.build" name="build/compile" time="1.500"/>)"))
      << xml;
}

TEST(JunitReport, TellsShutGatesFromErrorsAndWhatWasNotReached) {
  Sample run;
  run.add("a/gate", StepStatus::shut, "no tests");
  run.add("a/slow", StepStatus::failed, "took too long").failure = "timeout";
  run.add("a/blocked", StepStatus::blocked);
  execution::Blocker& blocker = run.state.blockers.emplace_back();
  blocker.step = "a/blocked";
  blocker.issue = "unclear";
  blocker.kind = protocol::BlockerKind::SPEC_BLOCKER;
  run.add("b/never", StepStatus::pending);
  const std::string xml = run.xml();
  EXPECT_TRUE(contains(xml, R"(tests="4" failures="1" errors="2" skipped="1")")) << xml;
  EXPECT_TRUE(contains(xml, R"(<failure message="no tests" type="gate_shut"/>)")) << xml;
  EXPECT_TRUE(contains(xml, R"(<error message="took too long" type="timeout"/>)")) << xml;
  EXPECT_TRUE(contains(xml, R"(<error message="unclear" type="SPEC_BLOCKER"/>)")) << xml;
  EXPECT_TRUE(contains(xml, R"(<skipped message="not reached: a/blocked comes first"/>)")) << xml;
}

TEST(JunitReport, EscapesAndDropsWhatXmlCannotHold) {
  Sample run;
  run.add("a/x", StepStatus::shut, std::string("<&\">\x01\x1b\xff\xef\xbf\xbf\n\0ä", 14));
  EXPECT_TRUE(contains(run.xml(), R"(message="&lt;&amp;&quot;&gt;&#10;ä")")) << run.xml();
}

}  // namespace
}  // namespace writ::cli
