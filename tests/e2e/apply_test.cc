// writ apply: what each kind of ending looks like from outside.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using ApplyTest = WritTest;

TEST_F(ApplyTest, AttestsARunWhoseStepsAllPass) {
  set_up();
  const Ran ran = apply(spec_of("steps:\n  - {id: hello, run: echo hello}\n"));
  EXPECT_EQ(ran.exit, 0) << ran.text();
  EXPECT_TRUE(contains(ran.out, "attested")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "next: writ verify")) << ran.out;
  const Value status = json(writ_expecting(0, {"status", "--json"}).out);
  EXPECT_EQ(status.string_or("outcome", ""), "attested");
  writ_expecting(0, {"verify"});
}

TEST_F(ApplyTest, ExitsFiveWhereACommandFails) {
  set_up();
  const Ran ran =
      apply(spec_of("steps:\n  - {id: bad, run: \"false\"}\n  - {id: next, run: echo}\n"));
  EXPECT_EQ(ran.exit, 5) << ran.text();
  EXPECT_TRUE(contains(ran.out, "main/bad")) << ran.out;
  const Value status = json(writ_expecting(0, {"status", "--json"}).out);
  EXPECT_EQ(status.string_or("outcome", ""), "step_failed");
  EXPECT_EQ(text_at(status, {"steps", "1", "status"}), "pending");
}

TEST_F(ApplyTest, KeepsTheGateShutWhereTestsAreOnlyClaimed) {
  set_up();
  const Ran ran = apply(spec_of(R"(steps:
  - id: unit
    run: echo all tests passed
    evidence: {tests: junit.xml}
    gate: tests.failed == 0 and tests.passed >= 1
)"));
  EXPECT_EQ(ran.exit, 4) << ran.text();
  const Ran why = writ_expecting(0, {"explain"});
  EXPECT_TRUE(contains(why.out, "main/unit")) << why.out;
  EXPECT_TRUE(contains(why.out, "tests.failed")) << why.out;
  EXPECT_TRUE(contains(why.out, "absent")) << why.out;
}

TEST_F(ApplyTest, KeepsTheGateShutForAReportOfYesterday) {
  set_up();
  write("junit.xml", R"(<testsuite><testcase name="a"/><testcase name="b"/></testsuite>)");
  const Ran ran = apply(spec_of(R"(steps:
  - id: unit
    run: echo all tests passed
    evidence: {tests: junit.xml}
    gate: tests.failed == 0 and tests.passed >= 1
)"));
  EXPECT_EQ(ran.exit, 4) << ran.text();
}

TEST_F(ApplyTest, OpensTheGateForAReportThatTheStepWrote) {
  set_up();
  write("report.xml", R"(<testsuite><testcase name="a"/><testcase name="b"/></testsuite>)");
  const Ran ran = apply(spec_of(R"(steps:
  - id: unit
    run: cp report.xml out/junit.xml
    evidence: {tests: out/junit.xml}
    gate: tests.failed == 0 and tests.passed >= 2
)",
                                "id: demo, repo: {outputs: [\"out/**\"]}"));
  EXPECT_EQ(ran.exit, 5) << "the folder is not there\n" << ran.text();
  bash("mkdir out");
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 0) << resumed.text();
}

TEST_F(ApplyTest, CountsFailuresOfAReportWhateverItsAttributesClaim) {
  set_up();
  write("report.xml",
        R"(<testsuite tests="2" failures="0">)"
        R"(<testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>)");
  const Ran ran = apply(spec_of(R"(steps:
  - id: unit
    run: cp report.xml junit.xml
    evidence: {tests: junit.xml}
    gate: tests.failed == 0
)",
                                "id: demo, repo: {outputs: [junit.xml]}"));
  EXPECT_EQ(ran.exit, 4) << ran.text();
}

TEST_F(ApplyTest, BlocksAChangeOutsideTheScope) {
  set_up();
  write("src/book.cc", "int book;\n");
  write("src/other.cc", "int other;\n");
  const Ran ran = apply(spec_of("steps:\n  - {id: edit, run: cp src/book.cc src/other.cc}\n",
                                "id: demo, repo: {may_change: [src/book.cc]}"));
  EXPECT_EQ(ran.exit, 3) << ran.text();
  EXPECT_TRUE(contains(ran.out, "src/other.cc")) << ran.out;
  bash("git checkout src/other.cc");
  write("spec.yaml", read("spec.yaml"));
  const Ran status = writ_expecting(0, {"status"});
  EXPECT_TRUE(contains(status.out, "next: ")) << status.out;
}

