// What commands print: streams, --json, --quiet, colours, JUnit, annotations.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using OutputTest = WritTest;

constexpr std::string_view kTwoSteps =
    "steps:\n  - {id: one, run: echo first}\n  - {id: two, run: \"false\"}\n";

std::vector<std::string> events_of(const std::vector<Value>& lines) {
  std::vector<std::string> out;
  for (const Value& line : lines) out.emplace_back(line.string_or("event", ""));
  return out;
}

TEST_F(OutputTest, StreamsARunAsJsonLines) {
  set_up();
  write("spec.yaml", spec_of(kTwoSteps));
  commit();
  const Ran ran = writ({"apply", "spec.yaml", "--json"});
  EXPECT_EQ(ran.exit, 5) << ran.text();
  EXPECT_EQ(ran.err, "");
  const std::vector<Value> lines = json_lines(ran.out);
  const std::vector<std::string> expected{"run_opened", "step_started", "step_output",
                                          "step_ended", "step_started", "step_ended",
                                          "run_ended"};
  EXPECT_EQ(events_of(lines), expected) << ran.out;
  for (const Value& line : lines) {
    EXPECT_EQ(line.string_or("run", ""), lines[0].string_or("run", "none"));
    EXPECT_FALSE(line.string_or("time", "").empty());
  }
  EXPECT_EQ(lines.back().string_or("outcome", ""), "step_failed");
  EXPECT_EQ(lines.back().integer_or("exit_code", 0), 5);
  EXPECT_EQ(lines.back().string_or("step", ""), "main/two");
}

TEST_F(OutputTest, SaysWhichStepsAResumeRunsAgainAndWhy) {
  set_up();
  write("spec.yaml", spec_of(kTwoSteps));
  commit();
  ASSERT_EQ(writ({"apply", "spec.yaml"}).exit, 5);
  const std::vector<Value> lines = json_lines(writ({"resume", "--json"}).out);
  const std::vector<std::string> expected{"run_opened", "step_reopened", "step_started",
                                          "step_ended", "run_ended"};
  EXPECT_EQ(events_of(lines), expected);
  EXPECT_EQ(lines.at(1).string_or("step", ""), "main/two");
  EXPECT_EQ(lines.at(1).string_or("reason", ""), "tried again on resume");
  const Ran shown = writ({"resume"});
  EXPECT_TRUE(contains(shown.out, "↻ main/two  tried again on resume\n")) << shown.out;
}

