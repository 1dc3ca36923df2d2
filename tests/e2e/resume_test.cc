// Going on: after an edit, a wait, a cancel, under an edited spec, and with child runs.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class ResumeTest : public WritTest {
 protected:
  std::string status_of(std::size_t index, std::string_view member) const {
    const Value status = json(writ({"status", "--json"}).out);
    const std::string number = std::to_string(index);
    const Value step = at(status, {"steps", number});
    return step.find(member) == nullptr ? "" : text_at(step, {member});
  }
};

TEST_F(ResumeTest, ReopensExactlyTheStepsThatAnEditConcerns) {
  set_up();
  write("a.txt", "1\n");
  write("b.txt", "1\n");
  const Ran ran = apply(spec_of(R"(steps:
  - {id: a, run: grep -q 1 a.txt, inputs: [a.txt]}
  - {id: b, run: grep -q 2 b.txt, inputs: [b.txt]}
)"));
  ASSERT_EQ(ran.exit, 5) << ran.text();
  write("b.txt", "2\n");
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 0) << resumed.text();
  EXPECT_EQ(status_of(0, "attempt"), "1") << "what a depends on did not change";
  EXPECT_EQ(status_of(1, "attempt"), "2");
}

TEST_F(ResumeTest, ReopensAPassedStepWhoseInputsWereEdited) {
  set_up();
  write("a.txt", "1\n");
  const Ran ran = apply(spec_of(R"(steps:
  - {id: a, run: grep -q 1 a.txt, inputs: [a.txt]}
  - {id: b, run: "false", inputs: [b.txt]}
)"));
  ASSERT_EQ(ran.exit, 5) << ran.text();
  write("a.txt", "3\n");
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 5) << resumed.text();
  EXPECT_EQ(status_of(0, "status"), "failed");
  EXPECT_EQ(status_of(0, "attempt"), "2");
}

TEST_F(ResumeTest, RefusesAnEditedSpecAndAdoptsWhatHoldsUnderAReplan) {
  set_up();
  const Ran ran = apply(spec_of("steps:\n  - {id: a, run: echo a}\n  - {id: b, run: \"false\"}\n"));
  ASSERT_EQ(ran.exit, 5) << ran.text();
  const std::string old_run = status_of(0, "attempt");
  write("spec.yaml", spec_of("steps:\n  - {id: a, run: echo a}\n  - {id: b, run: \"true\"}\n"));
  const Ran refused = writ_expecting(2, {"resume"});
  EXPECT_TRUE(contains(refused.err, "writ resume --replan")) << refused.err;
  const Ran replanned = writ({"resume", "--replan"});
  EXPECT_EQ(replanned.exit, 0) << replanned.text();
  writ_expecting(0, {"verify"});
}

TEST_F(ResumeTest, AdoptsStepsThatDoNotDependOnTheTree) {
  set_up();
  write("in.txt", "1\n");
  const std::string first = "steps:\n  - {id: a, run: cat in.txt, inputs: [in.txt]}\n";
  const Ran ran = apply(spec_of(first + "  - {id: b, run: \"false\"}\n"));
  ASSERT_EQ(ran.exit, 5) << ran.text();
  write("spec.yaml", spec_of(first + "  - {id: b, run: \"true\"}\n"));
  EXPECT_EQ(writ({"resume", "--replan"}).exit, 0);
  EXPECT_NE(status_of(0, "adopted"), "");
  EXPECT_EQ(status_of(1, "adopted"), "");
}

TEST_F(ResumeTest, RefusesAProtocolThatWasEdited) {
  set_up();
  write(".writ/protocols/house.yaml",
        "writ: 1\nkind: Protocol\nid: house\nversion: 1.0.0\nauthority: enforced\n"
        "phases:\n  - id: pre\n    stage: validate\n    at: enter\n    steps:\n"
        "      - {id: ok, run: \"false\"}\n");
  const Ran ran = apply(spec_of("protocols: [house@1]\nsteps:\n  - {id: a, run: echo a}\n"));
  ASSERT_EQ(ran.exit, 5) << ran.text();
  write(".writ/protocols/house.yaml", read(".writ/protocols/house.yaml") + "# laxer\n");
  const Ran refused = writ_expecting(2, {"resume"});
  EXPECT_TRUE(contains(refused.err, ".writ/protocols/house.yaml")) << refused.err;
}

TEST_F(ResumeTest, SitsOutAShortWait) {
  set_up();
  const Ran ran =
      apply(spec_of("steps:\n  - {id: pause, wait: 300ms}\n  - {id: b, run: echo b}\n"));
  EXPECT_EQ(ran.exit, 0) << ran.text();
}

