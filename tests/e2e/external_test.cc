// External steps: an outside agent claims, works, and hands in evidence.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class ExternalTest : public WritTest {
 protected:
  void start() {
    set_up();
    trust_reviewer();
    const Ran ran = apply(spec_of(R"(steps:
  - id: port
    external: {by: role:maintainer, instructions: Port the parser}
    evidence: {tests: report.xml}
    gate: tests.failed == 0 and tests.passed >= 1
  - {id: other, external: {by: role:maintainer, instructions: Take notes}, evidence: {file: notes.txt}}
)",
                                  "id: demo, repo: {outputs: [report.xml, notes.txt]}"));
    ASSERT_EQ(ran.exit, 6) << ran.text();
  }
  std::vector<std::string> as_agent(std::vector<std::string> words) const {
    words.insert(words.end(), {"--key", reviewer()});
    return words;
  }
};

constexpr std::string_view kReport = R"(<testsuite><testcase name="a"/></testsuite>)";

TEST_F(ExternalTest, TakesEvidenceOfWhoClaimedTheStep) {
  start();
  const Ran claimed = writ_expecting(0, as_agent({"claim", "latest", "main/port"}));
  EXPECT_TRUE(contains(claimed.out, "Port the parser")) << claimed.out;
  EXPECT_TRUE(contains(claimed.out, "report.xml")) << claimed.out;
  write("report.xml", kReport);
  writ_expecting(0, as_agent({"submit", "latest", "main/port", "--evidence", "report.xml"}));
  EXPECT_EQ(writ({"resume"}).exit, 6) << "the other step still waits";
  const Value status = json(writ_expecting(0, {"status", "--json"}).out);
  EXPECT_EQ(text_at(status, {"steps", "0", "status"}), "passed");
  write("notes.txt", "done\n");
  writ_expecting(0, as_agent({"submit", "latest", "main/other", "--evidence", "notes.txt"}));
  const Ran ran = writ({"resume"});
  EXPECT_EQ(ran.exit, 0) << ran.text();
  writ_expecting(0, {"verify"});
}

TEST_F(ExternalTest, TakesTheSameFileFromOneStepAfterTheOther) {
  set_up();
  trust_reviewer();
  const Ran ran = apply(spec_of(R"(steps:
  - {id: draft, external: {by: role:maintainer, instructions: Write}, evidence: {file: notes.txt}}
  - {id: final, needs: [draft], external: {by: role:maintainer, instructions: Polish}, evidence: {file: notes.txt}}
)",
                                "id: demo, repo: {outputs: [notes.txt]}"));
  ASSERT_EQ(ran.exit, 6) << ran.text();
  write("notes.txt", "draft\n");
  writ_expecting(0, as_agent({"submit", "latest", "main/draft", "--evidence", "notes.txt"}));
  writ_expecting(6, {"resume"});
  write("notes.txt", "final\n");
  writ_expecting(0, as_agent({"submit", "latest", "main/final", "--evidence", "notes.txt"}));
  writ_expecting(0, {"resume"});
  writ_expecting(0, {"verify"});
  const std::string bundle = beside("run.bundle").string();
  writ_expecting(0, {"export", "latest", "--out", bundle});
  writ_expecting(0, {"verify", bundle});
  const std::string subjects = bash("tar -xOf " + bundle +
                                    " attestation.dsse.json | grep -o '\"payload\":\"[^\"]*' | "
                                    "cut -d'\"' -f4 | base64 -d");
  EXPECT_TRUE(contains(subjects, bash("printf 'final\\n' | sha256sum | cut -c1-64 | tr -d '\\n'")))
      << "once, as the last step saw it: " << subjects;
}

TEST_F(ExternalTest, RefusesAFileFromBeforeTheStep) {
  start();
  write("report.xml", kReport);
  bash("touch -d '2020-01-01' report.xml");
  const Ran ran = writ(as_agent({"submit", "latest", "main/port", "--evidence", "report.xml"}));
  EXPECT_EQ(ran.exit, 8) << ran.text();
  EXPECT_TRUE(contains(ran.err, "before the step began")) << ran.err;
}

