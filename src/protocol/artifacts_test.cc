// Declared artifacts and the register: what is joined, what is refused, and where.
#include <gtest/gtest.h>

#include "base/json.h"
#include "protocol/load.h"
#include "protocol/render.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::problems_of;
using testing::Repository;

constexpr std::string_view kLaw = R"(writ: 1
kind: Protocol
id: order
version: 1.0.0
artifacts:
  - {name: extractions, by: look, evidence: file}
  - {name: code, path: "src/**"}
  - {name: tests, evidence: tests}
  - {name: readme, path: README.md}
  - {name: attestation, evidence: attestation}
phases:
  - id: look
    stage: extract
    steps: [{id: read, external: Read it, writes: false, evidence: {file: out.md}}]
  - id: collect
    stage: evidence
    steps: [{id: all, check: artifacts}]
)";

constexpr std::string_view kSpec = R"(writ: 1
kind: Spec
module: {id: m}
protocols: [order@1]
phases:
  - {id: build, steps: [{id: make, run: make}]}
  - {id: test, stage: validate, steps: [{id: unit, run: make test, evidence: {tests: t.xml}}]}
)";

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  WRIT_ASSERT(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::vector<std::string> names(const Plan& plan) {
  std::vector<std::string> out;
  for (const DeclaredArtifact& artifact : plan.artifacts) {
    std::string line = artifact.name;
    for (const std::string& step : artifact.by) line += " " + step;
    out.push_back(line);
  }
  return out;
}

TEST(Artifacts, AreInThePlanInTheirOrderWithTheStepsThatMakeThem) {
  const Repository repository;
  repository.write_protocol("order", kLaw);
  const auto plan = repository.load(kSpec);
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(names(*plan), (std::vector<std::string>{"extractions look/read", "code",
                                                    "tests test/unit", "readme", "attestation"}));
  EXPECT_EQ(plan->artifacts[0].origin.document, "order@1.0.0");
  EXPECT_EQ(plan->artifacts[0].origin.at, (Position{6, 5}));
  const std::string text = render_plan(*plan);
  EXPECT_TRUE(
      text.contains("leaves behind, in this order\n"
                    "  1 extractions           file evidence  by look/read"))
      << text;
  EXPECT_TRUE(text.contains("5 attestation           the end of the run")) << text;
}

TEST(Artifacts, ComeAfterThoseOfTheProtocolsAndBeforeTheAttestation) {
  const Repository repository;
  repository.write_protocol("order", kLaw);
  const std::string own = "artifacts: [{name: wiring, path: main.cc}]\nphases:";
  const auto plan = repository.load(with(std::string(kSpec), "phases:", own));
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(names(*plan),
            (std::vector<std::string>{"extractions look/read", "code", "tests test/unit", "readme",
                                      "wiring", "attestation"}));
}

TEST(Artifacts, ChangeTheStepThatLooksForThem) {
  const Repository repository;
  repository.write_protocol("order", kLaw);
  const auto one = repository.load(kSpec);
  repository.write_protocol("order", with(std::string(kLaw), "README.md", "NOTES.md"));
  const auto other = repository.load(kSpec);
  ASSERT_EQ(problems_of(one) + problems_of(other), "");
  const std::size_t check = one->find("collect/all");
  EXPECT_NE(step_digest(one->steps[check]), step_digest(other->steps[check]));
  EXPECT_TRUE(to_json(other->steps[check].with).contains("NOTES.md"));
}

struct Refused {
  std::string_view name;
  std::string_view from;
  std::string_view to;
  std::string_view problems;
};

// Each is the law above with one thing changed.
constexpr Refused kRefused[] = {
    {"another order than the plan's", "evidence: tests}\n",
     "evidence: tests}\n  - {name: late, by: look, evidence: statement}\n",
     ".writ/protocols/order.yaml:9:5 artifact `late` is declared after `tests`, and the plan makes "
     "it in step `look/read`, which does not wait for step `test/unit`"},
    {"a step that is not there", "by: look,", "by: loock,",
     ".writ/protocols/order.yaml:6:29 there is no step or phase `loock`"},
    {"evidence that nothing makes", "evidence: tests}", "evidence: benchmark}",
     ".writ/protocols/order.yaml:8:5 artifact `tests` is benchmark evidence, and no step makes "
     "any"},
    {"evidence that the step does not make", "evidence: file}\n", "evidence: tests}\n",
     ".writ/protocols/order.yaml:6:5 artifact `extractions` is tests evidence, and no step that it "
     "names makes any"},
    {"the same name twice", "name: readme", "name: code",
     ".writ/protocols/order.yaml:9:5 artifact `code` is there already, at "
     ".writ/protocols/order.yaml:7:5"},
    {"both files and evidence", "evidence: tests}", "evidence: tests, path: t.xml}",
     ".writ/protocols/order.yaml:8:5 artifact `tests` is files or evidence, one of them"},
    {"something after the attestation", "evidence: attestation}\n",
     "evidence: attestation}\n  - {name: more, path: more.md}\n",
     ".writ/protocols/order.yaml:11:5 artifact `more` comes after the attestation"},
    {"an attestation made by a step", "evidence: attestation}", "evidence: attestation, by: look}",
     ".writ/protocols/order.yaml:10:52 no step makes the attestation: it ends the run"},
    {"no check", "check: artifacts", "check: scan",
     ".writ/protocols/order.yaml:6:5 nothing holds the run to its artifacts"},
    {"a check before what makes them", "stage: evidence", "stage: plan",
     ".writ/protocols/order.yaml:17:13 step `collect/all` looks for artifacts, and step "
     "`test/unit`, which makes one, need not come before it"},
    {"an unknown key", "path: README.md", "pth: README.md",
     ".writ/protocols/order.yaml:9:5 artifact `readme` is files or evidence, one of them | "
     ".writ/protocols/order.yaml:9:20 unknown key `pth` (did you mean `path`?) in `artifacts[3]`"},
};

TEST(Artifacts, AreRefusedWhereNoRunCouldKeepToThem) {
  for (const Refused& refused : kRefused) {
    SCOPED_TRACE(refused.name);
    const Repository repository;
    repository.write_protocol("order", with(std::string(kLaw), refused.from, refused.to));
    const std::string problems = problems_of(repository.load(kSpec));
    EXPECT_TRUE(problems.starts_with(refused.problems)) << problems;
  }
}

TEST(Artifacts, OfAPhaseThatDoesNotApplyAreShownAsSuch) {
  const Repository repository;
  repository.write_protocol("order", with(std::string(kLaw), "stage: extract\n",
                                          "stage: extract\n    when: {work_type: REFACTOR}\n"));
  const auto plan = repository.load(kSpec);
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(names(*plan),
            (std::vector<std::string>{"code", "tests test/unit", "readme", "attestation"}));
  EXPECT_EQ(plan->inapplicable.back().what, "artifact extractions");
  EXPECT_EQ(plan->inapplicable.back().why, "what makes it does not apply: look");
}

constexpr std::string_view kRegisterLaw = R"(writ: 1
kind: Protocol
id: reg
version: 1.0.0
requires: {register: [trust_boundaries, dependencies]}
phases:
  - {id: look, stage: evidence, steps: [{id: register, check: register}]}
)";

