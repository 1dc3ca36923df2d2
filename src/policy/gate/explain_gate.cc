#include "policy/gate/explain_gate.h"

#include <iterator>

#include "policy/gate/run_module.h"

namespace writ::policy {

Result<GateExplanation> explain_gate(const Gate& gate, const Facts& facts) {
  auto program = compile_module(gate_module(gate), {.is_observed = true, .is_indexed = false});
  if (!program) return rego::fail(program.error());
  WRIT_TRY(ModuleRun run, ModuleRun::make(*program, gate_input(gate, facts)));
  // The rules of all documents are candidates; what one asks of another is told once.
  rego::Explanation explanation;
  GateExplanation out;
  for (const std::string& query : gate_queries(gate)) run.ask(query, &explanation);
  for (const std::vector<std::string>& path : gate_paths(gate)) {
    std::ranges::move(explanation.candidates(**program, path, run.input()),
                      std::back_inserter(out.candidates));
  }
  out.helpers = explanation.helpers(out.candidates, run.input());
  return out;
}

}  // namespace writ::policy
