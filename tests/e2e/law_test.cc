// Laws of a run through the real binary: budgets (LAW-11), risk (LAW-16), what is left open
// (LAW-18), overrides (LAW-04) and facts.
#include <algorithm>
#include <fstream>
#include <regex>

#include "writ_shell.h"

namespace writ::e2e {
namespace {

class BudgetTest : public WritTest {
 protected:
  // A step that writes `files` files of `lines` lines each, under `budget`.
  Ran change(const std::string& budget, int files, int lines) {
    write("change.sh", "for f in $(seq " + std::to_string(files) + "); do seq " +
                           std::to_string(lines) + " > new$f.txt; done\n");
    set_up();
    return apply(spec_of("budget: {" + budget + "}\nsteps:\n  - {id: work, run: sh change.sh}\n"));
  }
};

TEST_F(BudgetTest, OfFilesShutsTheGateAndNamesTheNumbers) {
  const Ran ran = change("max_files: 2", 3, 1);
  EXPECT_EQ(ran.exit, 4) << ran.text();
  EXPECT_TRUE(contains(ran.out, "max_files is 3 changed files, allowed is 2")) << ran.out;
}

TEST_F(BudgetTest, OfLinesAFileNamesTheFile) {
  const Ran ran = change("max_lines_per_file: 10", 1, 11);
  EXPECT_EQ(ran.exit, 4) << ran.text();
  EXPECT_TRUE(contains(ran.out, "new1.txt")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "max_lines_per_file is 11 lines, allowed is 10")) << ran.out;
}

TEST_F(BudgetTest, OfAllLinesCountsEveryFile) {
  const Ran ran = change("max_total_lines: 20", 3, 9);
  EXPECT_EQ(ran.exit, 4) << ran.text();
  EXPECT_TRUE(contains(ran.out, "max_total_lines is")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "allowed is 20")) << ran.out;
}

TEST_F(BudgetTest, HoldsForAnEditByHandWhateverTheLawChecks) {
  set_up();
  write("spec.yaml", spec_of("budget: {max_files: 1}\nsteps:\n  - {id: look, run: \"true\"}\n"));
  commit();
  write("a.txt", "a\n");
  write("b.txt", "b\n");
  const Ran ran = writ({"apply", "spec.yaml"});
  EXPECT_EQ(ran.exit, 4) << ran.text();
  EXPECT_TRUE(contains(ran.out, "max_files is 2 changed files, allowed is 1")) << ran.out;
  bash("rm b.txt");
  EXPECT_EQ(writ({"resume"}).exit, 0);
}

TEST_F(BudgetTest, OfIterationsCountsAttempts) {
  set_up();
  const Ran ran = apply(
      spec_of("budget: {max_iterations: 1}\nsteps:\n  - {id: flaky, run: test -e fixed.txt}\n",
              "id: demo, repo: {outputs: [fixed.txt]}"));
  EXPECT_EQ(ran.exit, 5) << ran.text();
  write("fixed.txt", "");
  const Ran again = writ({"resume"});
  EXPECT_EQ(again.exit, 4) << again.text();
  EXPECT_TRUE(contains(again.out, "max_iterations is 2 attempts of this step, allowed is 1"))
      << again.out;
}

TEST_F(BudgetTest, OfTimeCountsTimeAtWork) {
  set_up();
  const Ran ran =
      apply(spec_of("budget: {active: 1ms}\nsteps:\n  - {id: slow, run: sleep 0.05}\n"));
  EXPECT_EQ(ran.exit, 4) << ran.text();
  EXPECT_TRUE(contains(ran.out, "active is")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "allowed is 1ms")) << ran.out;
}

constexpr std::string_view kUsage =
    R"({"calls": [{"model": "m", "input_tokens": 900, "output_tokens": 150, "usd": 0.25}]})";

std::string asking(const std::string& budget) {
  return spec_of(
      "budget: {" + budget +
          "}\nsteps:\n  - id: ask\n    external: {by: role:maintainer, instructions: Ask "
          "a model}\n    evidence: {usage: usage.json}\n",
      "id: demo, repo: {outputs: [usage.json]}");
}

