// writ plan: what will run, with the origin of every line, and nothing written.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using PlanTest = WritTest;

constexpr std::string_view kSpec = R"(phases:
  - id: build
    stage: implement
    steps:
      - {id: compile, run: make all, timeout: 5m}
  - id: test
    stage: validate
    needs: [build]
    steps:
      - {id: unit, run: make check, evidence: {tests: junit.xml}}
    gate: tests.failed == 0 and tests.passed >= 12
)";

TEST_F(PlanTest, PrintsTheTreeWithOriginsAndGates) {
  write("spec.yaml", spec_of(kSpec));
  const Ran ran = writ_expecting(0, {"plan", "spec.yaml"});
  for (const char* part :
       {"stage implement", "build/compile", "make all", "stage validate", "test/unit",
        "spec.yaml:8", "tests.failed == 0 and tests.passed >= 12"}) {
    EXPECT_TRUE(contains(ran.out, part)) << part << "\n" << ran.out;
  }
  EXPECT_FALSE(has(".writ"));
}

TEST_F(PlanTest, GivesTheWholePlanAsJson) {
  write("spec.yaml", spec_of(kSpec));
  const Value plan = json(writ_expecting(0, {"plan", "spec.yaml", "--json"}).out);
  EXPECT_EQ(text_at(plan, {"plan", "steps", "0", "path"}), "build/compile");
  EXPECT_EQ(text_at(plan, {"plan", "steps", "0", "stage"}), "implement");
}

TEST_F(PlanTest, IsTheSameFromAnyFolder) {
  write("sub/spec.yaml", spec_of(kSpec));
  write("other/here", "");
  const std::string from_root = writ_expecting(0, {"plan", "sub/spec.yaml"}).out;
  const std::string from_sub = writ_expecting(0, {"--dir", "sub", "plan", "spec.yaml"}).out;
  EXPECT_EQ(from_root.substr(0, from_root.find('\n')), from_sub.substr(0, from_sub.find('\n')));
}

TEST_F(PlanTest, ShowsWhatAProtocolAddsAndWhatItLacks) {
  write("spec.yaml", spec_of("protocols: [zero-tolerance-session@2]\nsteps:\n  - run: make\n"));
  const Ran ran = writ_expecting(2, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err, "module.purpose")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "spec.yaml:")) << ran.err;
}

}  // namespace
}  // namespace writ::e2e
