#include "protocol/load.h"

#include <gtest/gtest.h>

#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::outline;
using testing::problems_of;
using testing::Repository;

constexpr std::string_view kSmallest = R"(writ: 1
kind: Spec
module: {id: orders.book}
steps:
  - run: cmake -S . -B build                     # split like a shell would, but no shell
  - run: cmake --build build -j2
  - run: ctest --test-dir build --output-junit junit.xml
    evidence: {tests: build/junit.xml}
    gate: tests.failed == 0 and tests.passed >= 12
)";

TEST(LoadPlan, TakesTheSmallestSpec) {
  const Repository repository;
  const auto plan = repository.load(kSmallest);
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(outline(*plan),
            "implement work main/cmake-build run <-\n"
            "implement work main/cmake-build-2 run <- main/cmake-build\n"
            "implement work main/ctest-test-dir run <- main/cmake-build-2\n");
  EXPECT_EQ(plan->spec_id, "orders.book");
  const PlanStep& test = plan->steps[2];
  EXPECT_EQ(test.title, "ctest --test-dir build --output-junit junit.xml");
  EXPECT_EQ(test.with.find("argv")->as_array().size(), 5u);
  ASSERT_EQ(test.evidence.size(), 1u);
  EXPECT_EQ(test.evidence[0].kind, "tests");
  EXPECT_EQ(test.evidence[0].path, "build/junit.xml");
  EXPECT_EQ(test.gate->text(), "tests.failed == 0 and tests.passed >= 12");
  EXPECT_EQ(test.gate_over, std::vector<std::string>{"main/ctest-test-dir"});
  EXPECT_TRUE(test.writes_tree);
  EXPECT_EQ(test.origin.at, (Position{7, 5}));
}

constexpr std::string_view kFull = R"(writ: 1
kind: Spec
module:
  id: orders.book
  name: Order book
  purpose: Match limit orders by price, then time.
  repo:
    base: HEAD
    may_change: [src/book.cc, tests/book_test.cc]
    allowed_new_files: ["docs/adr/*.md"]
    outputs: ["build/**"]
  interfaces:
    inbound:
      - {kind: library, header: src/book.h, symbols: ["Book::submit", "Book::cancel"]}
  error_policy:
    - {code: invalid_order, class: client, retryable: false, remedy: Fix price or quantity}
  acceptance:
    required:
      - {id: ACC-1, text: Price-time priority holds, proved_by: ["BookTest.*Priority*"]}
inputs: {component_design: docs/design.md}
work_type: IMPLEMENTATION
ambiguity: stop
risk: {reliability: 2, security: 1, drift: 1, operability: 2}
budget: {max_files: 8, max_lines_per_file: 500, max_total_lines: 3000, active: 10m}
groups:
  - {id: matching, priority: P0, items: [ACC-1], validation: acceptance.unproved == 0}
phases:
  - id: build
    stage: implement
    steps:
      - {id: configure, run: cmake -S . -B build, timeout: 60s}
      - {id: compile, run: cmake --build build -j2, timeout: 5m, retry: {max: 2, on: [timeout]}}
  - id: test
    stage: validate
    needs: [build]
    steps:
      - {id: unit, run: ctest --test-dir build --output-junit junit.xml, evidence: {tests: build/junit.xml}}
    gate:
      - {when: tests.failed > 0, shut: A test failed}
      - {when: tests.passed >= 12, open: true}
  - id: review
    stage: validate
    steps:
      - {id: second-pair-of-eyes, approval: {by: role:maintainer, not: runner}}
)";

TEST(LoadPlan, TakesTheFullSpec) {
  const Repository repository;
  repository.write("docs/design.md", "# Design\n");
  const auto plan = repository.load(kFull);
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(outline(*plan),
            "implement work build/configure run <-\n"
            "implement work build/compile run <- build/configure\n"
            "validate work test/unit run <- build/compile\n"
            "validate work test/gate gate <- test/unit\n"
            "validate work review/second-pair-of-eyes approval <- test/gate\n");
  EXPECT_EQ(plan->scope.may_change.size(), 2u);
  EXPECT_TRUE(plan->scope.is_locked);
  EXPECT_EQ(plan->budget.active, Duration(600'000));
  EXPECT_EQ(plan->steps[1].retry.max, 2u);
  EXPECT_EQ(plan->steps[1].timeout, Duration(300'000));
  EXPECT_FALSE(plan->steps[2].writes_tree);
  EXPECT_EQ(plan->steps[3].gate_over, std::vector<std::string>{"test/unit"});
  EXPECT_EQ(plan->inputs[0].name, "component_design");
  EXPECT_EQ(plan->inputs[0].digest.size(), 64u);
  EXPECT_EQ(plan->groups[0].items, std::vector<std::string>{"ACC-1"});
  EXPECT_EQ(plan->acceptance[0].proved_by[0], "BookTest.*Priority*");
  EXPECT_EQ(plan->risk.at("operability"), 2u);
}

}  // namespace
}  // namespace writ::protocol
