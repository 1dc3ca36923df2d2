// writ verify, export, handoff: what a run was, for those who were not there.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class VerifyTest : public WritTest {
 protected:
  void start() {
    set_up();
    ASSERT_EQ(apply(spec_of("steps:\n  - {id: a, run: echo a, gate: exit.code == 0}\n")).exit, 0);
    writ_expecting(0, {"export", "--out", beside("run.bundle").string()});
    bash("cp .writ/trust.yaml ../trust.yaml && mkdir ../empty");
  }
  // As somebody with only the bundle and the trust file.
  Ran verify_elsewhere(const std::string& bundle = "../run.bundle") const {
    return writ({"--dir", beside("empty").string(), "verify", bundle, "--trust", "../trust.yaml"});
  }
};

TEST_F(VerifyTest, HoldsElsewhereWithBundleAndTrustAlone) {
  start();
  const Ran ran = verify_elsewhere();
  EXPECT_EQ(ran.exit, 0) << ran.text();
  EXPECT_TRUE(contains(ran.out, "verified")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "rests on")) << ran.out;
  EXPECT_TRUE(bash("ls -A ../empty").empty());
}

TEST_F(VerifyTest, TakesThePublicKeyAlone) {
  start();
  writ_expecting(0, {"keys", "export", "--out", beside("runner.pub").string()});
  const Ran ran = writ({"--dir", beside("empty").string(), "verify", "../run.bundle", "--trust",
                        "../runner.pub", "--json"});
  EXPECT_EQ(ran.exit, 0) << ran.text();
  EXPECT_TRUE(json(ran.out).bool_or("attested", false));
}

TEST_F(VerifyTest, DoesNotHoldForAKeyThatSignedNothing) {
  start();
  writ_expecting(0, {"keys", "new", "--out", reviewer()});
  const Ran ran = writ({"verify", beside("run.bundle").string(), "--trust", reviewer() + ".pub"});
  EXPECT_TRUE(ran.exit == 7 || ran.exit == 8) << ran.text();
}

TEST_F(VerifyTest, FindsEveryChangedByteItIsTriedWith) {
  start();
  const std::string bundle = read("../run.bundle");
  // Spread over the whole file: names, manifest, payloads, padding.
  for (std::size_t i = 0; i < 40; ++i) {
    std::string forged = bundle;
    const std::size_t at = i * (bundle.size() - 1) / 39;
    forged[at] = static_cast<char>(forged[at] ^ 1);
    write("../forged.bundle", forged);
    const Ran ran = verify_elsewhere("../forged.bundle");
    EXPECT_EQ(ran.exit, 7) << "byte " << at << "\n" << ran.text();
  }
}

TEST_F(VerifyTest, ProvesNothingForARunThatIsNotAttested) {
  set_up();
  ASSERT_EQ(apply(spec_of("steps:\n  - {id: a, run: \"false\"}\n")).exit, 5);
  const Ran here = writ_expecting(0, {"verify"});
  EXPECT_TRUE(contains(here.out, "not attested")) << here.out;
  writ_expecting(0, {"export", "--out", "run.bundle"});
  EXPECT_EQ(writ({"verify", "run.bundle", "--trust", ".writ/trust.yaml"}).exit, 7);
}

TEST_F(VerifyTest, NamesABlobThatWasChanged) {
  set_up();
  write("big.txt", std::string(100'000, 'x'));
  ASSERT_EQ(apply(spec_of("steps:\n  - {id: a, run: cat big.txt}\n")).exit, 0);
  writ_expecting(0, {"verify"});
  bash("for f in .writ/blobs/*/*.zst; do chmod u+w $f; printf x >> $f; done");
  const Ran ran = writ({"verify"});
  EXPECT_EQ(ran.exit, 7) << ran.text();
}

TEST_F(VerifyTest, SaysWhereARunStandsForWhoeverTakesOver) {
  set_up();
  ASSERT_EQ(apply(spec_of("steps:\n  - {id: a, run: \"false\"}\n")).exit, 5);
  const Ran ran = writ_expecting(0, {"handoff"});
  EXPECT_TRUE(ran.out.starts_with("# Handoff of demo")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "step_failed at `main/a`")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "## Compliance")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "0 of 1")) << ran.out;
  const Ran stands = writ_expecting(0, {"status"});
  EXPECT_TRUE(contains(stands.out, "  spec: 0 of 1 steps passed, not yet main/a\n")) << stands.out;
  writ_expecting(0, {"handoff", "--out", "handoff.md"});
  EXPECT_EQ(read("handoff.md"), ran.out);
}

}  // namespace
}  // namespace writ::e2e
