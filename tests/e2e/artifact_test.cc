// What a run leaves, in its declared order, and the register that a protocol asks for (LAW-12),
// through the real binary.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr std::string_view kHead = "writ: 1\nkind: Protocol\nversion: 1.0.0\n";

class ArtifactTest : public WritTest {
 protected:
  // Artifacts in the order that a module generator hands them over in.
  void start(const std::string& artifacts) {
    write(".writ/protocols/order.yaml", std::string(kHead) + "id: order\nauthority: enforced\n" +
                                            "artifacts:\n" + artifacts +
                                            "phases:\n"
                                            "- id: last\n  stage: evidence\n  at: exit\n"
                                            "  steps:\n"
                                            "  - {id: scope, check: scope}\n"
                                            "  - {id: artifacts, check: artifacts, blocks: "
                                            "FIX_REQUIRED}\n"
                                            "attest: [artifacts_complete]\n");
    write("src/book.cc", "int submit(int id) { return id; }\n");
    write("tests/book_test.cc", "int main() { return 0; }\n");
    write("test.sh", "echo '<testsuite><testcase name=\"a\"/></testsuite>' > junit.xml\n");
    set_up();
    write("spec.yaml", R"(writ: 1
kind: Spec
module: {id: demo, repo: {outputs: [junit.xml, extract.md]}}
protocols: [order@1]
artifacts:
- {name: wiring, path: src/main.cc}
phases:
- {id: extract, stage: extract, steps: [{id: read, run: sh -c "echo found > extract.md", evidence: {file: extract.md}}]}
- {id: test, stage: validate, steps: [{id: unit, run: sh test.sh, evidence: {tests: junit.xml}}]}
)");
    commit();
  }
};

constexpr std::string_view kArtifacts =
    "- {name: extractions, evidence: file}\n"
    "- {name: code, path: \"src/**\"}\n"
    "- {name: tests, path: \"tests/**\"}\n"
    "- {name: evidence, evidence: tests}\n"
    "- {name: readme, path: README.md}\n"
    "- {name: manifest, evidence: diff}\n"
    "- {name: attestation, evidence: attestation}\n";

TEST_F(ArtifactTest, ThatIsMissingKeepsTheGateShutAndIsNamedAndAllAreAttestedInOrder) {
  start(std::string(kArtifacts));
  const Ran plan = writ_expecting(0, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(plan.out, "leaves behind, in this order\n  1 extractions")) << plan.out;
  const Ran shut = writ({"apply", "spec.yaml"});
  EXPECT_EQ(shut.exit, 3) << shut.text();
  EXPECT_TRUE(contains(shut.out, "2 artifacts missing")) << shut.out;
  EXPECT_TRUE(contains(shut.out, "artifact `readme` is missing: no file of the tree is README.md"))
      << shut.out;
  EXPECT_TRUE(contains(shut.out, "artifact `wiring` is missing")) << shut.out;
  write("README.md", "# Book\n");
  write("src/main.cc", "int main() {}\n");
  writ_expecting(0, {"resume"});
  const Ran verified = writ_expecting(0, {"verify"});
  EXPECT_TRUE(contains(verified.out, "artifacts_complete")) << verified.out;
  writ_expecting(0, {"export", "--out", beside("run.bundle").string()});
  const Value statement =
      json(bash("tar -xOf ../run.bundle attestation.dsse.json | "
                "sed 's/.*\"payload\":\"\\([^\"]*\\)\".*/\\1/' | base64 -d"));
  const Value listed = at(statement, {"predicate", "artifacts"});
  std::vector<std::string> names;
  for (const Value& artifact : listed.as_array()) {
    names.emplace_back(artifact.string_or("name", ""));
    EXPECT_EQ(artifact.string_or("digest", "").size(), 71u) << names.back();
  }
  EXPECT_EQ(names, (std::vector<std::string>{"extractions", "code", "tests", "evidence", "readme",
                                             "manifest", "wiring"}));
  const Ran handoff = writ_expecting(0, {"handoff"});
  EXPECT_TRUE(contains(handoff.out, "## Artifacts, in the order in which they are made"))
      << handoff.out;
  EXPECT_TRUE(contains(handoff.out, "| 5 | readme | `")) << handoff.out;
  const Ran elsewhere =
      writ({"verify", beside("run.bundle").string(), "--trust", ".writ/trust.yaml"});
  EXPECT_EQ(elsewhere.exit, 0) << elsewhere.text();
}

TEST_F(ArtifactTest, InAnotherOrderThanThePlanMakesThemIsRefused) {
  start("- {name: evidence, evidence: tests}\n- {name: extractions, evidence: file}\n");
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err,
                       "order.yaml:8:3  artifact `extractions` is declared after "
                       "`evidence`, and the plan makes it in step `extract/read`, which "
                       "does not wait for step `test/unit`"))
      << ran.err;
  EXPECT_TRUE(contains(ran.err, "remedy: Turn the two round")) << ran.err;
}

class RegisterTest : public WritTest {
 protected:
  void start(const std::string& names_it) {
    write(".writ/protocols/reg.yaml",
          std::string(kHead) +
              "id: reg\nrequires: {register: [dependencies, trust_boundaries]}\n"
              "phases:\n- {id: look, stage: evidence, steps: [{id: register, check: register, "
              "blocks: FIX_REQUIRED}]}\nattest: [register_complete]\n");
    set_up();
    write("spec.yaml",
          spec_of("protocols: [reg@1]\n" + names_it + "steps:\n  - {id: work, run: \"true\"}\n"));
    commit();
  }
};

TEST_F(RegisterTest, ThatIsAskedForAndNotNamedIsRefusedWithARemedy) {
  start("");
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err,
                       "SPEC_BLOCKER: reg@1.0.0 asks for a register (dependencies, "
                       "trust_boundaries), and the spec names none"))
      << ran.err;
  EXPECT_TRUE(contains(ran.err, "add `register: <path>`")) << ran.err;
}

TEST_F(RegisterTest, BlocksUntilItIsThereWholeAndAsItsContractWantsIt) {
  start("register: docs/register.yaml\n");
  const Ran absent = writ({"apply", "spec.yaml"});
  EXPECT_EQ(absent.exit, 3) << absent.text();
  EXPECT_TRUE(contains(absent.out, "there is no register here")) << absent.out;
  const std::string half =
      "writ: 1\nkind: Register\ndependencies:\n- {name: libsodium, version: 1.0.18, purpose: "
      "signatures}\n";
  write("docs/register.yaml", half);
  const Ran partial = writ({"resume"});
  EXPECT_EQ(partial.exit, 3) << partial.text();
  EXPECT_TRUE(contains(partial.out, "the register has no `trust_boundaries`")) << partial.out;
  write("docs/register.yaml", half + "trust_boundaries:\n- {id: api, from: browser, to: server}\n");
  const Ran broken = writ({"resume"});
  EXPECT_EQ(broken.exit, 3) << broken.text();
  EXPECT_TRUE(contains(broken.out, "docs/register.yaml:6:3")) << broken.out;
  write("docs/register.yaml", half + "trust_boundaries: {none: It listens to nobody}\n");
  writ_expecting(0, {"resume"});
  EXPECT_TRUE(contains(writ_expecting(0, {"verify"}).out, "register_complete"));
}

}  // namespace
}  // namespace writ::e2e
