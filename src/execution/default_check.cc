#include "execution/default_check.h"

#include <algorithm>

#include "base/document.h"
#include "crypto/digest.h"
#include "policy/own/policy_text.h"

namespace writ::execution {
namespace {

Value table_of_before() {
  const Document document{"builtin:attest", "steps.unfinished == 0",
                          Value("steps.unfinished == 0")};
  std::vector<Diagnostic> diagnostics;
  const auto table = policy::compile_gate(document, document.root, diagnostics);
  WRIT_ASSERT(table.has_value());  // a constant, compiled by a test
  return table->to_value();
}

bool was_once(const policy::RegoGate& gate) {
  return gate.declared.empty() &&
         std::ranges::find(kDefaultChecks, crypto::sha256(gate.module).hex()) !=
             std::ranges::end(kDefaultChecks);
}

}  // namespace

Result<policy::Gate> default_check() {
  std::vector<policy::ModuleProblem> problems;
  const std::string module(policy::own_policy_text("default_check.rego"));
  auto gate = policy::make_rego_gate(module, {}, problems);
  if (gate) return policy::Gate(*std::move(gate));
  return fail(Code::internal, "the default check does not compile: " + problems.front().message);
}

bool is_default_check(const policy::Gate& gate) {
  return gate.rego() != nullptr ? was_once(*gate.rego()) : gate.to_value() == table_of_before();
}

}  // namespace writ::execution
