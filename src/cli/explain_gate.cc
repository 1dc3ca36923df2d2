#include "cli/explain_gate.h"

#include <fmt/format.h>

#include <ostream>

#include "base/json.h"
#include "cli/find_step.h"
#include "cli/policy_setup.h"
#include "cli/project.h"
#include "cli/rule_verdicts.h"
#include "cli/style.h"
#include "cli/wiring.h"
#include "execution/gate_event.h"
#include "policy/gate/explain_gate.h"

namespace writ::cli {
namespace {

Result<execution::LoggedGate> gate_of_step(Project& project, const std::string& run_text,
                                           const std::string& step_text) {
  WRIT_TRY(const RunId run, project.resolve_run(run_text));
  WRIT_TRY(const auto journal,
           execution::Journal::open(project.journal_deps(crypto::KeyId{}), run));
  WRIT_TRY(const std::string step, find_step(journal.plan(), step_text));
  return execution::logged_gate(journal, project.ledger(), step);
}

Result<execution::LoggedGate> gate_of_id(Project& project, const std::string& text) {
  WRIT_TRY(const EventId id, EventId::parse(text));
  WRIT_TRY(ledger::Event event, project.ledger().get(id));
  WRIT_TRY(const auto journal,
           execution::Journal::open(project.journal_deps(crypto::KeyId{}), event.entry.run));
  return execution::logged_gate(journal, std::move(event));
}

Result<execution::LoggedGate> find_gate(const CommandContext& context, const std::string& text) {
  WRIT_TRY(const auto project,
           open_project(context));
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return gate_of_id(*project, text);
  return gate_of_step(*project, text.substr(0, slash), text.substr(slash + 1));
}

void print(const CommandContext& context, const execution::LoggedGate& gate,
           const policy::GateExplanation& why) {
  std::ostream& out = context.wiring.out;
  const execution::DecisionRecord& record = gate.record;
  const policy::Decision& decision = record.decision;
  out << fmt::format("decision {} of {}\n", gate.event.entry.id.text(),
                     to_rfc3339(gate.event.entry.time));
  out << fmt::format("gate of step {}, attempt {}, of run {}\n", record.step, record.attempt,
                     gate.event.entry.run.text());
  out << "policy " << printable(record.gate.text()) << "\n";
  out << fmt::format("it was {}, and is with the facts that were kept: {}\n",
                     decision.open ? "open" : "shut", printable(decision.reason));
  print_verdicts(out, "rules that could decide:", why.candidates);
  print_verdicts(out, "rules that were asked:", why.helpers);
}

}  // namespace

bool may_name_gate(const CommandContext& context, const std::string& text) {
  if (context.arguments.value("--file")) return false;
  return text.find('/') != std::string::npos || context.global.store.empty();
}

Result<int> explain_gate_decision(const CommandContext& context, const std::string& text) {
  WRIT_TRY(const execution::LoggedGate gate, find_gate(context, text));
  policy::GateExplanation why;
  // A gate whose facts are absent was not asked.
  if (gate.record.decision.outcome != to_text(policy::GateOutcome::absent)) {
    WRIT_TRY(why, policy::explain_gate(gate.record.gate, gate.record.facts));
  }
  if (output_format(context, "pretty") == "json") {
    context.wiring.out << to_pretty_json(
        Object{{"decision_id", gate.event.entry.id.text()},
               {"event", execution::gate_event(gate)},
               {"agrees", true},  // else it was refused as tampered with
               {"candidates", verdict_values(why.candidates)},
               {"asked", verdict_values(why.helpers)}});
  } else {
    print(context, gate, why);
  }
  return 0;
}

}  // namespace writ::cli