TEST_F(BudgetTest, OfTokensAndMoneyIsMeasuredByUsageEvidence) {
  set_up();
  trust_reviewer();
  for (const auto& [budget, said, exit] :
       {std::tuple{"max_tokens: 1000", "max_tokens is 1050 tokens spent, allowed is 1000", 4},
        std::tuple{"max_usd: 0.2",
                   "max_usd is 250000 millionths of a US dollar spent, allowed is "
                   "200000",
                   4},
        std::tuple{"max_tokens: 1050, max_usd: 0.25", "", 0}}) {
    ASSERT_EQ(apply(asking(budget)).exit, 6);
    write("usage.json", kUsage);
    writ_expecting(
        0, {"submit", "latest", "main/ask", "--key", reviewer(), "--evidence", "usage.json"});
    const Ran ran = writ({"resume"});
    EXPECT_EQ(ran.exit, exit) << ran.text();
    EXPECT_TRUE(contains(ran.out, said)) << ran.out;
  }
}

TEST_F(BudgetTest, ThatNothingMeasuresIsRefused) {
  set_up();
  write("spec.yaml", spec_of("budget: {max_tokens: 10}\nsteps:\n  - {id: a, run: echo}\n"));
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err, "spec.yaml:4:")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "usage evidence")) << ran.err;
}

TEST_F(BudgetTest, UsageThatIsNoneFailsTheStep) {
  set_up();
  trust_reviewer();
  ASSERT_EQ(apply(asking("max_tokens: 1000")).exit, 6);
  write("usage.json", R"({"calls": [{"input_tokens": -5, "output_tokens": 1}]})");
  writ_expecting(0,
                 {"submit", "latest", "main/ask", "--key", reviewer(), "--evidence", "usage.json"});
  EXPECT_EQ(writ({"resume"}).exit, 5);
}

class RiskTest : public WritTest {
 protected:
  Ran with_risk(const std::string& risk, const std::string& inputs) {
    return apply(spec_of("risk: {" + risk + "}\ninputs: {" + inputs +
                         "}\nphases:\n- id: judge\n  stage: validate\n  steps:\n"
                         "  - {id: risk, check: risk, blocks: FIX_REQUIRED}\n"
                         "  - {id: after, run: \"true\"}\n"));
  }
};

TEST_F(RiskTest, OfFourOrFiveKeepsTheGateShutUntilBothNotesAreBound) {
  write("rollback.md", "Install the release before this one.\n");
  write("simulation.md", "Replayed a day of orders; no difference.\n");
  set_up();
  for (const char* area : {"reliability", "security", "drift", "operability"}) {
    const std::string risk = std::string(area) + ": " + (*area == 's' ? "4" : "5");
    for (const char* notes : {"", "rollback: rollback.md", "simulation: simulation.md"}) {
      const Ran shut = with_risk(risk, notes);
      EXPECT_EQ(shut.exit, 3) << shut.text();
      EXPECT_TRUE(contains(shut.out, "risk " + std::string(area) + " is " + risk.back() +
                                         ", and there are no rollback and simulation notes"))
          << shut.out;
      const Ran why = writ_expecting(0, {"explain", "judge/risk"});
      EXPECT_TRUE(contains(why.out, "inputs: {rollback: FILE, simulation: FILE}")) << why.out;
      const Value status = json(writ_expecting(0, {"status", "--json"}).out);
      EXPECT_EQ(text_at(status, {"steps", "1", "status"}), "pending");
    }
    const Ran open = with_risk(risk, "rollback: rollback.md, simulation: simulation.md");
    EXPECT_EQ(open.exit, 0) << open.text();
    writ_expecting(0, {"verify"});
  }
}

TEST_F(RiskTest, OfThreeNeedsNoNotes) {
  set_up();
  const Ran ran = with_risk("reliability: 3, security: 3, drift: 3, operability: 3", "");
  EXPECT_EQ(ran.exit, 0) << ran.text();
}

TEST_F(RiskTest, OutsideOfOneToFiveIsRefusedWithItsPosition) {
  set_up();
  for (const auto& [risk, said] :
       {std::pair{"drift: 0", "spec.yaml:4:15  `risk.drift` must be at least 1, is 0"},
        std::pair{"drift: 6", "spec.yaml:4:15  `risk.drift` must be at most 5, is 6"},
        std::pair{"security: 2.5", "spec.yaml:4:18  "}, std::pair{"speed: 1", "spec.yaml:4:"}}) {
    const Ran ran = with_risk(risk, "");
    EXPECT_EQ(ran.exit, 2) << ran.text();
    EXPECT_TRUE(contains(ran.err, said)) << ran.err;
  }
}

