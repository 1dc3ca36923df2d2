#include <gtest/gtest.h>

#include "evidence/testing/reports.h"

namespace writ::evidence {
namespace {

using Lines = std::vector<std::string>;

TEST(Tap, ReadsPointsPlansAndDirectives) {
  EXPECT_EQ(cases_of("TAP version 13\n1..6\nok 1 - one\nnot ok 2 two\nok 3 # SKIP no net\n"
                     "not ok 4 - four # TODO soon\nok - five # todo done\nok\n"),
            (Lines{"one passed", "two failed", "(test 3) skipped: SKIP no net",
                   "four skipped: TODO soon", "five passed", "(test 6) passed"}));
}

TEST(Tap, TakesThePlanAtTheEndToo) {
  EXPECT_EQ(cases_of("# a remark\nsome output\nok 1 - a\r\nok 2 - b\r\n1..2\r\n"),
            (Lines{"a passed", "b passed"}));
}

TEST(Tap, KeepsDiagnosticsOfFailures) {
  EXPECT_EQ(cases_of("1..3\nnot ok 1 - a\n  ---\n  error: 'boom'\n  ok 9 - is no point\n  ...\n"
                     "ok 2 - b\n  ---\n  duration_ms: 1\n  ...\nnot ok 3 - c\n# got 1\n"),
            (Lines{"a failed: error: 'boom'|ok 9 - is no point", "b passed", "c failed: got 1"}));
}

TEST(Tap, NamesSubtestsByTheirSummary) {
  EXPECT_EQ(cases_of("# Subtest: s\n    # Subtest: in\n        ok 1 - x\n        1..1\n"
                     "    ok 1 - in\n    not ok 2 - y\n    1..2\nnot ok 1 - s\nok 2 - z\n1..2\n"),
            (Lines{"s > in.x passed", "s.y failed", "z passed"}));
}

TEST(Tap, CountsASummaryThatFailedAlone) {
  EXPECT_EQ(cases_of("    ok 1 - x\n    1..1\nnot ok 1 - s\n1..1\n"),
            (Lines{"s.x passed", "s.(subtest) failed"}));
  EXPECT_EQ(cases_of("    1..0 # SKIP nothing here\nok 1 - s # SKIP nothing here\n1..1\n"),
            (Lines{"s skipped: SKIP nothing here"}));
}

TEST(Tap, UndoesEscapes) {
  EXPECT_EQ(cases_of("1..2\nok 1 - a \\# skip \\\\ b\nok 2 - c # d\n"),
            (Lines{"a # skip \\ b passed", "c # d passed"}));
}

TEST(Tap, TakesNamesThatAreNoText) {
  EXPECT_EQ(cases_of("1..1\nnot ok 1 - a\xFF\n# b\xFE\n"),
            (Lines{"a\xEF\xBF\xBD failed: b\xEF\xBF\xBD"}));
}

TEST(Tap, CountsBailingOutAsAnError) {
  EXPECT_EQ(cases_of("1..9\nok 1 - a\nBail out! no database\n"),
            (Lines{"a passed", "(bail out) errored: no database"}));
}

TEST(Tap, RefusesReportsThatDoNotAddUp) {
  const std::pair<std::string_view, std::string_view> kBroken[] = {
      {"1..3\nok 1\nok 2\n", "3:1: the report planned 3 tests and reports 2"},
      {"1..1\nok 1\nok 2\n", "3:1: the report planned 1 tests and reports 2"},
      {"ok 1\nok 2\n", "2:1: the report has no plan (1..N)"},
      {"1..2\nok 1\nok 1\n", "3:1: test number 1 comes twice or is 0"},
      {"1..2\nok 1\nok 3\n", "3:1: the report planned 2 tests and reports 2"},
      {"1..1\n1..1\nok 1\n", "2:1: a second plan"},
      {"1..1\nok 1\n  ---\n  a: 1\n", "4:1: a diagnostic block `---` never ends"},
      {"TAP version 15\n1..1\nok 1\n", "1:1: TAP version 15 is not known"},
      {"1..1\n    ok 1 - x\n    1..1\n", "3:1: the report ends inside a subtest"},
      {"1..1\n    ok 1 - x\nok 1\n", "3:1: a subtest has no plan (1..N)"},
      {"    ok 1 - x\n    1..1\n1..1\nok 1\n", "3:1: a subtest ends without its test point"},
      {"1..0 # SKIP all\n", "1:1: the report holds no test case"},
  };
  for (const auto& [text, message] : kBroken) EXPECT_EQ(error_of(text), message) << text;
}

TEST(Tap, BoundsTheDepthOfSubtests) {
  std::string text;
  for (int depth = 0; depth < 100; ++depth) text += std::string(4u * depth, ' ') + "ok 1\n";
  EXPECT_EQ(error_of(text), "65:1: subtests are nested too deeply");
}

TEST(Tap, ReadsWhatNodesTestRunnerPrints) {
  const TemporaryDirectory dir;
  const auto file =
      dir.write("a.test.mjs",
                "import test, {describe, it} from 'node:test'; import assert from 'node:assert';\n"
                "test('one', () => {}); test('two', () => { assert.equal(1, 2); });\n"
                "test('three', {skip: 'no reason'}, () => {});\n"
                "describe('suite', () => { it('a # b \\\\ c', () => {}); });\n");
  const auto text = output_of("node", "--test --test-reporter=tap " + file.string());
  if (!text) GTEST_SKIP() << "node is not installed";
  EXPECT_EQ(names_of(*text),
            (Lines{"one passed", "two failed", "three skipped", "suite.a # b \\ c passed"}));
}

TEST(Tap, ReadsWhatPerlsTestMorePrints) {
  const TemporaryDirectory dir;
  const auto file = dir.write("a.t",
                              "use Test::More tests => 4; ok(1, 'one'); is(1, 2, 'two');\n"
                              "SKIP: { skip 'no net', 1; ok(1); }\n"
                              "subtest sub => sub { plan tests => 2; ok(1, 'x'); ok(1); };\n");
  const auto text = output_of("perl", file.string() + " 2>/dev/null");
  if (!text) GTEST_SKIP() << "perl is not installed";
  EXPECT_EQ(names_of(*text), (Lines{"one passed", "two failed", "(test 3) skipped", "sub.x passed",
                                    "sub.(test 2) passed"}));
}

}  // namespace
}  // namespace writ::evidence
