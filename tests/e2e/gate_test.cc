// Gates that a document gives as Rego: they open and shut with reasons, are refused where they
// stand, replay, and a changed decision is found.
#include "store_file.h"
#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr std::string_view kJunit =
    "<testsuite name=\"s\" tests=\"2\"><testcase classname=\"s\" name=\"a\"/>"
    "<testcase classname=\"s\" name=\"b\"/></testsuite>";

constexpr std::string_view kPolicy = R"(package release.gate

default allow := false

allow if {
	input.facts["tests.passed"] >= 2
	count(deny) == 0
}

deny contains sprintf("%d tests failed", [failed]) if {
	failed := input.facts["tests.failed"]
	failed > 0
}
)";

class GateTest : public WritTest {
 protected:
  // A spec whose one step reports tests and has that gate, which is YAML.
  static std::string gated(std::string_view gate) {
    return spec_of(
        "steps:\n"
        "  - id: unit\n"
        "    run: cp report.in junit.xml\n"
        "    evidence: {tests: junit.xml}\n"
        "    gate: " +
            std::string(gate) + "\n",
        "id: demo, repo: {outputs: [junit.xml]}");
  }
  // `policy` as the lines of a block below `gate:`.
  static std::string block(std::string_view policy) {
    std::string out = "\n      rego: |\n";
    for (std::size_t at = 0; at < policy.size();) {
      const std::size_t end = std::min(policy.find('\n', at), policy.size());
      out += "        " + std::string(policy.substr(at, end - at)) + "\n";
      at = end + 1;
    }
    return out;
  }
  void start(std::string_view report = kJunit) {
    write("report.in", report);
    write("policies/release.rego", kPolicy);
    set_up();
  }
  // What `writ plan` says of that gate, which it refuses, and that nothing was written.
  std::string refusal(std::string_view gate) {
    write("spec.yaml", gated(gate));
    const Ran ran = writ({"plan", "spec.yaml"});
    EXPECT_EQ(ran.exit, 2) << ran.text();
    EXPECT_FALSE(has(".writ"));
    return ran.err;
  }
};

TEST_F(GateTest, OpensByAPolicyOfTheTree) {
  start();
  const Ran ran = apply(gated("{policy: policies/release.rego}"));
  ASSERT_EQ(ran.exit, 0) << ran.text();
  EXPECT_TRUE(contains(ran.out, "attested")) << ran.out;
  const Ran why = writ_expecting(0, {"explain", "unit"});
  for (const char* part : {"rego release.gate, reads tests.failed, tests.passed", "open (open)",
                           "allow is true: tests.failed is 0, tests.passed is 2",
                           "gate.rego:5: data.release.gate.allow held"}) {
    EXPECT_TRUE(contains(why.out, part)) << part << "\n" << why.out;
  }
  writ_expecting(0, {"verify"});
}

TEST_F(GateTest, ShutsWithItsReasons) {
  start(
      "<testsuite name=\"s\"><testcase classname=\"s\" name=\"a\"><failure message=\"no\"/>"
      "</testcase></testsuite>");
  const Ran ran = apply(gated(block(kPolicy)));
  ASSERT_EQ(ran.exit, 4) << ran.text();
  EXPECT_TRUE(contains(ran.out, "1 tests failed: tests.failed is 1, tests.passed is 0")) << ran.out;
  const Ran why = writ_expecting(0, {"explain"});
  for (const char* part :
       {"shut (shut)", "   5 allow if {",
        "data.release.gate.allow did not hold: line 6: input.facts[\"tests.passed\"] >= 2",
        "input.facts[\"tests.passed\"] is 0", "data.release.gate.deny held"}) {
    EXPECT_TRUE(contains(why.out, part)) << part << "\n" << why.out;
  }
}

