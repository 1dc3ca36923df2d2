// The order book of examples/orders, walked as its README says: every command, and its exit code.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr std::string_view kLie = R"(writ: 1
kind: Spec
module: {id: orders.claim}
steps:
  - id: tests
    run: echo "16 tests ran, all tests passed"
    evidence: {tests: REPORT}
    gate: tests.failed == 0 and tests.passed >= 12
)";

class OrdersTest : public WritTest {
 protected:
  // Blocked, mended, approved and attested; the bundle lies beside the repository.
  void attest() const {
    copy_and_set_up();
    writ_expecting(3, {"apply", "spec.yaml"});
    bash("git apply fix.patch");
    writ_expecting(6, {"resume"});
    approve_with_reviewer();
    writ_expecting(0, {"resume"});
    writ_expecting(0, {"export", "--out", "../run.bundle"});
  }

  void copy_and_set_up() const {
    bash("cp -r '" WRIT_SOURCE_DIR "/examples/orders/.' . && rm -rf build .writ");
    writ_expecting(0, {"init"});
    writ_expecting(0, {"keys", "new", "--out", "../reviewer.key"});
    writ_expecting(0, {"trust", "add", "--role", "maintainer", "../reviewer.key.pub"});
    commit();
  }

  void approve_with_reviewer() const {
    writ_expecting(0,
                   {"approve", "latest", "review/second-pair-of-eyes", "--key", "../reviewer.key"});
  }

  // An empty directory with nothing but the bundle and the public keys.
  std::string elsewhere() const {
    bash("mkdir -p ../elsewhere && cp ../run.bundle .writ/trust.yaml ../elsewhere");
    return beside("elsewhere").string();
  }

  std::string lie_about(std::string_view report) const {
    std::string spec(kLie);
    return spec.replace(spec.find("REPORT"), 6, report);
  }
};

TEST_F(OrdersTest, BlocksAtTheFunctionThatPretendsNamingFileAndLine) {
  copy_and_set_up();
  const Ran ran = writ_expecting(3, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.out, "src/book.cc:86:3  pass-only-body")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "next: fix src/book.cc:86, then  writ resume")) << ran.out;
  EXPECT_FALSE(has("build"));  // nothing was built of it
}

TEST_F(OrdersTest, WaitsForAnotherKeyThanTheRunnersAndIsAttestedThen) {
  copy_and_set_up();
  writ_expecting(3, {"apply", "spec.yaml"});
  bash("git apply fix.patch");
  const Ran waiting = writ_expecting(6, {"resume"});
  EXPECT_TRUE(contains(waiting.out, "waiting at review/second-pair-of-eyes")) << waiting.out;
  const Ran own = writ_expecting(8, {"approve", "latest", "review/second-pair-of-eyes"});
  EXPECT_TRUE(contains(own.err, "cannot approve")) << own.err;
  writ_expecting(6, {"resume"});
  approve_with_reviewer();
  EXPECT_TRUE(contains(writ_expecting(0, {"resume"}).out, "  attested\n"));
  const Ran verified = writ_expecting(0, {"verify"});
  EXPECT_TRUE(contains(verified.out, "✔ tests_pass")) << verified.out;
  EXPECT_TRUE(contains(verified.out, "approval by reviewer")) << verified.out;
}

TEST_F(OrdersTest, VerifiesElsewhereWithNothingButTheBundleAndTheTrustFile) {
  attest();
  const Ran ran = writ_expecting(
      0, {"--dir", elsewhere(), "verify", "run.bundle", "--trust", "trust.yaml", "--json"});
  const Value said = json(ran.out);
  EXPECT_EQ(at(said, {"verified"}), Value(true));
  EXPECT_EQ(at(said, {"attested"}), Value(true));
  EXPECT_EQ(bash("ls -A ../elsewhere"), "run.bundle\ntrust.yaml\n");
}

TEST_F(OrdersTest, FindsTheOneByteThatWasEditedInABundle) {
  attest();
  const std::string there = elsewhere();
  bash(
      "cd ../elsewhere && at=$(grep -abo '\"tests.passed\":16' run.bundle | head -n 1 | cut -d: "
      "-f1)"
      " && printf 9 | dd of=run.bundle bs=1 seek=$((at + 15)) conv=notrunc status=none"
      " && ! cmp -s run.bundle ../run.bundle");
  const Ran ran =
      writ_expecting(7, {"--dir", there, "verify", "run.bundle", "--trust", "trust.yaml"});
  EXPECT_TRUE(contains(ran.err, "is not what the manifest says")) << ran.err;
}

TEST_F(OrdersTest, KeepsTheGateShutToWhoOnlySaysThatTestsPassed) {
  attest();
  // The report of the honest run still lies there.
  ASSERT_TRUE(has("build/junit.xml"));
  write("claim.yaml", lie_about("build/junit.xml"));
  const Ran ran = writ_expecting(4, {"apply", "claim.yaml"});
  EXPECT_TRUE(contains(ran.out, "build/junit.xml was there before the step")) << ran.out;
  const Ran why = writ_expecting(0, {"explain"});
  EXPECT_TRUE(contains(why.out, "tests.passed                 absent")) << why.out;
  write("claim.yaml", lie_about("stdout"));
  const Ran printed = writ_expecting(4, {"apply", "claim.yaml"});
  EXPECT_TRUE(contains(printed.out, "this is no test report that Writ knows")) << printed.out;
}

}  // namespace
}  // namespace writ::e2e
