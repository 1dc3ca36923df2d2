// Several laws over one spec: who wins, what is recorded, what is refused.
#include <gtest/gtest.h>

#include "protocol/load.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::outline;
using testing::problems_of;
using testing::Repository;

std::string law(std::string_view id, std::string_view authority, std::string_view body) {
  return "writ: 1\nkind: Protocol\nid: " + std::string(id) +
         "\nversion: 1.0.0\nauthority: " + std::string(authority) + "\n" + std::string(body);
}

std::string spec(std::string_view protocols, std::string_view body = "") {
  return "writ: 1\nkind: Spec\nmodule: {id: m}\nprotocols: [" + std::string(protocols) + "]\n" +
         std::string(body) + "steps: [{run: make}]\n";
}

const ComposedRule* rule(const Plan& plan, std::string_view name) {
  for (const ComposedRule& r : plan.rules) {
    if (r.name == name) return &r;
  }
  return nullptr;
}

TEST(Compose, HigherAuthorityWinsAndTheOverrideIsRecorded) {
  const Repository repository;
  repository.write_protocol("low", law("low", "default", "rules: {ambiguity: assume}\n"));
  repository.write_protocol("mid", law("mid", "enforced", "rules: {docs: {required: true}}\n"));
  repository.write_protocol(
      "high", law("high", "absolute",
                  "rules: {ambiguity: stop, docs: {required: false}}\n"
                  "overrides: [{protocol: mid, rule: docs.required, because: Only on request}]\n"));
  for (const std::string_view order : {"low@1, mid@1, high@1", "high@1, mid@1, low@1"}) {
    const auto plan = repository.load(spec(order));
    ASSERT_EQ(problems_of(plan), "");
    EXPECT_EQ(plan->ambiguity, "stop");
    const ComposedRule* docs = rule(*plan, "docs.required");
    ASSERT_NE(docs, nullptr);
    EXPECT_EQ(docs->value, Value(false));
    EXPECT_EQ(docs->authority, Authority::absolute);
    EXPECT_EQ(docs->because, "Only on request");
    ASSERT_EQ(docs->overrode.size(), 1u);
    EXPECT_EQ(docs->overrode[0].document, "mid@1.0.0");
    EXPECT_EQ(docs->overrode[0].at, (Position{6, 26}));
    EXPECT_EQ(rule(*plan, "ambiguity")->because, "absolute outranks default");
    EXPECT_EQ(plan->protocols[0].name, "high@1.0.0");
  }
}

TEST(Compose, RefusesAContradictionAtEqualAuthorityWithBothPositions) {
  const Repository repository;
  repository.write_protocol("a", law("a", "enforced", "rules: {budget: {max_files: 3}}\n"));
  repository.write_protocol("b", law("b", "enforced", "rules: {budget: {max_files: 5}}\n"));
  EXPECT_EQ(problems_of(repository.load(spec("a@1, b@1"))),
            ".writ/protocols/b.yaml:6:29 rule `budget.max_files` is 5 here and 3 at "
            ".writ/protocols/a.yaml:6:29, both with authority enforced");
}

TEST(Compose, AnExplicitOverrideSettlesEqualAuthority) {
  const Repository repository;
  repository.write_protocol("a", law("a", "enforced", "rules: {budget: {max_files: 3}}\n"));
  repository.write_protocol(
      "b", law("b", "enforced",
               "rules: {budget: {max_files: 5}}\n"
               "overrides: [{protocol: a, rule: budget.max_files, because: Wider work}]\n"));
  const auto plan = repository.load(spec("a@1, b@1"));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->budget.max_files, 5u);
  EXPECT_EQ(rule(*plan, "budget.max_files")->because, "Wider work");
}

TEST(Compose, RefusesOverridesOfRulesThatAreNotThere) {
  const Repository repository;
  repository.write_protocol("a", law("a", "default", "rules: {docs: {required: true}}\n"));
  repository.write_protocol("b",
                            law("b", "absolute",
                                "overrides:\n  - {protocol: a, rule: docs.requierd, because: x}\n"
                                "  - {protocol: not-bound, rule: anything, because: y}\n"));
  EXPECT_EQ(problems_of(repository.load(spec("a@1, b@1"))),
            ".writ/protocols/b.yaml:7:5 protocol a has no rule `docs.requierd` to override (did "
            "you mean `docs.required`?)");
}

TEST(Compose, RefusesAnOverrideFromBelow) {
  const Repository repository;
  repository.write_protocol("a", law("a", "absolute", "rules: {ambiguity: stop}\n"));
  repository.write_protocol("b", law("b", "default",
                                     "overrides: [{protocol: a, rule: ambiguity, because: x}]\n"
                                     "rules: {ambiguity: assume}\n"));
  EXPECT_EQ(problems_of(repository.load(spec("a@1, b@1"))),
            ".writ/protocols/b.yaml:6:13 authority default cannot override protocol a, which "
            "has authority absolute");
}