TEST_F(ExternalTest, RefusesEvidenceThatTheStepDoesNotAskFor) {
  start();
  write("notes.txt", "x\n");
  EXPECT_EQ(writ(as_agent({"submit", "latest", "main/port", "--evidence", "notes.txt"})).exit, 2);
  EXPECT_EQ(writ(as_agent({"submit", "latest", "main/port"})).exit, 2) << "nothing handed in";
  EXPECT_EQ(writ(as_agent({"submit", "latest", "main/none", "--evidence", "notes.txt"})).exit, 2);
}

TEST_F(ExternalTest, RefusesAReportThatIsNone) {
  start();
  write("report.xml", "all tests passed\n");
  writ_expecting(0, as_agent({"submit", "latest", "main/port", "--evidence", "report.xml"}));
  const Ran ran = writ({"resume"});
  EXPECT_NE(ran.exit, 0) << ran.text();
  EXPECT_NE(ran.exit, 6) << ran.text();
}

TEST_F(ExternalTest, KeepsTheGateShutForAReportWithFailures) {
  start();
  write("report.xml", R"(<testsuite><testcase name="a"><failure/></testcase></testsuite>)");
  writ_expecting(0, as_agent({"submit", "latest", "main/port", "--evidence", "report.xml"}));
  EXPECT_EQ(writ({"resume"}).exit, 4);
}

TEST_F(ExternalTest, RefusesASecondClaimByAnotherKey) {
  set_up();
  trust_reviewer();
  const std::string second = beside("second.key").string();
  writ_expecting(0, {"keys", "new", "--out", second});
  writ_expecting(0, {"trust", "add", "--role", "maintainer", second + ".pub"});
  const Ran ran = apply(
      spec_of("steps:\n  - id: port\n    external: {by: role:maintainer, instructions: Port it}\n"
              "    evidence: {file: out.txt}\n"));
  ASSERT_EQ(ran.exit, 6) << ran.text();
  writ_expecting(0, as_agent({"claim", "latest", "main/port"}));
  writ_expecting(0, as_agent({"claim", "latest", "main/port"}));
  EXPECT_EQ(writ({"claim", "latest", "main/port", "--key", second}).exit, 2);
  EXPECT_EQ(writ({"submit", "latest", "main/port", "--key", second}).exit, 8);
}

// Every command here is a process of its own: what the tree was before the step is on disk alone.
TEST_F(ExternalTest, CountsTheFilesOfAnAgentUnderALawOfOneFileAStep) {
  set_up();
  trust_reviewer();
  write(".writ/protocols/one-file.yaml",
        "writ: 1\nkind: Protocol\nid: one-file\nversion: 1.0.0\nauthority: enforced\n"
        "rules: {sequential: true}\n");
  const Ran ran =
      apply(spec_of("protocols: [one-file@1]\nsteps:\n  - id: port\n"
                    "    external: {by: role:maintainer, instructions: Port it}\n"
                    "    evidence: {file: report.xml}\n",
                    "id: demo, repo: {outputs: [report.xml]}"));
  ASSERT_EQ(ran.exit, 6) << ran.text();
  const std::vector<std::string> submission =
      as_agent({"submit", "latest", "main/port", "--evidence", "report.xml"});
  write("report.xml", kReport);
  write("one.txt", "1\n");
  write("two.txt", "2\n");
  writ_expecting(0, submission);
  const Ran refused = writ({"resume"});
  EXPECT_EQ(refused.exit, 3) << refused.text();
  EXPECT_TRUE(contains(refused.out,
                       "it changed 2 files and the law allows one a step: one.txt, "
                       "two.txt"))
      << refused.out;
  EXPECT_EQ(writ({"resume"}).exit, 6) << "it waits for another submission";
  bash("rm two.txt; touch report.xml");
  writ_expecting(0, submission);
  const Ran taken = writ({"resume"});
  EXPECT_EQ(taken.exit, 0) << taken.text();
  writ_expecting(0, {"verify"});
  writ_expecting(0, {"export", "latest", "--out", beside("run.bundle").string()});
  writ_expecting(0, {"verify", beside("run.bundle").string()});
}

}  // namespace
}  // namespace writ::e2e
