// Coverage, profile and trace of the same evaluations.
#include <fmt/format.h>
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

TEST(Observe, TellsTheBodyOfAClosureFromTheOneAroundIt) {
  Trace trace;
  EXPECT_EQ(run(trace, "data.a.never"), "7");
  std::string told;
  for (const Trace::Event* event : trace.events(Trace::Detail::fails)) {
    told += fmt::format("{} {}/{}\n", event->place->name, event->query, event->parent);
  }
  EXPECT_EQ(told,
            "query:1 1/0\nquery:1 1/0\np.rego:11 2/1\np.rego:12 2/1\n"
            "p.rego:16 3/1\np.rego:17 3/1\np.rego:19 4/3\np.rego:17 3/1\n");
}

// What a trace keeps and what it shows is bounded, however long the texts in it are.
TEST(Observe, CutsOffWhatIsTooLong) {
  Observe rule{Position{}};
  rule.kind = Observe::Kind::enter;
  rule.text = "data.a.p";
  Trace few(2);
  for (int i = 0; i < 3; ++i) {
    few.begin(rule);
    few.end(rule);
  }
  EXPECT_TRUE(few.is_cut());
  EXPECT_EQ(few.lines(Trace::Detail::full),
            (std::vector<std::string>{"query:0     Enter data.a.p", "query:0     Enter data.a.p",
                                      "… cut off after 2 lines"}));
  Trace noted(10, 100);
  noted.begin(rule);
  const std::string note(50, 'x');
  for (int i = 0; i < 3; ++i) noted.note(note);
  EXPECT_EQ(noted.events(Trace::Detail::full).size(), 3U);
  EXPECT_TRUE(noted.is_cut());
  EXPECT_EQ(noted.lines(Trace::Detail::full).back(), "… cut off after 2 lines");
  Observe statement{Position{}};
  statement.text = std::string(20, 'y');
  statement.before = &rule;
  Trace wide(10, 120);
  wide.begin(rule);
  for (int i = 0; i < 5; ++i) wide.begin(statement);
  EXPECT_FALSE(wide.is_cut());
  EXPECT_EQ(wide.lines(Trace::Detail::full).size(), 4U);
  EXPECT_EQ(wide.lines(Trace::Detail::full).back(), "… cut off after 3 lines");
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
