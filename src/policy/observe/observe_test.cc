// Coverage, profile and trace of the same evaluations.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/testing/fake_clock.h"
#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/observe/coverage.h"
#include "policy/observe/profile.h"
#include "policy/observe/trace.h"
#include "policy/parse/parser.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

constexpr std::string_view kPolicy = R"(package a

default allow := false

allow if {
	some x in [1, 2, 3]
	x > 2
	trace("found")
}

never if {
	1 == 2
	allow
}

never if {
	count([y |
		some y in [1]
		y > 5
	]) == 1
} else := 7 if {
	true
}
)";

// Runs `query` and tells `observer`; what it comes to as text.
std::string run(Observer& observer, std::string_view query, bool is_observed = true) {
  std::vector<ast::Module> modules;
  modules.push_back(parse_module("p.rego", kPolicy).value());
  const CompileOptions options{.is_observed = is_observed};
  const auto program = compile(std::move(modules), options).value();
  const auto compiled = compile_query(program, query, options).value();
  FakeClock clock;
  SystemRandom random;
  Services services;
  services.clock = &clock;
  services.random = &random;
  EvalInput input;
  input.services = &services;
  input.observer = &observer;
  Evaluator evaluator;
  const Answer& answer = evaluator.evaluate(*compiled, input);
  if (answer.error) return answer.error->text();
  if (auto* const coverage = dynamic_cast<Coverage*>(&observer)) {
    return to_json(coverage->report(*program).json);
  }
  return answer.rows.empty() ? "undefined" : to_rego(answer.rows[0].values[0]);
}

TEST(Observe, CoversStatementsThatWereTriedAndHeadsThatHeld) {
  Coverage coverage;
  const Value report = parse_json(run(coverage, "data.a.allow")).value();
  const Value* const file = report.find("files")->find("p.rego");
  ASSERT_NE(file, nullptr) << to_json(report);
  EXPECT_EQ(to_json(*file->find("covered")), R"([{"start":{"row":5},"end":{"row":8}}])");
  EXPECT_EQ(to_json(*file->find("not_covered")),
            R"([{"start":{"row":3},"end":{"row":3}},{"start":{"row":11},"end":{"row":13}},)"
            R"({"start":{"row":16},"end":{"row":19}},{"start":{"row":21},"end":{"row":22}}])");
  EXPECT_EQ(to_json(*report.find("covered_lines")), "4");
}

TEST(Observe, TracesWhatFailedAndWhatLedThere) {
  Trace trace;
  EXPECT_EQ(run(trace, "data.a.never"), "7");
  const std::vector<std::string> fails = trace.lines(Trace::Detail::fails);
  EXPECT_EQ(fails, (std::vector<std::string>{
                       "query:1       Enter data.a.never", "query:1       | Eval data.a.never",
                       "p.rego:11     | | Enter data.a.never", "p.rego:12     | | | Fail 1 == 2",
                       "p.rego:16     | | Enter data.a.never",
                       "p.rego:17     | | | Eval count([y | some y in [1] y > 5 ]) == 1",
                       "p.rego:19     | | | | Fail y > 5",
                       "p.rego:17     | | | Fail count([y | some y in [1] y > 5 ]) == 1"}));
}

TEST(Observe, TracesNotesWithTheirAncestors) {
  Trace trace;
  EXPECT_EQ(run(trace, "data.a.allow"), "true");
  EXPECT_EQ(trace.lines(Trace::Detail::notes),
            (std::vector<std::string>{
                "query:1      Enter data.a.allow", "query:1      | Eval data.a.allow",
                "p.rego:5     | | Enter data.a.allow", "p.rego:8     | | | Eval trace(\"found\")",
                "p.rego:8     | | | | Note \"found\""}));
}

TEST(Observe, CountsHowOftenStatementsWereTriedAndHeld) {
  FakeClock clock;
  Profile profile(clock);
  EXPECT_EQ(run(profile, "data.a.allow"), "true");
  std::string counts;
  for (const Profile::Row& row : profile.rows()) {
    counts += row.file + ":" + std::to_string(row.at.line) + " " + std::to_string(row.evaluations) +
              "/" + std::to_string(row.redos) + " ";
  }
  EXPECT_EQ(counts, "p.rego:6 1/3 p.rego:7 3/1 p.rego:8 1/1 query:1 1/1 ");
}

TEST(Observe, HearsNothingOfProgramsThatAreNotObserved) {
  Trace trace;
  EXPECT_EQ(run(trace, "data.a.allow", false), "true");
  EXPECT_EQ(trace.lines(Trace::Detail::full), std::vector<std::string>());
}

TEST(Observe, TellsSeveralAtOnce) {
  Trace trace;
  Coverage coverage;
  ObserverList both;
  both.add(trace);
  both.add(coverage);
  EXPECT_EQ(run(both, "data.a.allow"), "true");
  EXPECT_EQ(trace.lines(Trace::Detail::notes).size(), 5u);
}

}  // namespace
}  // namespace writ::rego
