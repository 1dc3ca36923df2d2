#include "policy/gate/watch_gate.h"

#include <iterator>

#include "policy/gate/run_module.h"

namespace writ::policy {
namespace {

// One that ran out decides otherwise only where a machine has less than another.
bool is_believed(const Gate& gate, const Facts& facts, const Decision& decision) {
  return decision.outcome == to_text(GateOutcome::exhausted) &&
         evaluate(gate, facts).to_value() != decision.to_value();
}

}  // namespace

Result<WatchedGate> watch_gate(const Gate& gate, const Facts& facts, const Decision& decision) {
  WatchedGate out;
  if (decision.outcome == to_text(GateOutcome::absent)) return out;
  out.is_believed = is_believed(gate, facts, decision);
  auto program =
      compile_module(kGateFile, gate_module(gate), {.is_observed = true, .is_indexed = false});
  if (!program) return rego::fail(program.error());
  WRIT_TRY(ModuleRun run, ModuleRun::make(*program, gate_input(gate, facts)));
  // The rules of all documents are candidates; what one asks of another is told once.
  rego::Explanation explanation;
  for (const std::string& query : gate_queries(gate)) {
    const rego::Answer& answer = run.ask(query, &explanation);
    if (!answer.error) continue;
    out.ended_by = answer.error->code + ": " + answer.error->message;
    break;
  }
  for (const std::vector<std::string>& path : gate_paths(gate)) {
    std::ranges::move(explanation.candidates(**program, path, run.input()),
                      std::back_inserter(out.candidates));
  }
  out.helpers = explanation.helpers(out.candidates, run.input());
  return out;
}

}  // namespace writ::policy