TEST_F(GateTest, IsInThePlanWithItsTextAndItsDigest) {
  write("report.in", kJunit);
  write("policies/release.rego", kPolicy);
  write("spec.yaml", gated("{policy: policies/release.rego}"));
  const Ran shown = writ_expecting(0, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(shown.out, "rego release.gate, reads tests.failed, tests.passed"))
      << shown.out;
  const Value plan = json(writ_expecting(0, {"plan", "spec.yaml", "--json"}).out);
  EXPECT_EQ(text_at(plan, {"plan", "steps", "0", "gate", "module"}), kPolicy);
  const auto digest = [&] {
    return writ_expecting(0, {"plan", "spec.yaml"})
        .out.substr(0, std::string("plan 012345678901").size());
  };
  const std::string before = digest();
  write("spec.yaml", gated(block(kPolicy)));
  EXPECT_EQ(digest(), before);  // where the text stands makes no difference
  write("policies/release.rego", std::string(kPolicy) + "\n# stricter\n");
  write("spec.yaml", gated("{policy: policies/release.rego}"));
  EXPECT_NE(digest(), before);
}

// The plan has the text: an edit that changes nothing must not look as if it did.
TEST_F(GateTest, IsNotTheGateOfTheRunOnceItsFileWasEdited) {
  start("<testsuite name=\"s\"><testcase classname=\"s\" name=\"a\"/></testsuite>");
  EXPECT_EQ(apply(gated("{policy: policies/release.rego}")).exit, 4) << "it asks for two tests";
  std::string lax(kPolicy);
  lax.replace(lax.find(">= 2"), 4, ">= 1");
  write("policies/release.rego", lax);
  const Ran ran = writ_expecting(2, {"resume"});
  EXPECT_TRUE(contains(ran.err, "policies/release.rego was edited since run")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "writ resume --replan")) << ran.err;
  write("policies/release.rego", "package release.gate\nallow if\n");
  EXPECT_TRUE(contains(writ_expecting(2, {"resume"}).err, "policies/release.rego:"));
  write("policies/release.rego", kPolicy);
  EXPECT_EQ(writ({"resume"}).exit, 4) << "it is as it was";
  write("policies/release.rego", lax);
  const Ran replanned = writ({"resume", "--replan"});
  EXPECT_EQ(replanned.exit, 0) << replanned.text();
}

TEST_F(GateTest, IsRefusedWhereItStands) {
  const auto refused = [&](std::string_view policy) { return refusal(block(policy)); };
  EXPECT_TRUE(contains(refused("package g\nallow if input.facts[\"tests.faild\"] == 0"),
                       "spec.yaml:11:30  there is no fact `tests.faild` (did you mean "
                       "`tests.failed`?)"));
  EXPECT_TRUE(contains(refused("package g\nallow if input.facts[\"tests.faild\"] == 0"),
                       "\n    11 |         allow if input.facts[\"tests.faild\"] == 0\n       | " +
                           std::string(29, ' ') + "^\n"));
  EXPECT_TRUE(contains(refused("package g\nallow if {\n  input.facts[\"tests.failed\"] ==\n}"),
                       "spec.yaml:13:9  rego_parse_error: unexpected } token"));
  EXPECT_TRUE(contains(refused("package g\nallow if input.facts[\"scan.files\"] > 0"),
                       "spec.yaml:11:30  `scan.files` comes from scan evidence, and no step that "
                       "this gate looks at makes any"));
  EXPECT_TRUE(contains(refused("package g\nallow if input.facts[\"tests.failed\"] < time.now_ns()"),
                       "`time.now_ns` does not say the same for ever, and a gate must replay"));
  EXPECT_TRUE(contains(refused("package g\nallow if input.facts[\"tests.failed\"] < data.most"),
                       "there is no data.most: a gate is one module and has no data"));
}

TEST_F(GateTest, IsRefusedInItsFile) {
  write("g.rego", "package g\n\nallow if input.facts[\"tests.failed\"] == x\n");
  EXPECT_TRUE(
      contains(refusal("{policy: g.rego}"), "g.rego:3:10  rego_unsafe_var_error: var x is unsafe"));
  EXPECT_TRUE(
      contains(refusal("{policy: none.rego}"), "spec.yaml:8:20  there is no file none.rego"));
  EXPECT_TRUE(contains(refusal("{policy: ../g.rego}"), "the path `../g.rego` has `..` in it"));
  EXPECT_TRUE(contains(refusal("{policy: g.rego, rego: \"package g\"}"),
                       "a gate in Rego is either written here or in a file"));
}

