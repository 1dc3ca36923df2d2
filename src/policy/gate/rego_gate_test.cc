#include "policy/gate/rego_gate.h"

#include <gtest/gtest.h>

#include "policy/gate/gate.h"
#include "policy/gate/watch_gate.h"

namespace writ::policy {
namespace {

constexpr std::string_view kTests = R"(package release.gate

default allow := false

allow if {
	input.facts["tests.failed"] == 0
	input.facts["tests.passed"] >= 12
}
)";

// "5:2 message | …", or the facts that it reads.
std::string checked(std::string_view module, std::vector<std::string> declared = {}) {
  std::vector<ModuleProblem> problems;
  const auto gate = make_rego_gate(std::string(module), std::move(declared), problems);
  std::string out;
  for (const ModuleProblem& problem : problems) {
    out += (out.empty() ? "" : " | ") + std::to_string(problem.at.line) + ":" +
           std::to_string(problem.at.column) + " " + problem.message;
  }
  return gate ? gate->text() : out;
}

RegoGate made(std::string_view module, std::vector<std::string> declared = {}) {
  std::vector<ModuleProblem> problems;
  auto gate = make_rego_gate(std::string(module), std::move(declared), problems);
  EXPECT_TRUE(gate) << problems.front().message;
  return gate ? *std::move(gate) : RegoGate{};
}

// A gate of one body over tests.failed.
RegoGate allowing(const std::string& body) {
  return made("package g\nfailed := input.facts[\"tests.failed\"]\n" + body);
}

Facts facts_of(const std::map<std::string, Value>& values) {
  Facts facts;
  facts.run = Object{{"spec", "orders.book"}};
  facts.step = Object{{"path", "test/gate"}, {"attempt", 1}};
  facts.tree = "sha256:9b";
  for (const auto& [name, value] : values) facts.facts[name] = {value, {{"e1", "test", "tests"}}};
  return facts;
}

// "shut: allow is false: tests.failed is 2"
std::string decided(const RegoGate& gate, const std::map<std::string, Value>& values) {
  const Decision decision = evaluate(gate, facts_of(values));
  EXPECT_EQ(decision.open, decision.outcome == "open");
  return decision.outcome + ": " + decision.reason;
}

TEST(RegoGate, SaysWhatItReads) {
  EXPECT_EQ(checked(kTests), "rego release.gate, reads tests.failed, tests.passed");
  EXPECT_EQ(checked("package g\nimport input.facts as f\nallow if f[\"exit.ok\"]"),
            "rego g, reads exit.ok");
  EXPECT_EQ(checked("package g\nallow if every n in numbers.range(1, 2) { n > "
                    "input.facts[\"benchmark.p99\"] }"),
            "rego g, reads benchmark.p99");
}

TEST(RegoGate, OpensByAllowAndByNothingElse) {
  const RegoGate gate = made(kTests);
  EXPECT_EQ(decided(gate, {{"tests.failed", 0}, {"tests.passed", 12}}),
            "open: allow is true: tests.failed is 0, tests.passed is 12");
  EXPECT_EQ(decided(gate, {{"tests.failed", 1}, {"tests.passed", 12}}),
            "shut: allow is false: tests.failed is 1, tests.passed is 12");
  EXPECT_EQ(decided(allowing("allow if failed == 0"), {{"tests.failed", 2}}),
            "undefined: allow is undefined: tests.failed is 2");
}

TEST(RegoGate, IsNotAskedWhenAFactThatItReadsIsAbsent) {
  EXPECT_EQ(
      decided(made(kTests), {{"tests.passed", 12}}),
      "absent: tests.failed is absent (no tests evidence of this tree), and the gate reads it");
  // Whatever the module would have said without it.
  EXPECT_EQ(
      decided(made("package g\nallow if not input.facts[\"tests.failed\"]"), {}),
      "absent: tests.failed is absent (no tests evidence of this tree), and the gate reads it");
}

TEST(RegoGate, IsShutByWhatDenySays) {
  const RegoGate gate = allowing(
      "allow := true\n"
      "deny contains \"A test failed\" if failed > 0\n"
      "deny contains {\"msg\": sprintf(\"%d is too many\", [failed])} if failed > 5\n");
  EXPECT_EQ(decided(gate, {{"tests.failed", 0}}), "open: allow is true: tests.failed is 0");
  EXPECT_EQ(decided(gate, {{"tests.failed", 6}}),
            "shut: A test failed; 6 is too many: tests.failed is 6");
  const std::vector<std::string> both{"A test failed", "6 is too many"};
  EXPECT_EQ(evaluate(gate, facts_of({{"tests.failed", 6}})).reasons, both);
}

TEST(RegoGate, MayGiveADecisionWithReasons) {
  const RegoGate gate = allowing(
      "decision := {\"open\": failed == 0, \"reasons\": [r | failed > 0; r := \"Mend the "
      "tests\"]}");
  EXPECT_EQ(decided(gate, {{"tests.failed", 0}}), "open: decision.open is true: tests.failed is 0");
  EXPECT_EQ(decided(gate, {{"tests.failed", 1}}), "shut: Mend the tests: tests.failed is 1");
}

TEST(RegoGate, TellsWhatIsNoAnswerApart) {
  const auto on_zero = [](const std::string& body) {
    return decided(allowing(body), {{"tests.failed", 0}});
  };
  EXPECT_EQ(on_zero("allow := \"yes\""), "malformed: allow is neither true nor false");
  EXPECT_EQ(on_zero("allow := true\ndeny := 3"), "malformed: deny is no set of texts");
  EXPECT_EQ(on_zero("decision := {\"reasons\": []}"),
            "malformed: decision is no object with `open: true` or `open: false`");
  EXPECT_EQ(
      on_zero("allow := true if failed == 0\nallow := false if failed < 1"),
      "conflict: the gate's policy has no answer: line 4: eval_conflict_error: complete rules "
      "must not produce multiple outputs");
  EXPECT_EQ(
      on_zero("allow if 1 / failed"),
      "error: the gate's policy has no answer: line 3: eval_builtin_error: div: divide by zero");
  // A builtin that fails in `deny` must not open the gate.
  EXPECT_EQ(
      on_zero("allow := true\ndeny contains \"x\" if 1 / failed > 0"),
      "error: the gate's policy has no answer: line 4: eval_builtin_error: div: divide by zero");
}

TEST(RegoGate, LeavesOutWhatABuiltinSaysAtLength) {
  const RegoGate gate = allowing(
      "long := concat(\"\", [\"x\" | some _ in numbers.range(1, 3000)])\n"
      "allow if semver.compare(long, \"1.0.0\") == failed");
  EXPECT_EQ(decided(gate, {{"tests.failed", 0}}),
            "error: the gate's policy has no answer: line 4: eval_builtin_error");
}

TEST(RegoGate, IsShutWhenItTakesTooMuch) {
  const auto on_zero = [](const std::string& body) {
    return decided(allowing(body), {{"tests.failed", 0}});
  };
  EXPECT_EQ(
      on_zero("n := numbers.range(1, 1000)\n"
              "allow if {\n\tsome a in n\n\tsome b in n\n\tsome c in n\n\ta + b + c < failed\n}"),
      "exhausted: the gate's policy has no answer: eval_cancel_error: query took too many "
      "steps");
  EXPECT_EQ(on_zero("allow if count(numbers.range(1, 100000000)) == failed"),
            "exhausted: the gate's policy has no answer: eval_cancel_error: query used too much "
            "memory");
}

TEST(RegoGate, SeesOnlyWhatItNames) {
  const RegoGate gate = made(kTests);
  Facts facts = facts_of({{"tests.failed", 0}, {"tests.passed", 12.0}, {"exit.ok", true}});
  facts.stale.push_back({"scan.files", "old"});
  EXPECT_EQ(gate_input(gate, facts),
            R"({"format":"writ.facts/v1","run":{"spec":"orders.book"},)"
            R"("step":{"path":"test/gate","attempt":1},"tree":"sha256:9b",)"
            R"("facts":{"tests.failed":0,"tests.passed":12}})");
}

TEST(RegoGate, RefusesWhatCannotBeRead) {
  EXPECT_EQ(checked("package g\n\nallow if {\n\tinput.facts[\"tests.failed\"] ==\n}"),
            "5:1 rego_parse_error: unexpected } token");
  EXPECT_EQ(checked("package g\nallow if x == input.facts[\"tests.failed\"]"),
            "2:10 rego_unsafe_var_error: var x is unsafe");
  EXPECT_EQ(checked("package g\nallow if input.facts[\"tests.failed\"] == 0\nx := nope(1)"),
            "3:6 rego_type_error: undefined function nope");
  EXPECT_EQ(checked("package g\nallow := \"\xff\""), "2:11 a byte that is not UTF-8");
}

TEST(RegoGate, SaysAllThatIsWrongAtOnce) {
  EXPECT_EQ(checked("package g\nallow if input.facts[\"tests.faild\"] == nobody"),
            "2:22 there is no fact `tests.faild` (did you mean `tests.failed`?) | "
            "2:10 rego_unsafe_var_error: var nobody is unsafe");
}

TEST(RegoGate, RefusesFactsThatNobodyKnows) {
  EXPECT_EQ(checked("package g\nallow if input.facts[\"tests.faild\"] == 0"),
            "2:22 there is no fact `tests.faild` (did you mean `tests.failed`?)");
  EXPECT_EQ(checked("package g\nallow if input.facts.tests.failed == 0"),
            "2:22 `tests` is no fact; facts have dots in their names");
  EXPECT_EQ(checked("package g\nallow if input.fact[\"tests.failed\"] == 0"),
            "2:16 the input of a gate has no `fact` (did you mean `facts`?)");
  EXPECT_EQ(checked("package g\nallow := true"),
            "1:1 this gate reads no fact, so it would open without any evidence");
}

TEST(RegoGate, WantsFactsThatItComputesToBeDeclared) {
  constexpr std::string_view kAny =
      "package g\nallow if {\n\tevery name, value in input.facts { startswith(name, \"tests.\"); "
      "value >= 0 }\n}";
  EXPECT_EQ(checked(kAny), "3:23 which facts this reads shows only when it runs");
  EXPECT_EQ(checked("package g\nallow if walk(input, [_, 1])"),
            "2:15 which facts this reads shows only when it runs");
  const RegoGate gate = made(kAny, {"tests.total", "tests.failed", "tests.total"});
  EXPECT_EQ(gate.text(), "rego g, reads tests.failed, tests.total");
  EXPECT_EQ(decided(gate, {{"tests.failed", 0}, {"tests.total", 1}, {"scan.files", -1}}),
            "open: allow is true: tests.failed is 0, tests.total is 1");
  EXPECT_EQ(
      decided(gate, {{"tests.failed", 0}}),
      "absent: tests.total is absent (no tests evidence of this tree), and the gate reads it");
}

TEST(RegoGate, RefusesWhatDoesNotSayTheSameForEver) {
  constexpr std::string_view kFact = "package g\nx := input.facts[\"tests.failed\"]\n";
  const auto said = [&](const std::string& body) { return checked(std::string(kFact) + body); };
  for (const std::string name :
       {"time.now_ns()", "rand.intn(\"x\", 2)", "http.send({})", "net.lookup_ip_addr(\"x\")",
        "opa.runtime()", "uuid.rfc4122(\"x\")", "time.clock(0)"}) {
    EXPECT_EQ(said("allow if " + name + " == x"),
              "3:10 `" + name.substr(0, name.find('(')) +
                  "` does not say the same for ever, and a gate must replay");
  }
  EXPECT_EQ(said("allow if count([]) == x with count as http.send"),
            "3:39 `http.send` does not say the same for ever, and a gate must replay");
}

TEST(RegoGate, RefusesDataThatIsNotThere) {
  constexpr std::string_view kFact = "package g.h\nx := input.facts[\"tests.failed\"]\n";
  const auto said = [&](const std::string& body) { return checked(std::string(kFact) + body); };
  EXPECT_EQ(said("import data.limits\nallow if x == 0"),
            "3:1 there is no data.limits: a gate is one module and has no data");
  EXPECT_EQ(said("allow if x == data.limits.most"),
            "3:15 there is no data.limits.most: a gate is one module and has no data");
  EXPECT_EQ(said("allow if data.g.h.x == 0"), "rego g.h, reads tests.failed");
}

TEST(RegoGate, RefusesAModuleThatOpensNothing) {
  constexpr std::string_view kFact = "package g\nx := input.facts[\"tests.failed\"]\n";
  EXPECT_EQ(checked(std::string(kFact) + "deny contains \"no\" if x > 0"),
            "1:1 no rule of this module opens the gate");
  EXPECT_EQ(checked(std::string(kFact) + "allow(y) if x == y"),
            "3:1 `allow` takes no arguments: the gate asks for it");
}

TEST(RegoGate, IsKeptWholeAndReadBack) {
  const RegoGate gate = made(kTests, {"scan.files"});
  const auto again = RegoGate::from_value(gate.to_value());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->module, kTests);
  EXPECT_EQ(again->facts, gate.facts);
  EXPECT_EQ(again->declared, std::vector<std::string>{"scan.files"});
  const auto refused = [](const Value& value) { return Gate::from_value(value).error().message; };
  EXPECT_EQ(
      refused(Object{{"format", "writ.rego-gate/v1"}, {"module", "package g\nallow := true"}}),
      "this is no gate in Rego: this gate reads no fact, so it would open without any "
      "evidence");
  EXPECT_EQ(refused(Object{{"format", "writ.rego-gate/v2"}, {"module", std::string(kTests)}}),
            "this is no gate in Rego: it has other members than format, module and facts");
}

