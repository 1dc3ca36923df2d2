// What a spec can have wrong, and where the error points. Everything is refused before anything
// is written.
#include <gtest/gtest.h>

#include "protocol/load.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::problems_of;
using testing::Repository;

struct Refusal {
  std::string_view name;
  std::string_view body;      // behind the three lines that every spec has
  std::string_view problems;  // lines are those of `body`, plus 3
};

constexpr std::string_view kHead = "writ: 1\nkind: Spec\nmodule: {id: m}\n";

constexpr Refusal kSteps[] = {
    {"a step that does nothing", "steps:\n  - {id: a}\n", "5:5 this step does nothing"},
    {"a step that does two things", "steps:\n  - {run: make, check: scan}\n",
     "5:11 a step does one thing, and this one has both `check` and `run`"},
    {"a shell line without shell", "steps:\n  - run: make | tee log\n",
     "5:10 character 6 of the command is |, which only a shell understands"},
    {"an unclosed quote", "steps:\n  - run: make 'all\n",
     "5:10 the quote ' at character 6 of the command is never closed"},
    {"an empty list of words", "steps:\n  - run: []\n", "5:10 the command is empty"},
    {"a shell with words", "steps:\n  - {run: [make], shell: true}\n",
     "5:11 a shell takes its command as text"},
    {"an unknown check", "steps:\n  - check: scna\n",
     "5:12 there is no check `scna` (did you mean `scan`?)"},
    {"an unknown parameter", "steps:\n  - {check: scan, with: {rule: [todo-comment]}}\n",
     "5:26 check `scan` has no parameter `rule` (did you mean `rules`?)"},
    {"an unknown scan rule", "steps:\n  - {check: scan, with: {rules: [todo-coment]}}\n",
     "5:34 there is no scan rule `todo-coment` (did you mean `todo-comment`?)"},
    {"an unknown scan scope", "steps:\n  - {check: scan, with: {scope: everything}}\n",
     "5:33 a scan looks at may_change, changed or tree, not `everything`"},
    {"a parameter where there is none", "steps:\n  - {check: scope, with: {rules: []}}\n",
     "5:27 check `scope` has no parameter `rules`"},
    {"keys of another kind", "steps:\n  - {check: scope, dir: src}\n",
     "5:25 `dir` belongs to `run` steps"},
    {"an approval by nobody", "steps:\n  - approval: {not: runner}\n",
     "5:15 an approval says whose it is"},
    {"external without instructions", "steps:\n  - external: {by: \"role:agent\"}\n",
     "5:5 an external step says what evidence it asks for | "
     "5:15 an external step says what is to be done"},
    {"external without evidence", "steps:\n  - external: Do it\n",
     "5:5 an external step says what evidence it asks for"},
    {"evidence on an approval", "steps:\n  - {approval: {by: \"role:r\"}, evidence: {file: a}}\n",
     "5:42 an `approval` step declares no evidence"},
    {"a path out of the tree", "steps:\n  - {run: make, evidence: {file: ../secret}}\n",
     "5:34 the path `../secret` has `..` in it"},
    {"an absolute path", "steps:\n  - {run: make, dir: /etc}\n",
     "5:22 the path `/etc` is absolute"},
    {"two steps of one name", "steps:\n  - {id: a, run: make}\n  - {id: a, run: make}\n",
     "6:10 `main/a` is there twice: first at line 5, column 10"},
    {"an id that is none", "steps:\n  - {id: a/b, run: make}\n",
     "5:10 `steps[0].id` must match the pattern ^[A-Za-z0-9][A-Za-z0-9._-]*$, is \"a/b\""},
    {"over without a gate", "steps:\n  - {run: make, over: [a]}\n",
     "5:23 `over` says whose evidence a gate sees, and there is no gate"},
    {"steps and phases", "steps: [{run: make}]\nphases: []\n",
     "5:9 a document has `steps` or `phases`, not both"},
    {"no steps", "budget: {max_files: 3}\n", "1:1 the spec has no steps"},
    {"a phase without steps", "phases:\n  - {id: a}\n", "5:5 phase `a` has no steps"},
    {"at in a spec", "phases:\n  - {id: a, at: exit, steps: [{run: make}]}\n",
     "5:13 unknown key `at` in `phases[0]`"},
    {"an unknown stage", "phases:\n  - {id: a, stage: implment, steps: [{run: make}]}\n",
     "5:20 there is no stage `implment` (did you mean `implement`?)"},
    {"writing after validate has begun",
     "phases:\n  - id: a\n    stage: validate\n    steps:\n      - {run: make, writes: true}\n",
     "8:9 nothing writes to the tree once `validate` has begun, and this step of stage `validate` "
     "would"},
    {"levels in the wrong order",
     "phases:\n  - {id: a, actions: [{id: b, steps: [{run: make}], tasks: []}]}\n",
     "5:38 `a/b` has both `tasks` and `steps`"},
    {"a reserved name", "phases:\n  - {id: attest, steps: [{run: make}]}\n",
     "5:5 `attest` is the name of a part that every plan may have"},
    {"an unknown key", "stesp: [{run: make}]\n",
     "1:1 the spec has no steps | 4:1 unknown key `stesp` (did you mean `steps`?)"},
};