TEST_F(ApplyTest, BlocksForbiddenPatternsWithFileAndLine) {
  set_up();
  write("src/a.cc", "int a() {\n  return 1;  // TODO later\n}\n");
  const Ran ran = apply(spec_of("steps:\n  - {id: clean, check: scan, blocks: FIX_REQUIRED}\n"));
  EXPECT_EQ(ran.exit, 3) << ran.text();
  EXPECT_TRUE(contains(ran.out, "src/a.cc:2:")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "next: fix src/a.cc:2")) << ran.out;
  write("src/a.cc", "int a() {\n  return 1;\n}\n");
  EXPECT_EQ(writ({"resume"}).exit, 0);
}

TEST_F(ApplyTest, StopsAStepThatTakesTooLong) {
  set_up();
  const Ran ran = apply(spec_of("steps:\n  - {id: slow, run: sleep 100, timeout: 300ms}\n"));
  EXPECT_EQ(ran.exit, 5) << ran.text();
  const Value status = json(writ_expecting(0, {"status", "--json"}).out);
  EXPECT_EQ(text_at(status, {"steps", "0", "failure"}), "timeout");
}

TEST_F(ApplyTest, RefusesACommandThatIsNotThere) {
  set_up();
  const Ran ran = apply(spec_of("steps:\n  - {id: gone, run: no-such-program-at-all}\n"));
  EXPECT_NE(ran.exit, 0) << ran.text();
  EXPECT_TRUE(contains(ran.out + ran.err, "no-such-program-at-all")) << ran.text();
}

TEST_F(ApplyTest, WithoutSetUpNamesInit) {
  const Ran ran = apply(spec_of("steps:\n  - run: \"true\"\n"));
  EXPECT_EQ(ran.exit, 2);
  EXPECT_TRUE(contains(ran.err, "writ init")) << ran.err;
}

TEST_F(ApplyTest, RunsNothingOfACheckWithoutARepositoryRevision) {
  writ_expecting(0, {"init"});
  write("spec.yaml", spec_of("steps:\n  - {id: mark, run: touch mark}\n"));
  const Ran ran = writ({"apply", "spec.yaml"});  // nothing was ever committed
  EXPECT_EQ(ran.exit, 2) << ran.text();
  EXPECT_FALSE(has("mark"));
}

TEST_F(ApplyTest, TakesWhatACommandPrintsAsItsReport) {
  set_up();
  write("t.sh", "echo 'running 2 tests\ntest a ... ok\ntest b ... ok\n\ntest result: ok.'\n");
  const Ran ran =
      apply(spec_of("steps:\n  - id: unit\n    run: sh t.sh\n    evidence: {tests: stdout}\n"
                    "    gate: tests.failed == 0 and tests.passed >= 2\n"));
  EXPECT_EQ(ran.exit, 0) << ran.text();
  const Value why = json(writ_expecting(0, {"explain", "main/unit", "--json"}).out);
  EXPECT_EQ(text_at(why, {"evidence", "1", "data", "format"}), "libtest");
  writ_expecting(0, {"verify"});
}

// What decided a gate is a policy that anybody can run again.
TEST_F(ApplyTest, AGateIsReplayedFromItsPolicyAndItsFacts) {
  set_up();
  const Ran ran = apply(spec_of(R"(steps:
  - id: unit
    run: echo all tests passed
    evidence: {tests: junit.xml}
    gate: tests.failed == 0 and tests.passed >= 2
)"));
  ASSERT_EQ(ran.exit, 4) << ran.text();
  writ_expecting(0, {"explain", "--rego", "replay"});
  EXPECT_TRUE(contains(read("replay/gate.rego"), "open when tests.failed == 0"));
  EXPECT_TRUE(contains(read("replay/input.json"), "writ.facts/v1"));
  writ_expecting(0, {"policy", "fmt", "--fail", "replay/gate.rego"});
  const auto decided = [&](const std::string& input) {
    return writ_expecting(0, {"policy", "eval", "-d", "replay/gate.rego", "-i", input, "-f",
                              "values", "data.writ.gate.allow"})
        .out;
  };
  EXPECT_TRUE(contains(decided("replay/input.json"), "false"));
  write("better.json", R"({"facts": {"tests.failed": 0, "tests.passed": 2}})");
  EXPECT_TRUE(contains(decided("better.json"), "true"));
}

}  // namespace
}  // namespace writ::e2e