TEST_F(OutputTest, PrintsErrorsAsJsonOnStandardOutput) {
  const Ran ran = writ({"status", "--json"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.err, "");
  const Value error = json(ran.out);
  EXPECT_EQ(text_at(error, {"error", "code"}), "not_found");
  EXPECT_FALSE(text_at(error, {"error", "remediation"}).empty());
}

TEST_F(OutputTest, GivesStepsBlockersAndNextInStatus) {
  set_up();
  apply(spec_of(kTwoSteps));
  const Value status = json(writ_expecting(0, {"status", "--json"}).out);
  EXPECT_EQ(text_at(status, {"run", "spec_file"}), "spec.yaml");
  ASSERT_EQ(size_at(status, {"steps"}), 2u);
  const Value one = at(status, {"steps", "0"});
  EXPECT_EQ(one.string_or("step", ""), "main/one");
  EXPECT_EQ(one.string_or("status", ""), "passed");
  EXPECT_EQ(one.integer_or("attempt", 0), 1);
  EXPECT_EQ(size_at(status, {"blockers"}), 0u);
  EXPECT_TRUE(contains(status.string_or("next", ""), "writ resume"));
}

TEST_F(OutputTest, QuietPrintsTheResultAlone) {
  set_up();
  write("spec.yaml", spec_of("steps:\n  - run: echo hello\n"));
  commit();
  const Ran ran = writ({"apply", "spec.yaml", "--quiet"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out.substr(0, 9), "attested ") << ran.out;
  EXPECT_EQ(std::ranges::count(ran.out, '\n'), 1);
  EXPECT_EQ(ran.err, "");
}

TEST_F(OutputTest, HasNoColoursWhereItIsNoTerminal) {
  set_up();
  environment_["TERM"] = "xterm-256color";
  const Ran ran = apply(spec_of(kTwoSteps));
  EXPECT_FALSE(contains(ran.out + ran.err, "\x1b")) << ran.out;
  EXPECT_FALSE(contains(writ({"--no-color", "status"}).out, "\x1b"));
}

TEST_F(OutputTest, NeverPrintsControlSequencesOfACommand) {
  set_up();
  write("out.sh", "printf '\\033[31mred\\033[0m\\n'; exit 3\n");
  const Ran ran = apply(spec_of("steps:\n  - {id: red, run: sh out.sh}\n"));
  EXPECT_EQ(ran.exit, 5);
  EXPECT_FALSE(contains(ran.out, "\x1b")) << ran.out;
  EXPECT_FALSE(contains(writ({"explain"}).out, "\x1b"));
}

TEST_F(OutputTest, ShowsWhatAFailedCommandSaidLast) {
  set_up();
  write("fail.sh", "echo reading >&2; echo 'no such module' >&2; exit 7\n");
  const Ran ran = apply(spec_of("steps:\n  - {id: build, run: sh fail.sh}\n"));
  EXPECT_EQ(ran.exit, 5);
  EXPECT_TRUE(contains(ran.out, "exited with 7\n      │ reading\n      │ no such module\n"))
      << ran.out;
  const Ran why = writ_expecting(0, {"explain"});
  EXPECT_TRUE(contains(why.out, "      │ reading\n      │ no such module\n")) << why.out;
}

TEST_F(OutputTest, NamesTheTestsThatFailed) {
  set_up();
  write("t.sh", "printf 'ok 1 - adds\\nnot ok 2 - subtracts\\n# 2 != 1\\n1..2\\n'; exit 1\n");
  const Ran ran =
      apply(spec_of("steps:\n  - {id: unit, run: sh t.sh, evidence: {tests: stdout}}\n"));
  EXPECT_EQ(ran.exit, 5) << ran.text();
  EXPECT_TRUE(contains(ran.out, "test  subtracts failed: 2 != 1")) << ran.out;
  EXPECT_FALSE(contains(ran.out, "│")) << ran.out;
}

TEST_F(OutputTest, WritesAJunitReportWithACaseForEveryStep) {
  set_up();
  write("spec.yaml", spec_of(R"(phases:
  - id: build
    steps: [{id: ok, run: echo}]
  - id: test
    needs: [build]
    steps:
      - {id: lie, run: echo passed, evidence: {tests: j.xml}, gate: tests.failed == 0}
  - id: last
    needs: [test]
    steps: [{id: never, run: echo}]
)"));
  commit();
  EXPECT_EQ(writ({"apply", "spec.yaml", "--junit", "report.xml"}).exit, 4);
  const std::string xml = read("report.xml");
  EXPECT_TRUE(
      contains(xml, R"(<testsuites name="demo" tests="3" failures="1" errors="0" skipped="1")"))
      << xml;
  EXPECT_TRUE(contains(xml, R"(<testsuite name="build" tests="1")")) << xml;
  EXPECT_TRUE(contains(xml, "not reached: test/lie comes first")) << xml;
}

TEST_F(OutputTest, AnnotatesFindingsForGitHub) {
  set_up();
  write("a.cc", "// TODO 100%\n");
  write("spec.yaml", spec_of("steps:\n  - {id: clean, check: scan, blocks: FIX_REQUIRED}\n"));
  commit();
  environment_["GITHUB_ACTIONS"] = "true";
  const Ran ran = writ({"apply", "spec.yaml"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_TRUE(contains(ran.out, "::error file=a.cc,line=1,endLine=1,col=")) << ran.out;
}

TEST_F(OutputTest, SaysWhatItIs) {
  EXPECT_TRUE(contains(writ_expecting(0, {"--version"}).out, "."));
  EXPECT_TRUE(contains(writ_expecting(0, {"--help"}).out, "apply"));
  EXPECT_TRUE(contains(writ_expecting(0, {"help", "ledger", "list"}).out, "--subject"));
  EXPECT_EQ(writ({}).exit, 2);
  const Ran misspelt = writ_expecting(2, {"aply"});
  EXPECT_TRUE(contains(misspelt.err, "did you mean `apply`")) << misspelt.err;
  const Ran option = writ_expecting(2, {"apply", "spec.yaml", "--junti", "x"});
  EXPECT_TRUE(contains(option.err, "--junit")) << option.err;
}

TEST_F(OutputTest, SaysWhereStandardOutputCannotBeWritten) {
  const std::string full = "/dev/full";
  if (!std::filesystem::exists(full)) GTEST_SKIP() << "no " << full;
  const std::string code = bash(std::string(WRIT_BINARY) + " --help > /dev/full || echo $?");
  EXPECT_EQ(code, "9\n");
}

}  // namespace
}  // namespace writ::e2e
