// Rego from arbitrary text. What parses prints as text that parses again; what compiles runs within
// a budget and comes to rows or to an error, and comes to the same a second time.
#include <cstdlib>

#include "base/clock.h"
#include "base/random.h"
#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/parse/parser.h"
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
  const auto query = compile_query(std::move(program), "data");
  require(query.has_value());
  Evaluator evaluator;
  const std::string first = outcome(evaluator, **query, input);
  require(outcome(evaluator, **query, input) == first);
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
