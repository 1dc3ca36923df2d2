// Approvals and blockers: other people's signed words.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class ApprovalTest : public WritTest {
 protected:
  // A run that waits for main/review.
  void start() {
    set_up();
    trust_reviewer();
    const Ran ran =
        apply(spec_of("steps:\n  - {id: work, run: echo done}\n"
                      "  - {id: review, approval: {by: role:maintainer, not: runner}}\n"));
    ASSERT_EQ(ran.exit, 6) << ran.text();
    EXPECT_TRUE(contains(ran.out, "next: writ approve latest main/review --key FILE")) << ran.out;
  }
};

TEST_F(ApprovalTest, GoesOnOnceAnotherKeyApproved) {
  start();
  EXPECT_EQ(writ({"resume"}).exit, 6);
  writ_expecting(0, {"approve", "latest", "main/review", "--key", reviewer()});
  const Ran ran = writ({"resume"});
  EXPECT_EQ(ran.exit, 0) << ran.text();
  const Ran verified = writ_expecting(0, {"verify"});
  EXPECT_TRUE(contains(verified.out, "reviewer")) << verified.out;
}

TEST_F(ApprovalTest, RefusesTheRunnersOwnKey) {
  start();
  const Ran ran = writ({"approve", "latest", "main/review"});
  EXPECT_EQ(ran.exit, 8) << ran.text();
  EXPECT_EQ(writ({"resume"}).exit, 6);
}

TEST_F(ApprovalTest, RefusesAKeyThatNobodyTrusts) {
  start();
  const std::string stranger = beside("stranger.key").string();
  writ_expecting(0, {"keys", "new", "--out", stranger});
  EXPECT_EQ(writ({"approve", "latest", "main/review", "--key", stranger}).exit, 8);
}

TEST_F(ApprovalTest, DoesNotTrustAKeyThatTheChangeItselfBrought) {
  start();
  const std::string stranger = beside("stranger.key").string();
  writ_expecting(0, {"keys", "new", "--out", stranger});
  writ_expecting(0, {"trust", "add", "--role", "maintainer", stranger + ".pub"});
  EXPECT_EQ(writ({"approve", "latest", "main/review", "--key", stranger}).exit, 8);
}

TEST_F(ApprovalTest, DoesNotApproveAnotherTreeThanTheOneThatWasSeen) {
  start();
  writ_expecting(0, {"approve", "latest", "main/review", "--key", reviewer()});
  write("later.txt", "after the approval\n");
  const Ran ran = writ({"resume"});
  EXPECT_EQ(ran.exit, 6) << ran.text();
}

TEST_F(ApprovalTest, FailsTheStepThatWasRejected) {
  start();
  writ_expecting(
      0, {"reject", "latest", "main/review", "--key", reviewer(), "--reason", "no test for it"});
  const Ran ran = writ({"resume"});
  EXPECT_EQ(ran.exit, 5) << ran.text();
  EXPECT_TRUE(contains(ran.out, "no test for it")) << ran.out;
}

TEST_F(ApprovalTest, RefusesWhatIsNotWaiting) {
  start();
  EXPECT_EQ(writ({"approve", "latest", "main/work", "--key", reviewer()}).exit, 2);
  EXPECT_EQ(writ({"approve", "latest", "main/none", "--key", reviewer()}).exit, 2);
  EXPECT_EQ(writ({"approve", "no-such-run", "main/review", "--key", reviewer()}).exit, 2);
}

TEST_F(ApprovalTest, OpensAKeyUnderItsPassphraseOnly) {
  environment_["WRIT_KEY_PASSPHRASE"] = "correct horse";
  set_up();
  trust_reviewer();
  const Ran ran = apply(spec_of("steps:\n  - {id: review, approval: {by: role:maintainer}}\n"));
  ASSERT_EQ(ran.exit, 6) << ran.text();
  environment_["WRIT_KEY_PASSPHRASE"] = "wrong";
  EXPECT_EQ(writ({"approve", "latest", "main/review", "--key", reviewer()}).exit, 8);
  environment_["WRIT_KEY_PASSPHRASE"] = "correct horse";
  writ_expecting(0, {"approve", "latest", "main/review", "--key", reviewer()});
}

TEST_F(ApprovalTest, LiftsABlockerThatDoesNotClearItself) {
  set_up();
  trust_reviewer();
  const Ran ran =
      apply(spec_of("steps:\n  - {id: unclear, run: \"false\", blocks: SPEC_BLOCKER}\n"));
  ASSERT_EQ(ran.exit, 3) << ran.text();
  const Value status = json(writ_expecting(0, {"status", "--json"}).out);
  ASSERT_EQ(size_at(status, {"blockers"}), 1u);
  const Value blocker = at(status, {"blockers", "0"});
  EXPECT_EQ(blocker.string_or("kind", ""), "SPEC_BLOCKER");
  const std::string id(blocker.string_or("id", ""));
  EXPECT_EQ(writ({"resume"}).exit, 3) << "it does not clear by trying again";
  writ_expecting(2, {"resolve", "latest", id});  // a key is asked for
  writ_expecting(0, {"resolve", "latest", id, "--key", reviewer(), "--reason", "clarified"});
  EXPECT_EQ(writ({"resume"}).exit, 3) << "the check itself still fails, and blocks again";
  EXPECT_EQ(writ({"resolve", "latest", id, "--key", reviewer()}).exit, 2) << "resolved already";
}

}  // namespace
}  // namespace writ::e2e