TEST_F(GateTest, StaysShutWhenThePolicyHasNoEnd) {
  start();
  const Ran ran = apply(gated(
      block("package g\nn := numbers.range(1, 1000)\nallow if {\n  some a in n\n  some b in n\n"
            "  some c in n\n  a + b + c < input.facts[\"tests.failed\"]\n}")));
  EXPECT_EQ(ran.exit, 4) << ran.text();
  EXPECT_TRUE(contains(ran.out, "query took too many steps")) << ran.out;
}

TEST_F(GateTest, GivesItsPolicyAndFactsToAnyOpa) {
  start();
  ASSERT_EQ(apply(gated("{policy: policies/release.rego}")).exit, 0);
  writ_expecting(0, {"explain", "unit", "--rego", "../replay"});
  EXPECT_EQ(bash("cat ../replay/gate.rego"), kPolicy);
  const auto eval = [&] {
    return writ_expecting(0, {"policy", "eval", "-d", "../replay/gate.rego", "-i",
                              "../replay/input.json", "-f", "values", "data.release.gate.allow"})
        .out;
  };
  EXPECT_TRUE(contains(eval(), "true")) << eval();
  bash("sed -i 's/\"tests.failed\":0/\"tests.failed\":1/' ../replay/input.json");
  EXPECT_TRUE(contains(eval(), "false")) << eval();
}

TEST_F(GateTest, IsExplainedByStepAndByDecisionId) {
  start();
  ASSERT_EQ(apply(gated("{policy: policies/release.rego}")).exit, 0);
  const Value told = json(writ_expecting(0, {"policy", "explain", "latest/unit", "--json"}).out);
  const std::string id = text_at(told, {"decision_id"});
  EXPECT_EQ(text_at(told, {"event", "decision_id"}), id);
  EXPECT_EQ(text_at(told, {"event", "path"}), "writ/gate/decision");
  EXPECT_EQ(text_at(told, {"event", "gate", "step"}), "main/unit");
  EXPECT_EQ(text_at(told, {"event", "correlation_id"}), text_at(told, {"event", "gate", "run"}));
  EXPECT_EQ(text_at(told, {"candidates", "0", "outcome"}), "held");
  EXPECT_TRUE(at(told, {"agrees"}).as_bool());
  const Ran why = writ_expecting(0, {"policy", "explain", id});
  for (const char* part :
       {"it was open, and is with the facts that were kept: allow is true",
        "gate of step main/unit, attempt 1, of run ",
        "gate.rego:10: data.release.gate.deny did not hold: line 12: failed > 0"}) {
    EXPECT_TRUE(contains(why.out, part)) << part << "\n" << why.out;
  }
}

TEST_F(GateTest, ExplainsTheRowsOfATableToo) {
  start();
  ASSERT_EQ(apply(gated("tests.failed == 0 and tests.passed >= 2")).exit, 0);
  const Ran why = writ_expecting(0, {"policy", "explain", "latest/unit"});
  EXPECT_TRUE(contains(why.out, "policy tests.failed == 0 and tests.passed >= 2\nit was open"))
      << why.out;
  EXPECT_TRUE(contains(why.out, "data.writ.gate.decision held")) << why.out;
}