constexpr Refusal kNeeds[] = {
    {"a need that is not there", "steps:\n  - {id: a, run: make, needs: [b]}\n",
     "5:32 there is no step or phase `b` (did you mean `a`?)"},
    {"a misspelt need",
     "phases:\n  - {id: build, steps: [{run: make}]}\n"
     "  - {id: test, needs: [biuld], steps: [{run: make}]}\n",
     "6:24 there is no step or phase `biuld` (did you mean `build`?)"},
    {"steps in a circle",
     "steps:\n  - {id: a, run: make, needs: [c]}\n  - {id: b, run: make, needs: [a]}\n"
     "  - {id: c, run: make, needs: [b]}\n",
     "5:5 steps need each other: main/a → main/c → main/b → main/a"},
    {"a step that needs itself", "steps:\n  - {id: a, run: make, needs: [a]}\n",
     "5:5 steps need each other: main/a → main/a"},
    {"phases in a circle",
     "phases:\n  - {id: a, needs: [b], steps: [{id: x, run: make}]}\n"
     "  - {id: b, needs: [a], steps: [{id: y, run: make}]}\n",
     "5:33 steps need each other: a/x → b/y → a/x"},
    {"a need of a later stage",
     "phases:\n  - {id: a, needs: [b], steps: [{id: x, run: make}]}\n"
     "  - {id: b, stage: validate, steps: [{id: y, run: make}]}\n",
     "5:33 step `a/x` (stage implement) needs `b/y`, which comes later (stage validate)"},
};

constexpr Refusal kGates[] = {
    {"an unknown fact", "steps:\n  - {run: make, gate: exit.okay}\n",
     "5:23 there is no fact `exit.okay` (did you mean `exit.ok`?)"},
    {"a fact that no step makes", "steps:\n  - {run: make, gate: tests.failed == 0}\n",
     "5:23 `tests.failed` comes from tests evidence, and no step that this gate looks at makes "
     "any"},
    {"acceptance without criteria", "steps:\n  - {run: make, gate: acceptance.unproved == 0}\n",
     "5:23 `acceptance.unproved` needs acceptance criteria, and the spec has none"},
    {"two wrong gates at once",
     "steps:\n  - {run: make, gate: exit.ok ==}\n  - {run: make, gate: [{when: true, open: "
     "true}]}\n",
     "5:33 a fact or a constant should stand here | 6:23 this gate opens without any evidence"},
};

