// Failures that were there before (LAW-22): declared, and held to the base revision.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class BaselineTest : public WritTest {
 protected:
  // A repository whose test `Suite.old` fails where `broken` says so, and `Suite.new` where
  // `new.txt` exists; built by a step that the tests rest on.
  void start(bool is_old_broken) {
    write("src/a.cc", "int a = 1;\n");
    write("tests/old_test.cc", "// Suite.old\n");
    write("state.txt", is_old_broken ? "broken\n" : "fine\n");
    write("build.sh", "mkdir -p out && cp state.txt out/state.txt\n");
    write("test.sh",
          "old=''; new=''; code=0\n"
          "if grep -q broken out/state.txt; then old='<failure/>'; code=1; fi\n"
          "if test -e new.txt; then new='<failure/>'; code=1; fi\n"
          "echo \"<testsuite><testcase classname='Suite' name='old'>$old</testcase>"
          "<testcase classname='Suite' name='new'>$new</testcase>"
          "<testcase classname='Suite' name='good'/></testsuite>\" > report.xml\n"
          "exit $code\n");
    set_up();
  }
  static std::string spec(std::string_view known) {
    return spec_of("protocols: [zero-tolerance-session@2/lite]\n" + std::string(known) +
                       "phases:\n- id: build\n  steps:\n  - {id: make, run: sh build.sh}\n"
                       "- id: test\n  stage: validate\n  steps:\n"
                       "  - {id: unit, run: sh test.sh, evidence: {tests: report.xml}}\n",
                   "id: demo, repo: {may_change: [src/a.cc, state.txt, new.txt], "
                   "allowed_new_files: [new.txt], outputs: [report.xml, \"out/**\"]}");
  }
  static constexpr std::string_view kOld =
      "known_failures: [{test: Suite.old, file: tests/old_test.cc, reason: The clock drifts}]\n";
};

TEST_F(BaselineTest, ADeclaredFailureThatIsOldPassesAndIsOnRecord) {
  start(true);
  const Ran ran = apply(spec(kOld));
  EXPECT_EQ(ran.exit, 0) << ran.text();
  writ_expecting(0, {"verify"});
  const Ran plan = writ_expecting(0, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(plan.out, "The clock drifts")) << plan.out;
}

TEST_F(BaselineTest, AFailureThatNobodyDeclaredStopsTheRun) {
  start(true);
  const Ran ran = apply(spec(""));
  EXPECT_EQ(ran.exit, 5) << ran.text();
}

TEST_F(BaselineTest, ADeclaredFailureThatTheBaseDoesNotHaveStopsTheRun) {
  start(false);
  write("spec.yaml", spec(kOld));
  commit();
  write("state.txt", "broken\n");
  const Ran ran = writ({"apply", "spec.yaml"});
  EXPECT_EQ(ran.exit, 3) << ran.text();
  EXPECT_TRUE(contains(ran.out, "Suite.old fails, and did not fail at the base revision"))
      << ran.out;
}

TEST_F(BaselineTest, ANewFailureBesideAKnownOneStopsTheRun) {
  start(true);
  write("spec.yaml", spec(kOld));
  commit();
  write("new.txt", "");
  const Ran ran = writ({"apply", "spec.yaml"});
  EXPECT_EQ(ran.exit, 5) << ran.text();
  bash("rm new.txt");
  EXPECT_EQ(writ({"resume"}).exit, 0);
}

TEST_F(BaselineTest, ADeclarationOfWhatDoesNotFailIsStale) {
  start(false);
  const Ran ran = apply(spec(kOld));
  EXPECT_EQ(ran.exit, 3) << ran.text();
  EXPECT_TRUE(contains(ran.out, "does not fail here")) << ran.out;
}

TEST_F(BaselineTest, ADeclarationNamesAFileThatIsThere) {
  start(true);
  const Ran ran = apply(
      spec("known_failures: [{test: Suite.old, file: tests/none.cc, reason: The clock drifts}]\n"));
  EXPECT_EQ(ran.exit, 3) << ran.text();
  EXPECT_TRUE(contains(ran.out, "tests/none.cc")) << ran.out;
}

TEST_F(BaselineTest, IsAskedForWhereFailuresAreDeclared) {
  start(true);
  write("spec.yaml", spec_of(std::string(kOld) + "steps:\n  - {id: a, run: echo}\n"));
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err, "check: baseline")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "spec.yaml:4:")) << ran.err;
}

}  // namespace
}  // namespace writ::e2e