TEST(Compose, ASpecTightensAndNeverLoosens) {
  const Repository repository;
  repository.write_protocol(
      "a", law("a", "enforced",
               "rules: {budget: {max_files: 5, active: 10m}, forbid: [todo-comment, demo-data]}\n"
               "may_loosen: [forbid.demo-data]\n"));
  const auto tighter = repository.load(spec(
      "a@1", "budget: {max_files: 3}\nrules: {forbid: {demo-data: false, xxx-comment: true}}\n"));
  ASSERT_EQ(problems_of(tighter), "");
  EXPECT_EQ(tighter->budget.max_files, 3u);
  EXPECT_EQ(tighter->forbid, (std::vector<std::string>{"todo-comment", "xxx-comment"}));
  EXPECT_EQ(rule(*tighter, "budget.max_files")->because, "the spec is stricter");
  EXPECT_EQ(rule(*tighter, "budget.max_files")->overrode[0].document, "a@1.0.0");
  EXPECT_EQ(rule(*tighter, "forbid.demo-data")->because, "the protocol lets a spec loosen it");

  EXPECT_EQ(problems_of(repository.load(spec("a@1", "budget: {max_files: 6, active: 1h}\n"))),
            "5:21 a spec may tighten `budget.max_files` and not loosen it: 5 stands at "
            ".writ/protocols/a.yaml:6:29 | 5:32 a spec may tighten `budget.active` and not loosen "
            "it: 10m stands at .writ/protocols/a.yaml:6:40");
  EXPECT_EQ(problems_of(repository.load(spec("a@1", "rules: {forbid: {todo-comment: false}}\n"))),
            "5:32 a spec may tighten `forbid.todo-comment` and not loosen it: true stands at "
            ".writ/protocols/a.yaml:6:55");
}

TEST(Compose, ForbiddenPatternsReachEveryScan) {
  const Repository repository;
  repository.write_protocol(
      "a", law("a", "enforced",
               "rules: {forbid: [todo-comment]}\nmay_loosen: [forbid.hack-comment]\n"
               "phases:\n  - id: look\n    steps: [{check: scan, with: {rules: [hack-comment, "
               "xxx-comment]}}]\n"));
  const auto plan = repository.load(spec("a@1", "rules: {forbid: {hack-comment: false}}\n"));
  ASSERT_EQ(problems_of(plan), "");
  const Value* rules = plan->steps[0].with.at_path({"with", "rules"});
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(*rules, Value(Array{"todo-comment", "xxx-comment"}));
}

TEST(Compose, RulesThatNothingEnforcesAreRefusedUnlessTheyAreWords) {
  const Repository repository;
  repository.write_protocol("a", law("a", "default", "rules: {words: {tone: Be brief}}\n"));
  const auto plan = repository.load(spec("a@1"));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(rule(*plan, "words.tone")->value, Value("Be brief"));
  repository.write_protocol("a", law("a", "default", "rules: {tone: brief}\n"));
  EXPECT_EQ(problems_of(repository.load(spec("a@1"))),
            ".writ/protocols/a.yaml:6:9 unknown key `tone` in `rules` | "
            ".writ/protocols/a.yaml:6:15 there is no rule `tone`");
}

TEST(Compose, ProtocolsAreComposedOfProtocolsAndNeverOfThemselves) {
  const Repository repository;
  repository.write_protocol("a", law("a", "default", "protocols: [b@1, c@1]\n"));
  repository.write_protocol("b", law("b", "absolute", "protocols: [c@1]\n"));
  repository.write_protocol("c", law("c", "enforced", "rules: {sequential: true}\n"));
  const auto plan = repository.load(spec("a@1"));
  ASSERT_EQ(problems_of(plan), "");
  std::vector<std::string> names;
  for (const BoundDocument& protocol : plan->protocols) names.push_back(protocol.name);
  EXPECT_EQ(names, (std::vector<std::string>{"b@1.0.0", "c@1.0.0", "a@1.0.0"}));
  EXPECT_TRUE(plan->scope.sequential);

  repository.write_protocol("c", law("c", "enforced", "protocols: [a@1]\n"));
  EXPECT_EQ(problems_of(repository.load(spec("a@1"))),
            ".writ/protocols/c.yaml:6:13 protocols include each other: a@1.0.0 again");
}