TEST_F(ResumeTest, LeavesALongWaitForLater) {
  set_up();
  const Ran ran = apply(spec_of("steps:\n  - {id: pause, wait: 2h}\n  - {id: b, run: echo b}\n"));
  EXPECT_EQ(ran.exit, 6) << ran.text();
  EXPECT_EQ(status_of(0, "status"), "waiting");
  EXPECT_EQ(status_of(1, "status"), "pending");
}

TEST_F(ResumeTest, RefusesToGoOnWithACancelledRun) {
  set_up();
  ASSERT_EQ(apply(spec_of("steps:\n  - {id: a, run: \"false\"}\n")).exit, 5);
  writ_expecting(0, {"cancel"});
  const Ran ran = writ_expecting(2, {"resume"});
  EXPECT_TRUE(contains(ran.err, "cancelled")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "writ apply")) << ran.err;
  writ_expecting(2, {"cancel"});
  EXPECT_EQ(json(writ({"status", "--json"}).out).string_or("outcome", ""), "cancelled");
}

TEST_F(ResumeTest, RunsASpecOfItsOwnAsAChild) {
  set_up();
  write("child.yaml", spec_of("steps:\n  - {id: inner, run: echo inner}\n", "id: child"));
  const Ran ran =
      apply(spec_of("steps:\n  - {id: sub, spec: child.yaml}\n  - {id: b, run: echo}\n"));
  EXPECT_EQ(ran.exit, 0) << ran.text();
  EXPECT_TRUE(contains(ran.out, "main/inner")) << ran.out;
  EXPECT_TRUE(contains(writ({"status"}).out, "main/sub")) << "the newest run is the one asked for";
  writ_expecting(0, {"verify"});
}

TEST_F(ResumeTest, FailsWithItsChildAndGoesOnWithIt) {
  set_up();
  write("child.yaml", spec_of("steps:\n  - {id: first, run: echo one, inputs: [a]}\n"
                              "  - {id: inner, run: test -e mark, inputs: [mark]}\n",
                              "id: child"));
  const Ran ran = apply(spec_of("steps:\n  - {id: sub, spec: child.yaml}\n"));
  EXPECT_EQ(ran.exit, 5) << ran.text();
  EXPECT_TRUE(contains(ran.out, "failed at main/sub")) << ran.out;
  write("mark", "");
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 0) << resumed.text();
  EXPECT_TRUE(contains(resumed.out, "2/2  main/inner")) << resumed.out;
  EXPECT_FALSE(contains(resumed.out, "1/2  main/first")) << "it stands: " << resumed.out;
  EXPECT_EQ(status_of(0, "status"), "passed");
}

TEST_F(ResumeTest, NeverTakesAChildOfAnotherTreeForProof) {
  set_up();
  write("good.txt", "yes\n");
  write("child.yaml", spec_of("steps:\n  - {id: inner, run: grep yes good.txt}\n", "id: child"));
  const Ran ran =
      apply(spec_of("steps:\n  - {id: sub, spec: child.yaml}\n  - {id: b, run: test -e mark}\n"));
  ASSERT_EQ(ran.exit, 5) << ran.text();
  write("good.txt", "no\n");
  write("mark", "");
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 5) << resumed.text();
  EXPECT_EQ(status_of(0, "status"), "failed") << "the child was attested on the tree before";
  write("good.txt", "yes indeed\n");
  const Ran again = writ({"resume"});
  EXPECT_EQ(again.exit, 0) << again.text();
}

TEST_F(ResumeTest, StopsOnRequestAndGoesOnLater) {
  set_up();
  write("slow.sh", "touch started; test -e quick || sleep 60\n");
  write("spec.yaml", spec_of("steps:\n  - {id: slow, run: sh slow.sh}\n",
                             "id: demo, repo: {outputs: [started, quick]}"));
  commit();
  const std::string code = bash(std::string(WRIT_BINARY) +
                                " apply spec.yaml >../out 2>../err & pid=$!; "
                                "until test -e started; do sleep 0.02; done; "
                                "kill -INT $pid; wait $pid || echo $?");
  EXPECT_EQ(code, "130\n") << read("../out") << read("../err");
  EXPECT_TRUE(contains(read("../err"), "writ resume")) << read("../err");
  bash("touch quick");
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 0) << resumed.text();
}

TEST_F(ResumeTest, StartsASecondRunBesideTheFirst) {
  set_up();
  ASSERT_EQ(apply(spec_of("steps:\n  - {id: a, run: \"false\"}\n")).exit, 5);
  const std::string first(text_at(json(writ({"status", "--json"}).out), {"run", "id"}));
  EXPECT_EQ(writ({"apply", "spec.yaml"}).exit, 5);
  const Ran shown = writ_expecting(0, {"status", first});
  EXPECT_TRUE(contains(shown.out, first)) << shown.out;
}

}  // namespace
}  // namespace writ::e2e