TEST(RegoGate, ReplaysWhatWasKept) {
  const Gate gate(made(kTests));
  const Facts facts = facts_of({{"tests.failed", 1}, {"tests.passed", 12}});
  const Decision decision = evaluate(gate, facts);
  const auto again = replay(gate, facts, decision.to_value());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->reason, decision.reason);
  Value forged = decision.to_value();
  forged.as_object().set("open", true);
  EXPECT_EQ(replay(gate, facts, forged).error().message, "what is kept is not what the facts give");
}

// Whether somebody changed it cannot be told where the gate comes to no end.
TEST(RegoGate, CannotCheckWhatThisMachineGivesUp) {
  const Gate gate(
      allowing("n := numbers.range(1, 1000)\n"
               "allow if {\n\tsome a in n\n\tsome b in n\n\tsome c in n\n\ta + b + c < failed\n}"));
  const Facts facts = facts_of({{"tests.failed", 0}});
  const Decision given_up = evaluate(gate, facts);
  EXPECT_EQ(replay(gate, facts, given_up.to_value())->reason, given_up.reason);
  Value other = given_up.to_value();
  other.as_object().set("open", true);
  other.as_object().set("outcome", "open");
  const auto again = replay(gate, facts, other);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::unavailable);
  EXPECT_EQ(again.error().message,
            "the decision of a gate cannot be checked here: the gate's policy has no answer: "
            "eval_cancel_error: query took too many steps");
}