TEST_F(GateTest, AChangedDecisionIsFound) {
  start();
  ASSERT_EQ(apply(gated("{policy: policies/release.rego}")).exit, 0);
  writ_expecting(0, {"verify"});
  const std::string id = text_at(
      json(writ_expecting(0, {"policy", "explain", "latest/unit", "--json"}).out), {"decision_id"});
  bash("cp .writ/writ.db ../good.db");
  const struct {
    const char* from;
    const char* to;
  } cases[] = {{"\"outcome\":\"open\"", "\"outcome\":\"shut\""},
               {"tests.passed\\\"] >= 2", "tests.passed\\\"] >= 1"},
               {"\"tests.passed\":2", "\"tests.passed\":3"},
               {"writ.facts/v1", "writ.facts/v9"},
               {"writ.rego-gate/v1", "writ.rego-gate/v9"}};
  for (const auto& c : cases) {
    bash("rm -f .writ/writ.db-wal .writ/writ.db-shm; cp ../good.db .writ/writ.db");
    const std::string from = c.from;
    const bool is_changed =
        change_row(root() / ".writ" / "writ.db", "run_decision", [&](std::string& value) {
          const std::size_t at = value.find(from);
          if (at == std::string::npos) return false;
          value.replace(at, from.size(), c.to);
          return true;
        });
    ASSERT_TRUE(is_changed) << "no " << from;
    const Ran ran = writ({"verify"});
    EXPECT_EQ(ran.exit, 7) << from << "\n" << ran.text();
    // Nor does explaining it look for it elsewhere.
    if (!from.starts_with("writ.")) continue;
    const Ran told = writ_expecting(7, {"policy", "explain", id});
    EXPECT_TRUE(contains(told.err, "a row of run_decision is broken: the ")) << told.text();
    EXPECT_TRUE(contains(told.err, " kept for step ")) << told.text();
  }
}

TEST_F(GateTest, ADecisionThatIsNowhereIsLookedForElsewhere) {
  const std::string id = "0190a5a4-0000-7000-8000-000000000000";
  const Ran unset = writ_expecting(2, {"policy", "explain", id});
  EXPECT_TRUE(contains(unset.err, "is not set up for Writ")) << unset.err;
  set_up();
  const Ran nowhere = writ_expecting(2, {"policy", "explain", id});
  EXPECT_TRUE(contains(nowhere.err, "where is the decision kept? No gate of this project has it"))
      << nowhere.err;
  const Ran other = writ_expecting(2, {"policy", "explain", "latest/unit"});
  EXPECT_FALSE(contains(other.err, "where is the decision kept?")) << other.err;
}

// Made by a Writ that knew rule tables alone, also for the check of a law that names none.
TEST_F(GateTest, ARunFromBeforeStillVerifies) {
  const std::string data = WRIT_SOURCE_DIR "/tests/e2e/testdata/gates_as_tables";
  const Ran ran = writ_expecting(0, {"verify", data + ".bundle", "--trust", data + ".trust.yaml"});
  for (const char* part : {"9 events, 3 pieces of evidence, 2 decisions", "✔ steps_passed",
                           "step main/review: approval by reviewer"}) {
    EXPECT_TRUE(contains(ran.out, part)) << part << "\n" << ran.out;
  }
}

TEST_F(GateTest, TwoLawsMayNotWantDifferentPoliciesUnderOneName) {
  write("spec.yaml", gated("tests.failed == 0") +
                         "attest:\n"
                         "  - {name: good, gate: {policy: a.rego}}\n"
                         "protocols: [ours@1]\n");
  write("a.rego", "package g\nallow if input.facts[\"tests.failed\"] == 0\n");
  write("b.rego", "package g\nallow if input.facts[\"tests.failed\"] < 1\n");
  const auto law = [&](std::string_view policy) {
    write(".writ/protocols/ours.yaml",
          "writ: 1\nkind: Protocol\nid: ours\nversion: 1.0.0\nauthority: enforced\nphases: []\n"
          "attest:\n  - {name: good, gate: {policy: " +
              std::string(policy) + "}}\n");
    return writ({"plan", "spec.yaml"});
  };
  EXPECT_EQ(law("a.rego").exit, 0) << law("a.rego").text();
  const Ran refused = law("b.rego");
  EXPECT_EQ(refused.exit, 2) << refused.text();
  EXPECT_TRUE(
      contains(refused.err, "`attest/good` has another gate at .writ/protocols/ours.yaml:8"))
      << refused.err;
}

}  // namespace
}  // namespace writ::e2e
