// Rego from arbitrary text. What parses prints as text that parses again; what compiles runs within
// a budget and comes to rows or to an error, and comes to the same a second time. Of each rule it
// is also asked, within a budget, what remains of it while the input is unknown.
#include <cstdlib>

#include "base/clock.h"
#include "base/random.h"
#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/parse/parser.h"
#include "policy/partial/partial.h"
#include "policy/term/build.h"
#include "policy/term/print.h"

namespace {

using namespace writ::rego;

void require(bool holds) {
  if (!holds) std::abort();
}

class StandingClock final : public writ::Clock {
 public:
  writ::WallTime wall() const override { return {1'767'225'600'000'000}; }
  std::chrono::steady_clock::time_point steady() const override { return {}; }
};

std::string outcome(Evaluator& evaluator, const Query& query, const EvalInput& input) {
  const Answer& answer = evaluator.evaluate(query, input);
  if (answer.error) return answer.error->text();
  std::string out;
  for (const Solution& row : answer.rows) out += to_rego(row.values.at(0)) + "\n";
  return out;
}

void check_terms(std::string_view text) {
  Arena arena;
  const auto term = parse_term(arena, text);
  if (!term) return;
  const std::string printed = writ::rego::ast::to_text(*term);
  const auto again = parse_term(arena, printed);
  require(again.has_value() && writ::rego::ast::to_text(*again) == printed);
}

std::string residue(const std::shared_ptr<const Program>& program, const std::string& query,
                    const EvalInput& input) {
  PartialOptions options;
  options.limits = input.limits;
  options.most_queries = 100;
  const auto answer = partially_evaluate(program, query, {{}, input.data, input.services}, options);
  if (!answer) return to_text(answer.error());
  std::string out;
  for (const writ::rego::ast::Body& body : answer->queries) {
    for (const auto& statement : body) out += writ::rego::ast::to_text(statement) + "\n";
    out += "\n";
  }
  for (const SupportModule& module : answer->support) out += module.text;
  return out;
}

// The rules at and below the node, one after the other.
void ask_partially(const std::shared_ptr<const Program>& program, const Node& node,
                   const EvalInput& input) {
  if (node.rules && node.rules->kind != RuleSet::Kind::function) {
    const std::string query = to_text(node);
    const std::string first = residue(program, query, input);
    require(residue(program, query, input) == first);
  }
  for (const auto& [key, child] : node.children) ask_partially(program, *child, input);
}

void run(std::shared_ptr<const Program> program) {
  StandingClock clock;
  writ::SystemRandom random;
  Services services;
  services.clock = &clock;
  services.random = &random;
  Arena arena;
  EvalInput input;
  input.services = &services;
  input.input = make_object(arena, {{borrow_string("x"), Term::integer(1)},
                                    {borrow_string("y"), make_array(arena, {Term::null()})}});
  input.limits.steps = 20'000;
  input.limits.memory_bytes = std::size_t{16} << 20;
  input.limits.stack_bytes = std::size_t{1} << 20;
  const auto query = compile_query(program, "data");
  require(query.has_value());
  Evaluator evaluator;
  const std::string first = outcome(evaluator, **query, input);
  require(outcome(evaluator, **query, input) == first);
  input.limits.steps = 2'000;
  ask_partially(program, *program->root, input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_terms(text);
  for (const bool is_v0 : {false, true}) {
    auto module = parse_module("fuzz.rego", text, {.is_v0 = is_v0, .max_bytes = 1 << 16});
    if (!module) {
      require(!module.error().empty() && !module.error()[0].message.empty());
      continue;
    }
    std::vector<writ::rego::ast::Module> modules;
    modules.push_back(*std::move(module));
    auto program = compile(std::move(modules));
    if (program) run(*program);
  }
  return 0;
}