TEST(RegoGate, BelievesThatASlowerMachineGaveUp) {
  const Gate gate(made(kTests));
  const Facts facts = facts_of({{"tests.failed", 0}, {"tests.passed", 12}});
  const Decision slow = machine_gave_up(*gate.rego(), facts).front();
  EXPECT_EQ(slow.reason, "the gate's policy has no answer: eval_cancel_error: query took too long");
  EXPECT_EQ(slow.outcome, "exhausted");
  const auto again = replay(gate, facts, slow.to_value());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_FALSE(again->open);
  EXPECT_EQ(again->reason, slow.reason);
}

TEST(RegoGate, IsWatchedToSayWhichRulesHeld) {
  const Gate gate(made(kTests));
  const Facts facts = facts_of({{"tests.failed", 0}, {"tests.passed", 12}});
  const auto why = watch_gate(gate, facts, evaluate(gate, facts));
  ASSERT_TRUE(why) << why.error().text();
  ASSERT_EQ(why->candidates.size(), 2u);
  EXPECT_EQ(why->candidates[0].rule, "data.release.gate.allow");
  EXPECT_EQ(why->ended_by, "");
  EXPECT_FALSE(why->is_believed);
  const Facts none = facts_of({});
  EXPECT_TRUE(watch_gate(gate, none, evaluate(gate, none))->candidates.empty());
}

TEST(RegoGate, SaysWhenItCouldNotBeWatchedToItsEnd) {
  const Gate gate(allowing("allow if failed == 0\ndeny contains \"x\" if 1 / failed > 0"));
  const Facts facts = facts_of({{"tests.failed", 0}});
  const auto why = watch_gate(gate, facts, evaluate(gate, facts));
  ASSERT_TRUE(why) << why.error().text();
  EXPECT_EQ(why->ended_by, "eval_builtin_error: div: divide by zero");
  EXPECT_FALSE(why->is_believed);
}

TEST(RegoGate, IsNotSaidToAgreeWithWhatIsOnlyBelieved) {
  const Gate gate(made(kTests));
  const Facts facts = facts_of({{"tests.failed", 0}, {"tests.passed", 12}});
  const Decision slow = machine_gave_up(*gate.rego(), facts).front();
  EXPECT_TRUE(watch_gate(gate, facts, slow)->is_believed);
}

}  // namespace
}  // namespace writ::policy