TEST_F(RiskTest, ThatIsHighAndThatNoStepLooksAtIsRefused) {
  set_up();
  const Ran ran = apply(spec_of("risk: {drift: 4}\nsteps:\n  - {id: a, run: \"true\"}\n"));
  EXPECT_EQ(ran.exit, 2) << ran.text();
  EXPECT_TRUE(contains(ran.err, "spec.yaml:4:7  nothing holds a risk of 4 or 5 to its notes"))
      << ran.err;
  EXPECT_TRUE(contains(ran.err, "check: risk")) << ran.err;
}

class OpenMatterTest : public WritTest {
 protected:
  void start(const std::string& more = "ambiguity: assume\n") {
    set_up();
    trust_reviewer();
    const Ran ran = apply(
        spec_of(more +
                "invariants: [{id: INV-1, text: Money never is a float, paths: [src/money/**]}]\n"
                "steps:\n  - {id: work, run: \"true\"}\n"
                "  - {id: sign, approval: {by: role:maintainer, not: runner}}\n"));
    ASSERT_EQ(ran.exit, 6) << ran.text();
  }
  std::string defer(const std::string& due) {
    const Ran ran =
        writ_expecting(0, {"deferral", "add", "latest", "main/work", "--what", "Retries", "--owner",
                           "Ada", "--due", due, "--unblocker", "The queue is chosen", "--json"});
    return text_at(json(ran.out), {"deferral"});
  }
  void approve() { writ_expecting(0, {"approve", "latest", "main/sign", "--key", reviewer()}); }
};

TEST_F(OpenMatterTest, ADeferralIsListedFlaggedAndKeepsTheRunOpenUntilItIsClosed) {
  start();
  const std::string id = defer("2020-01-31");
  const Ran listed = writ_expecting(0, {"deferral", "list"});
  for (const char* part : {"OVERDUE", "Retries", "Ada", "2020-01-31", "The queue is chosen"}) {
    EXPECT_TRUE(contains(listed.out, part)) << part << listed.out;
  }
  EXPECT_TRUE(contains(writ_expecting(0, {"status"}).out, "OVERDUE"));
  EXPECT_TRUE(contains(writ_expecting(0, {"handoff"}).out, "## Deferrals"));
  approve();
  const Ran shut = writ({"resume"});
  EXPECT_EQ(shut.exit, 4) << shut.text();
  EXPECT_TRUE(contains(shut.out, "deferral " + id + " is open: Retries")) << shut.out;
  EXPECT_TRUE(contains(shut.out, "writ deferral close latest " + id)) << shut.out;
  EXPECT_EQ(writ({"deferral", "close", "latest", id, "--key", reviewer()}).exit, 2) << "no reason";
  writ_expecting(0, {"deferral", "close", "latest", id, "--key", reviewer(), "--reason", "done"});
  EXPECT_EQ(writ({"deferral", "close", "latest", id, "--key", reviewer(), "--reason", "x"}).exit,
            2);
  const Ran ran = writ({"resume"});
  EXPECT_EQ(ran.exit, 0) << ran.text();
  writ_expecting(0, {"verify"});
  EXPECT_EQ(writ_expecting(0, {"deferral", "list"}).out, "");
  EXPECT_TRUE(contains(writ_expecting(0, {"deferral", "list", "--all"}).out, "because done"));
}

TEST_F(OpenMatterTest, WhatIsDueLaterIsNotOverdue) {
  start();
  defer("2999-12-31");
  const Value listed = json(writ_expecting(0, {"deferral", "list", "--json"}).out);
  EXPECT_EQ(text_at(listed, {"0", "deferrals", "0", "owner"}), "Ada");
  EXPECT_EQ(at(listed, {"0", "deferrals", "0", "overdue"}), Value(false));
}

TEST_F(OpenMatterTest, ADeferralNeedsOwnerDateAndUnblocker) {
  start();
  const std::vector<std::string> all{"deferral", "add", "latest", "main/work",  "--what",      "x",
                                     "--owner",  "Ada", "--due",  "2030-01-01", "--unblocker", "y"};
  for (const char* left_out : {"--owner", "--due", "--unblocker"}) {
    std::vector<std::string> words = all;
    const auto found = std::ranges::find(words, left_out);
    words.erase(found, found + 2);
    const Ran ran = writ_expecting(2, words);
    EXPECT_TRUE(contains(ran.err, left_out)) << ran.err;
  }
  std::vector<std::string> bad = all;
  bad[9] = "tomorrow";
  writ_expecting(2, bad);
}