constexpr Refusal kHeads[] = {
    {"remediation without its condition", "work_type: REMEDIATION\nsteps: [{run: make}]\n",
     "4:12 remediation needs the condition that allows it"},
    {"a condition without remediation",
     "remediation: {entry: runtime_error, because: It crashed}\nsteps: [{run: make}]\n",
     "4:14 `remediation` belongs to the work type REMEDIATION"},
    {"a risk beyond the scale", "risk: {drift: 6}\nsteps: [{run: make}]\n",
     "4:15 `risk.drift` must be at most 5, is 6"},
    {"an input that is not there", "inputs: {design: docs/x.md}\nsteps: [{run: make}]\n",
     "4:18 input design: there is no file docs/x.md"},
    {"context that is not there", "context: [docs/x.md]\nsteps: [{run: make}]\n",
     "4:11 there is no file docs/x.md"},
    {"a glob that matches nothing", "context: [{glob: \"docs/*.md\"}]\nsteps: [{run: make}]\n",
     "4:11 no file matches required context docs/*.md"},
    {"a duration that is none", "budget: {active: soon}\nsteps: [{run: make}]\n",
     "4:18 rule `budget.active` is a duration, not soon"},
    {"an unknown rule", "rules: {forbid: [todo-coment]}\nsteps: [{run: make}]\n",
     "4:18 there is no scan rule `todo-coment` (did you mean `todo-comment`?)"},
    {"a reference that is none", "protocols: [zero-tolerance-session]\nsteps: [{run: make}]\n",
     "4:13 `zero-tolerance-session` is no reference to a protocol"},
    {"a protocol that is not there", "protocols: [zero-tolerance-sesion@2]\nsteps: [{run: make}]\n",
     "4:13 there is no protocol zero-tolerance-sesion@2 (did you mean "
     "`zero-tolerance-session`?)"},
    {"a version that is not there", "protocols: [zero-tolerance-session@9]\nsteps: [{run: make}]\n",
     "4:13 there is no protocol zero-tolerance-session@9, only 2.0.0"},
    {"a profile that is not there",
     "protocols: [zero-tolerance-session@2/light]\nsteps: [{run: make}]\n",
     "4:13 zero-tolerance-session@2.0.0 has no such profile: zero-tolerance-session@2/light"},
    {"groups out of order",
     "groups:\n  - {id: a, items: [], needs: [b]}\n  - {id: b, items: []}\nsteps: [{run: make}]\n",
     "5:5 group `a` needs `b`, which does not stand before it"},
};

void expect_refused(const Repository& repository, std::span<const Refusal> cases) {
  for (const Refusal& refusal : cases) {
    SCOPED_TRACE(refusal.name);
    const auto plan = repository.load(std::string(kHead) + std::string(refusal.body));
    EXPECT_EQ(problems_of(plan), refusal.problems);
    EXPECT_EQ(plan ? Code::internal : plan.error().code, Code::invalid_input);
  }
}

TEST(LoadPlan, RefusesStepsThatMeanNothing) { expect_refused(Repository(), kSteps); }
TEST(LoadPlan, RefusesNeedsThatCannotBeMet) { expect_refused(Repository(), kNeeds); }
TEST(LoadPlan, RefusesGatesThatCouldNeverOpen) { expect_refused(Repository(), kGates); }
TEST(LoadPlan, RefusesHeadsThatContradictThemselves) { expect_refused(Repository(), kHeads); }

TEST(LoadPlan, RefusesWhatIsNoSpec) {
  const Repository repository;
  EXPECT_EQ(problems_of(repository.load("kind: Protocol\n")), "1:7 this is no Spec document");
  EXPECT_EQ(problems_of(repository.load("[]")), "1:1 this is no Spec document");
  EXPECT_EQ(load_plan(repository.root() / "none.yaml", {repository.root(), {}}).error().code,
            Code::not_found);
}

TEST(LoadPlan, ReportsEverythingAtOnceInDocumentOrder) {
  const Repository repository;
  const auto plan = repository.load(
      "writ: 1\nkind: Spec\nmodule: {id: m}\nrisk: {drift: 9}\nsteps:\n"
      "  - {run: make |, gate: exit.okay}\n  - {check: scna}\n  - {needs: [x], run: make}\n");
  ASSERT_FALSE(plan);
  std::vector<std::uint32_t> lines;
  for (const Diagnostic& d : plan.error().diagnostics) lines.push_back(d.at.line);
  EXPECT_EQ(lines, (std::vector<std::uint32_t>{4, 6, 6, 7, 8}));
}

TEST(LoadPlan, KeepsTheFirstHundredProblems) {
  const Repository repository;
  std::string spec(kHead);
  spec += "steps:\n";
  for (int i = 0; i < 150; ++i) spec += "  - {check: none}\n";
  const auto plan = repository.load(spec);
  ASSERT_FALSE(plan);
  ASSERT_EQ(plan.error().diagnostics.size(), 101u);
  EXPECT_EQ(plan.error().diagnostics.back().message, "and 50 more problems");
}

}  // namespace
}  // namespace writ::protocol
