#include "execution/default_check.h"

#include "base/document.h"
#include "policy/own/own_policies.h"

namespace writ::execution {
namespace {

Result<policy::Gate> gate_of(std::string_view module) {
  std::vector<policy::ModuleProblem> problems;
  auto gate = policy::make_rego_gate(std::string(module), {}, problems);
  if (gate) return policy::Gate(*std::move(gate));
  return fail(Code::internal, "the default check does not compile: " + problems.front().message);
}

Value table_of_before() {
  const Document document{"builtin:attest", "steps.unfinished == 0",
                          Value("steps.unfinished == 0")};
  std::vector<Diagnostic> diagnostics;
  const auto table = policy::compile_gate(document, document.root, diagnostics);
  WRIT_ASSERT(table.has_value());  // a constant, compiled by a test
  return table->to_value();
}

}  // namespace

Result<policy::Gate> default_check() { return gate_of(policy::own_policy("gate.rego")); }

bool is_default_check(const policy::Gate& gate) {
  const Result<policy::Gate> own = default_check();
  return (own && gate.to_value() == own->to_value()) || gate.to_value() == table_of_before();
}

}  // namespace writ::execution
