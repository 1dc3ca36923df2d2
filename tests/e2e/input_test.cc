// Inputs (LAW-24): bound before anything runs, by path or URI, and held to their digest.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class InputTest : public WritTest {
 protected:
  void start() {
    write(".writ/protocols/house.yaml",
          "writ: 1\nkind: Protocol\nid: house\nversion: 1.0.0\nauthority: default\n"
          "requires: {inputs: [{name: design, title: The design, type: text}]}\n");
    write("docs/design.md", "# Design\n");
    set_up();
  }
  static std::string spec(std::string_view inputs) {
    return spec_of("protocols: [house@1]\n" + std::string(inputs) +
                   "steps:\n  - {id: mark, run: touch mark.txt}\n  - {id: ask, wait: 1h}\n");
  }
};

TEST_F(InputTest, IsRefusedUnboundBeforeAnythingRunsAndSaysHowToBindIt) {
  start();
  write("spec.yaml", spec(""));
  const std::string before = listing();
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err, "the input `design` (The design), and nothing binds it"));
  EXPECT_TRUE(contains(ran.err, "--input design=PATH")) << ran.err;
  EXPECT_FALSE(has("mark.txt"));
  EXPECT_EQ(listing(), before);
}

TEST_F(InputTest, IsBoundOnTheCommandLineWithItsDigest) {
  start();
  write("spec.yaml", spec(""));
  const std::string digest = bash("sha256sum docs/design.md").substr(0, 64);
  const Value plan = json(
      writ_expecting(0, {"plan", "spec.yaml", "--input", "design=docs/design.md", "--json"}).out);
  EXPECT_EQ(text_at(plan, {"plan", "inputs", "0", "digest"}), digest);
  const Ran ran = writ({"apply", "spec.yaml", "--input", "design=docs/design.md"});
  EXPECT_EQ(ran.exit, 6) << ran.text();
  EXPECT_TRUE(has("mark.txt"));
  EXPECT_EQ(writ({"plan", "spec.yaml", "--input", "design=a", "--input", "design=b"}).exit, 2);
}

TEST_F(InputTest, IsNotTheDocumentOfTheRunOnceItWasEdited) {
  start();
  write("spec.yaml", spec("inputs: {design: docs/design.md}\n"));
  commit();
  EXPECT_EQ(writ({"apply", "spec.yaml"}).exit, 6);
  write("docs/design.md", "# Another design\n");
  const Ran ran = writ_expecting(2, {"resume"});
  EXPECT_TRUE(contains(ran.err, "docs/design.md was edited")) << ran.err;
  EXPECT_EQ(writ({"resume", "--replan"}).exit, 6);
}

TEST_F(InputTest, OfAUriIsTheCopyThatHasTheDeclaredDigest) {
  start();
  const std::string digest = bash("sha256sum docs/design.md").substr(0, 64);
  const std::string uri = "inputs: {design: {uri: \"https://example.org/d\"";
  write("spec.yaml", spec(uri + "}}\n"));
  EXPECT_TRUE(contains(writ_expecting(2, {"plan", "spec.yaml"}).err, "no digest says"));
  const std::string pinned = uri + ", digest: \"sha256:" + digest + "\"";
  write("spec.yaml", spec(pinned + ", copy: docs/design.md}}\n"));
  const Ran shown = writ_expecting(0, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(shown.out, "https://example.org/d")) << shown.out;
  write("docs/design.md", "# Forged\n");
  const Ran forged = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(forged.err, "spec.yaml:")) << forged.err;
  EXPECT_TRUE(contains(forged.err, digest)) << forged.err;
  EXPECT_FALSE(has("mark.txt"));
}

}  // namespace
}  // namespace writ::e2e