TEST_F(OpenMatterTest, ARunnersKeyDoesNotClose) {
  start();
  const std::string id = defer("2030-01-01");
  const std::string runner = beside("second.key").string();
  writ_expecting(0, {"keys", "new", "--out", runner});
  const Ran ran =
      writ({"deferral", "close", "latest", id, "--key", runner, "--reason", "it is fine"});
  EXPECT_EQ(ran.exit, 8) << ran.text();
  EXPECT_TRUE(contains(writ_expecting(0, {"deferral", "list"}).out, id));
}

TEST_F(OpenMatterTest, ADeferralOutlivesItsRun) {
  start();
  const std::string id = defer("2030-01-01");
  writ_expecting(0, {"cancel"});
  EXPECT_EQ(writ({"apply", "spec.yaml"}).exit, 6);
  EXPECT_TRUE(contains(writ_expecting(0, {"status"}).out, id));
  write("spec.yaml", read("spec.yaml") + "  - {id: more, run: \"true\"}\n");
  EXPECT_EQ(writ({"resume", "--replan"}).exit, 6);
  EXPECT_TRUE(contains(writ_expecting(0, {"status"}).out, id));
  approve();
  EXPECT_EQ(writ({"resume"}).exit, 4);
  writ_expecting(0, {"deferral", "close", "latest", id, "--key", reviewer(), "--reason", "done"});
  EXPECT_EQ(writ({"resume"}).exit, 0);
  writ_expecting(0, {"verify"});
}

TEST_F(OpenMatterTest, AnAssumptionIsRecordedWhereTheLawLetsOneBeMade) {
  start();
  writ_expecting(
      0, {"assume", "latest", "main/work", "--what", "Names are UTF-8", "--about", "src/names.cc"});
  EXPECT_TRUE(contains(writ_expecting(0, {"status"}).out, "Names are UTF-8"));
  approve();
  EXPECT_EQ(writ({"resume"}).exit, 0);
  writ_expecting(0, {"verify"});
}

TEST_F(OpenMatterTest, AnAssumptionAboutAnInvariantIsRefusedAndBecomesADeferral) {
  start();
  for (const char* about : {"src/money/sum.cc", "INV-1"}) {
    const Ran ran =
        writ_expecting(8, {"assume", "latest", "main/work", "--what",
                           std::string("Rounding is up in ") + about, "--about", about});
    EXPECT_TRUE(contains(ran.err, "INV-1")) << ran.err;
    EXPECT_TRUE(contains(ran.err, "stands as deferral")) << ran.err;
  }
  const Value status = json(writ_expecting(0, {"status", "--json"}).out);
  EXPECT_EQ(size_at(status, {"deferrals"}), 2u);
  EXPECT_EQ(text_at(status, {"deferrals", "0", "invariant"}), "INV-1");
  approve();
  EXPECT_EQ(writ({"resume"}).exit, 4);
}

TEST_F(OpenMatterTest, NothingIsAssumedWhereTheLawSaysStop) {
  start("ambiguity: stop\n");
  const Ran ran = writ_expecting(
      8, {"assume", "latest", "main/work", "--what", "Names are UTF-8", "--about", "src/names.cc"});
  EXPECT_TRUE(contains(ran.err, "stop")) << ran.err;
}

using OverrideTest = WritTest;