TEST(Compose, RequiredKeysInputsAndContextAreAskedFor) {
  const Repository repository;
  repository.write_protocol(
      "a", law("a", "default",
               "requires:\n  spec: [module.purpose, module.repo.may_change, budget]\n"
               "  inputs: [design]\n  context: [README.md]\n"));
  EXPECT_EQ(problems_of(repository.load(spec("a@1"))),
            ".writ/protocols/a.yaml:9:13 there is no file README.md | "
            "1:1 SPEC_BLOCKER: a@1.0.0 requires `budget`, and the spec lacks it | "
            "1:1 a@1.0.0 asks for the input `design`, and nothing binds it | "
            "3:9 SPEC_BLOCKER: a@1.0.0 requires `module.purpose`, and the spec lacks it | "
            "3:9 SPEC_BLOCKER: a@1.0.0 requires `module.repo.may_change`, and the spec lacks it");
  repository.write("README.md", "# Read me\n");
  repository.write("design.md", "# Design\n");
  const auto plan = repository.load(
      "writ: 1\nkind: Spec\nmodule: {id: m, purpose: p, repo: {may_change: []}}\n"
      "protocols: [a@1]\nbudget: {max_files: 1}\nsteps: [{run: make}]\n",
      {{"design", "design.md"}});
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->context[0].path, "README.md");
  EXPECT_EQ(plan->context[0].name, "a@1.0.0");
  EXPECT_EQ(plan->inputs[0].path, "design.md");
}

TEST(Compose, GlobsOfContextNameEveryFileOnce) {
  const Repository repository;
  repository.write("docs/b.md", "b");
  repository.write("docs/deep/a.md", "a");
  repository.write("docs/x.txt", "x");
  repository.write(".git/docs.md", "no");
  const auto plan = repository.load(
      "writ: 1\nkind: Spec\nmodule: {id: m}\n"
      "context: [docs/b.md, {glob: \"**/*.md\"}]\nsteps: [{run: make}]\n");
  ASSERT_EQ(problems_of(plan), "");
  std::vector<std::string> paths;
  for (const BoundDocument& document : plan->context) paths.push_back(document.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"docs/b.md", "docs/deep/a.md"}));
}

TEST(Compose, ConditionsThatDoNotHoldAreShown) {
  const Repository repository;
  repository.write("openapi.yaml", "x");
  repository.write_protocol(
      "a", law("a", "default",
               "requires:\n  context: [{path: openapi.yaml, when: {touches: \"src/api/**\"}}]\n"
               "rules: {docs: {required: true}}\n"
               "phases:\n"
               "  - {id: api, when: {touches: \"src/api/**\"}, steps: [{check: contract}]}\n"
               "  - {id: fix, when: {work_type: REMEDIATION}, steps: [{check: risk}]}\n"
               "  - {id: docs, when: {rule: docs.required}, steps: [{check: scope}]}\n"
               "  - {id: last, needs: [api, fix], steps: [{check: budget}]}\n"));
  const std::string head = "writ: 1\nkind: Spec\nprotocols: [a@1]\nsteps: [{run: make}]\n";
  const auto other = repository.load(head + "module: {id: m, repo: {may_change: [src/book.cc]}}\n");
  ASSERT_EQ(problems_of(other), "");
  EXPECT_EQ(outline(*other),
            "implement enter docs/scope check <-\n"
            "implement enter last/budget check <-\n"
            "implement work main/make run <- docs/scope last/budget\n");
  ASSERT_EQ(other->inapplicable.size(), 3u);
  EXPECT_EQ(other->inapplicable[0].what, "context openapi.yaml");
  EXPECT_EQ(other->inapplicable[1].what, "phase api");
  EXPECT_EQ(other->inapplicable[1].why, "nothing that may change touches src/api/**");
  EXPECT_EQ(other->inapplicable[2].why, "the work type is IMPLEMENTATION, not REMEDIATION");

  const auto api = repository.load(head + "module: {id: m, repo: {may_change: [\"src/*/**\"]}}\n");
  ASSERT_EQ(problems_of(api), "");
  EXPECT_EQ(api->context.size(), 1u);
  EXPECT_EQ(api->steps[0].path, "api/contract");
  // Where nothing is locked, anything may be touched.
  EXPECT_EQ(repository.load(head + "module: {id: m}\n")->context.size(), 1u);
}

