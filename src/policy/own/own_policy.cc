#include "policy/own/own_policy.h"

#include "base/json.h"
#include "policy/gate/run_module.h"
#include "policy/term/json.h"

namespace writ::policy {
namespace {

std::unexpected<Error> no_answer(const std::string& why) {
  return fail(Code::internal, "the policy has no answer: " + why,
              "Nothing is permitted without it");
}

}  // namespace

OwnPolicy::OwnPolicy(std::string_view module, std::string query, std::string_view name,
                     PolicyBudget budget)
    : query_(std::move(query)), budget_(budget) {
  auto program = compile_module(name, std::string(module));
  if (program) {
    program_ = *std::move(program);
  } else {
    broken_ = program.error().front().text();
  }
}

Result<Value> OwnPolicy::decide(const Value& input) const {
  if (program_ == nullptr) return no_answer(broken_);
  rego::EvalLimits limits = gate_limits();
  limits.steps = budget_.steps;
  limits.memory_bytes = budget_.memory_bytes;
  limits.time = budget_.time;
  WRIT_TRY(ModuleRun run, ModuleRun::make(program_, to_json(input), limits));
  const rego::Answer& answer = run.ask(query_);
  if (answer.error) return no_answer(answer.error->text());
  if (answer.rows.empty()) return no_answer(query_ + " is undefined");
  return parse_json(rego::to_json(answer.rows.front().values.front()), "policy");
}

}  // namespace writ::policy