TEST_F(OverrideTest, IsShownByThePlanAndAnEventOfTheRun) {
  const std::string head = "writ: 1\nkind: Protocol\nversion: 1.0.0\n";
  write(".writ/protocols/house.yaml",
        head + "id: house\nauthority: default\nrules: {docs: {required: true}}\n");
  write(".writ/protocols/law.yaml",
        head +
            "id: law\nauthority: absolute\nrules: {docs: {required: false}, forbid: "
            "[todo-comment]}\noverrides: [{protocol: house, rule: docs.required, because: On "
            "request only}]\n");
  set_up();
  write("spec.yaml", spec_of("protocols: [house@1, law@1]\nsteps:\n  - {id: a, run: \"true\"}\n"));
  commit();
  const Ran plan = writ_expecting(0, {"plan", "spec.yaml"});
  for (const char* part : {"docs.required = false  law@1.0.0 (absolute)", "over house@1.0.0",
                           "On request only", "todo-comment", "by law@1.0.0 (absolute)"}) {
    EXPECT_TRUE(contains(plan.out, part)) << part << plan.out;
  }
  writ_expecting(0, {"apply", "spec.yaml"});
  const Ran events =
      writ_expecting(0, {"ledger", "list", "--type", "writ.rule.overridden", "--json"});
  EXPECT_TRUE(contains(events.out, "writ.rule.overridden")) << events.out;
  const Ran text = writ_expecting(0, {"ledger", "list", "--text", "On request only", "--json"});
  EXPECT_TRUE(contains(text.out, "writ.rule.overridden")) << text.out;
  writ_expecting(0, {"verify"});
}

// Every row of the fact table, by its name and type.
std::vector<std::pair<std::string, std::string>> documented_facts() {
  std::ifstream file(WRIT_SOURCE_DIR "/docs/formats/facts.md");
  std::vector<std::pair<std::string, std::string>> facts;
  const std::regex row(R"(\| `([a-z_.*]+)` \| (number|boolean) \|.*)");
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) facts.emplace_back(match[1], match[2]);
  }
  return facts;
}

using FactTest = WritTest;

// Steps that make every kind of evidence there is.
constexpr std::string_view kEveryProducer =
    R"(    - {id: report, run: sh make.sh, evidence: {tests: t.xml, file: f.txt, benchmark: b.json, usage: u.json}}
    - {id: context, check: context}
    - {id: risk, check: risk}
    - {id: scope, check: scope}
    - {id: scan, check: scan, with: {rules: zero-tolerance, scope: tree}}
    - {id: asserts, check: test-evidence}
    - {id: accept, check: acceptance}
    - {id: base, check: baseline}
    - {id: imports, check: imports}
    - {id: register, check: register}
    - {id: left, check: artifacts}
    - {id: hand, external: {by: role:maintainer, instructions: Hand it in}, evidence: {file: h.txt}}
    - {id: sign, approval: {by: role:maintainer, not: runner}}
)";

// A gate that names a fact opens only if something has produced it.
TEST_F(FactTest, HasAProducerEachAndOpensAGateWithIt) {
  write("make.sh",
        "echo '<testsuite><testcase name=\"a\"/></testsuite>' > t.xml; echo x > f.txt\n"
        "echo '{\"speed\": 3}' > b.json; echo '{\"calls\": []}' > u.json\n");
  write("r.yaml", "writ: 1\nkind: Register\ndependencies: {none: It stands alone}\n");
  set_up();
  trust_reviewer();
  std::string text =
      "writ: 1\nkind: Spec\nmodule:\n  id: demo\n  repo: {outputs: [t.xml, f.txt, b.json, u.json, "
      "h.txt]}\n  acceptance: {required: [{id: A, text: a, proved_by: [a]}]}\nregister: r.yaml\n"
      "artifacts: [{name: script, path: make.sh}]\nphases:\n- id: make\n  stage: validate\n  "
      "steps:\n" +
      std::string(kEveryProducer) + "attest:\n";
  const auto facts = documented_facts();
  ASSERT_GE(facts.size(), 30u);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    std::string name = facts[i].first;
    if (name.ends_with(".*")) name.replace(name.size() - 1, 1, "speed");
    const std::string gate =
        facts[i].second == "number" ? name + " >= 0" : name + " or not " + name;
    text += "- {name: fact-" + std::to_string(i) + ", gate: \"" + gate + "\"}\n";
  }
  const Ran started = apply(text);
  ASSERT_EQ(started.exit, 6) << started.text();
  write("h.txt", "done\n");
  writ_expecting(0, {"submit", "latest", "make/hand", "--key", reviewer(), "--evidence", "h.txt"});
  EXPECT_EQ(writ({"resume"}).exit, 6);
  writ_expecting(0, {"approve", "latest", "make/sign", "--key", reviewer()});
  const Ran ran = writ({"resume"});
  EXPECT_EQ(ran.exit, 0) << ran.text();
}

}  // namespace
}  // namespace writ::e2e