TEST(Compose, TheNewestVersionThatFitsIsTakenTheRepositorysOwnFirst) {
  const Repository repository;
  const auto versioned = [](std::string_view version) {
    return "writ: 1\nkind: Protocol\nid: p\nversion: " + std::string(version) + "\n";
  };
  repository.write_protocol("one", versioned("1.2.0"));
  repository.write_protocol("two", versioned("1.10.0"));
  repository.write_protocol("three", versioned("2.0.0"));
  const auto bound = [&](std::string_view reference) {
    const auto plan = repository.load(spec(reference));
    return plan ? plan->protocols[0].name : problems_of(plan);
  };
  EXPECT_EQ(bound("p@1"), "p@1.10.0");
  EXPECT_EQ(bound("p@1.2"), "p@1.2.0");
  EXPECT_EQ(bound("p@2.0.0"), "p@2.0.0");
  EXPECT_EQ(bound("p@3"), "4:13 there is no protocol p@3, only 1.2.0 2.0.0 1.10.0");
  repository.write_protocol(
      "own", "writ: 1\nkind: Protocol\nid: zero-tolerance-session\nversion: 2.0.0\n");
  EXPECT_EQ(repository.load(spec("zero-tolerance-session@2"))->protocols[0].path,
            ".writ/protocols/own.yaml");
}

TEST(Compose, ABrokenProtocolOfTheRepositoryIsNamedWhenItMayBeTheOneThatIsMissing) {
  const Repository repository;
  repository.write_protocol("p", "id: p\nversion: [1.0.0\n");
  EXPECT_EQ(
      problems_of(repository.load("writ: 1\nkind: Spec\nmodule: {id: m}\nsteps: [{run: a}]\n")),
      "");
  const std::string problems = problems_of(repository.load(spec("p@1")));
  EXPECT_TRUE(problems.starts_with(".writ/protocols/p.yaml:")) << problems;
  EXPECT_TRUE(problems.ends_with("4:13 there is no protocol p@1")) << problems;
}

TEST(Remediation, BindsItsElevenStepsWhereverTheWorkIsOne) {
  const Repository repository;
  const std::string work =
      "writ: 1\nkind: Spec\nmodule: {id: m}\nwork_type: REMEDIATION\n"
      "remediation: {entry: runtime_error, because: It crashed}\n"
      "phases:\n  - {id: test, stage: validate, steps: [{id: unit, run: make, evidence: {tests: "
      "t.xml}}]}\n";
  for (const std::string named : {"", "protocols: [remediation@1]\n"}) {
    const auto plan = repository.load(work + named);
    ASSERT_EQ(problems_of(plan), "");
    EXPECT_EQ(plan->protocols.at(0).name, "remediation@1.0.0");
    EXPECT_EQ(plan->protocols.size(), 1u);
    std::vector<std::string> numbered;
    for (const PlanStep& step : plan->steps) {
      const bool is_numbered = step.title[0] >= '1' && step.title[0] <= '9';
      if (is_numbered) {
        numbered.push_back(step.title.substr(0, step.title.find(' ')) + " " + step.path);
        EXPECT_TRUE(step.blocks.has_value()) << step.path;
      }
    }
    EXPECT_EQ(numbered, (std::vector<std::string>{
                            "1. find/identify", "2. find/reproduce", "3. cause/root-cause",
                            "4. remedy/spec", "5. remedy/design", "6. mend/implement",
                            "7. proof/validate", "8. proof/prevent-regression",
                            "9. record/update-spec", "10. record/persist", "11. record/complete"}));
  }
  repository.write_protocol("own", law("remediation", "absolute", "rules: {sequential: true}\n"));
  const auto own = repository.load(work);
  ASSERT_TRUE(problems_of(own).empty()) << problems_of(own);
  EXPECT_TRUE(own->scope.sequential);
  EXPECT_EQ(own->protocols.at(0).authority, Authority::absolute);
}

TEST(EmbeddedPacks, AreValidAndNamed) {
  std::vector<std::string> names;
  for (const PackInfo& pack : embedded_packs()) {
    names.push_back(pack.id + "@" + pack.version);
    EXPECT_FALSE(pack.summary.empty()) << pack.id;
    EXPECT_TRUE(
        std::filesystem::exists(std::string(WRIT_SOURCE_DIR) + "/protocols/" + pack.id + ".yaml"))
        << "a pack's file is named after its id";
    const Repository repository;
    const std::string problems = problems_of(repository.load(spec(names.back())));
    // A pack may ask more of a spec than this one says; it is never broken itself.
    EXPECT_EQ(problems.find("builtin:"), std::string::npos) << problems;
  }
  EXPECT_EQ(names, (std::vector<std::string>{
                       "contract-extraction@1.0.0", "finished-code@1.0.0", "planned-change@1.0.0",
                       "proof-by-tests@1.0.0", "remediation@1.0.0", "session-handover@1.0.0",
                       "session-orientation@1.0.0", "zero-tolerance-session@2.0.0"}));
}

}  // namespace
}  // namespace writ::protocol
