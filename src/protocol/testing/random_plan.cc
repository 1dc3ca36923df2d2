#include "protocol/testing/random_plan.h"

#include <random>

namespace writ::protocol::testing {
namespace {

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  Plan plan() {
    Plan plan;
    plan.spec_id = text();
    plan.spec_name = text();
    plan.spec_file = text();
    plan.spec_digest = digest();
    fill(plan.protocols, [&] { return protocol(); });
    fill(plan.inputs, [&] { return document(); });
    fill(plan.context, [&] { return document(); });
    plan.module = Object{{"id", text()}, {"deep", Object{{"list", Array{1, 2.5, nullptr, true}}}}};
    plan.work_type = static_cast<WorkType>(below(3));
    plan.ambiguity = below(2) == 0 ? "assume" : "stop";
    plan.risk = {{"drift", 1 + below(5)}, {"security", 1 + below(5)}};
    plan.remediation_entry = text();
    plan.scope = scope();
    plan.budget = budget();
    fill(plan.acceptance, [&] { return Criterion{text(), text(), texts()}; });
    fill(plan.known_failures, [&] { return KnownFailure{text(), text(), text()}; });
    fill(plan.invariants, [&] { return Invariant{text(), text(), texts(), origin()}; });
    plan.forbid = texts();
    for (std::uint32_t i = 0; i < 1 + below(5); ++i) plan.steps.push_back(step(plan, i));
    fill(plan.questions, [&] { return Question{text(), text(), gate(), origin(), texts()}; });
    fill(plan.attest, [&] { return AttestCheck{text(), gate(), origin(), texts()}; });
    fill(plan.groups, [&] { return group(); });
    fill(plan.rules, [&] { return rule(); });
    fill(plan.inapplicable, [&] { return Inapplicable{text(), text(), origin()}; });
    fill(plan.artifacts,
         [&] { return DeclaredArtifact{text(), text(), texts(), text(), texts(), origin()}; });
    plan.register_wanted = maybe(RegisterWanted{text(), texts(), origin()});
    fill(plan.tables,
         [&] { return LookupTable{text(), text(), texts(), {texts(), texts()}, origin()}; });
    fill(plan.addenda, [&] { return AppliedAddendum{text(), text(), origin()}; });
    return plan;
  }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  bool coin() { return below(2) == 0; }

  std::string text() {
    constexpr std::string_view kTexts[] = {
        "", "a", "two words", "\"quoted\"\\", "line\nbreak", "ünïcödé", "/", "💡", "null", "0"};
    return std::string(kTexts[below(std::size(kTexts))]);
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    fill(out, [&] { return text(); });
    return out;
  }
  std::string digest() { return std::string(64, "0123456789abcdef"[below(16)]); }

  template <typename T, typename Make>
  void fill(std::vector<T>& list, Make make) {
    for (std::uint32_t i = below(3); i > 0; --i) list.push_back(make());
  }
  template <typename T>
  std::optional<T> maybe(T value) {
    return coin() ? std::optional<T>(std::move(value)) : std::nullopt;
  }

  Origin origin() { return {text(), text(), {below(1'000), below(100)}}; }
  Authority authority() { return static_cast<Authority>(below(3)); }
  BoundDocument document() { return {text(), text(), text(), digest(), authority()}; }
  BoundDocument protocol() { return {text(), text(), "", digest(), authority()}; }

  Scope scope() {
    Scope scope;
    scope.base = text();
    scope.is_locked = coin();
    scope.may_change = texts();
    scope.allowed_new_files = texts();
    scope.outputs = texts();
    scope.sequential = coin();
    return scope;
  }

  Budget budget() {
    Budget budget;
    budget.max_files = maybe(below(100));
    budget.max_lines_per_file = maybe(below(100));
    budget.max_total_lines = maybe(0xffff'ffffu);
    budget.max_iterations = maybe(below(100));
    budget.max_tokens = maybe(std::uint64_t{below(1'000'000)});
    budget.max_micro_usd = maybe(std::uint64_t{below(1'000'000)} << 20);
    budget.active = maybe(Duration(below(1'000'000)));
    return budget;
  }

  policy::Gate gate() { return below(4) == 0 ? rego_gate() : table_gate(); }

  policy::Gate rego_gate() {
    std::string module = "package p" + std::to_string(below(100)) +
                         "\n\nallow if input.facts[\"tests.failed\"] == 0\n";
    std::vector<std::string> declared;
    if (coin()) declared = {"exit.ok", "scan.violations"};
    std::vector<policy::ModuleProblem> problems;
    auto made = policy::make_rego_gate(std::move(module), std::move(declared), problems);
    WRIT_ASSERT(made.has_value());
    return *std::move(made);
  }

  policy::Gate table_gate() {
    constexpr std::string_view kGates[] = {
        "tests.failed == 0 and tests.passed >= 12",
        "not (exit.code in [1, 2]) or benchmark.\"BM_X/8\" < 250ms",
        "benchmark.ratio >= 0.25",
    };
    std::vector<Diagnostic> problems;
    const Value chosen(kGates[below(std::size(kGates))]);
    const Value list(Array{Object{{"when", "scan.violations > 0"}, {"shut", "Not \"clean\""}},
                           Object{{"when", chosen}, {"open", true}}});
    auto table = policy::compile_gate(Document{}, coin() ? chosen : list, problems);
    WRIT_ASSERT(table.has_value());
    return *std::move(table);
  }

  PlanStep step(const Plan& plan, std::uint32_t number) {
    PlanStep step;
    step.path = "s/" + std::to_string(number);
    step.title = text();
    step.stage = text();
    step.slot = static_cast<Slot>(below(3));
    step.kind = static_cast<StepKind>(below(7));
    for (const PlanStep& earlier : plan.steps) {
      if (coin()) step.needs.push_back(earlier.path);
    }
    step.with = Object{{"argv", Array{text(), text()}}, {"n", below(10)}};
    step.timeout = maybe(Duration(below(100'000)));
    step.retry = {below(5), texts(), Duration(below(1'000)), Duration(below(100'000))};
    fill(step.evidence, [&] { return EvidenceWanted{text(), text(), coin()}; });
    step.gate = maybe(gate());
    if (step.gate) step.gate_over = {step.path};
    step.blocks = maybe(static_cast<BlockerKind>(below(5)));
    step.inputs = texts();
    step.writes_tree = coin();
    step.is_repeatable = coin();
    step.authority = authority();
    step.origin = origin();
    return step;
  }

  Group group() {
    Group group;
    group.id = text();
    group.name = text();
    group.description = text();
    group.priority = "P" + std::to_string(below(4));
    group.items = texts();
    group.needs = texts();
    group.validation = maybe(gate());
    group.origin = origin();
    return group;
  }

  ComposedRule rule() {
    ComposedRule rule{text(), Value(below(9)), authority(), origin(), {}, text()};
    if (coin()) rule.value = Value(text());
    fill(rule.overrode, [&] { return origin(); });
    return rule;
  }

  std::mt19937 random_;
};

}  // namespace

Plan random_plan(std::uint32_t seed) { return Maker(seed).plan(); }

}  // namespace writ::protocol::testing