TEST(Register, IsAskedForWithWhatToDo) {
  const Repository repository;
  repository.write_protocol("reg", kRegisterLaw);
  const std::string spec =
      "writ: 1\nkind: Spec\nmodule: {id: m}\nprotocols: [reg@1]\nsteps: [{run: make}]\n";
  const auto absent = repository.load(spec);
  EXPECT_EQ(problems_of(absent),
            "1:1 SPEC_BLOCKER: reg@1.0.0 asks for a register (dependencies, trust_boundaries), and "
            "the spec names none");
  EXPECT_TRUE(absent.error().diagnostics.at(0).remedy.contains("register: <path>"));
  const auto plan = repository.load(spec + "register: docs/register.yaml\n");
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->register_wanted->path, "docs/register.yaml");
  EXPECT_EQ(plan->register_wanted->sections,
            (std::vector<std::string>{"dependencies", "trust_boundaries"}));
  EXPECT_TRUE(render_plan(*plan).contains("register      docs/register.yaml"));
}

TEST(Register, ThatNothingLooksAtIsRefused) {
  const Repository repository;
  EXPECT_EQ(problems_of(repository.load("writ: 1\nkind: Spec\nmodule: {id: m}\n"
                                        "register: r.yaml\nsteps: [{run: make}]\n")),
            "4:11 nothing holds the register to its contract");
}

}  // namespace
}  // namespace writ::protocol
