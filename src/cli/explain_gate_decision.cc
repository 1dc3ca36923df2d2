#include "cli/explain_gate_decision.h"

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
#include "policy/gate/watch_gate.h"

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

std::unexpected<Error> is_nowhere() {
  return fail(Code::usage, "where is the decision kept? No gate of this project has it",
              "Name the buffer of the server with --store sqlite:PATH, or a log with --file");
}

Result<execution::LoggedGate> gate_of_id(Project& project, EventId id) {
  auto event = project.ledger().get(id);
  if (!event && event.error().code == Code::not_found) return is_nowhere();
  if (!event) return std::unexpected(std::move(event).error());
  WRIT_TRY(const auto journal,
           execution::Journal::open(project.journal_deps(crypto::KeyId{}), event->entry.run));
  return execution::logged_gate(journal, *std::move(event));
}

Result<execution::LoggedGate> find_gate(const CommandContext& context, const std::string& text) {
  const std::size_t slash = text.find('/');
  const Result<EventId> id = EventId::parse(text);
  if (slash == std::string::npos && !id) return is_nowhere();  // ids of events are UUIDs
  WRIT_TRY(const auto project, open_project(context));
  if (slash == std::string::npos) return gate_of_id(*project, *id);
  return gate_of_step(*project, text.substr(0, slash), text.substr(slash + 1));
}

std::string stands_text(const policy::WatchedGate& why) {
  return why.is_believed
             ? ", which is believed: the machine that decided gave up, and this one does not"
             : ", and is with the facts that were kept";
}

void print(const CommandContext& context, const execution::LoggedGate& gate,
           const policy::WatchedGate& why) {
  std::ostream& out = context.wiring.out;
  const execution::DecisionRecord& record = gate.record;
  const policy::Decision& decision = record.decision;
  out << fmt::format("decision {} of {}\n", gate.event.entry.id.text(),
                     to_rfc3339(gate.event.entry.time));
  out << fmt::format("gate of step {}, attempt {}, of run {}\n", record.step, record.attempt,
                     gate.event.entry.run.text());
  out << "policy " << printable(record.gate.text()) << "\n";
  out << fmt::format("it was {}{}: {}\n", decision.open ? "open" : "shut", stands_text(why),
                     printable(decision.reason));
  print_ended_by(out, why.ended_by);
  print_verdicts(out, "rules that could decide:", why.candidates);
  print_verdicts(out, "rules that were asked:", why.helpers);
}

Result<Value> json_of(const execution::LoggedGate& gate, const policy::WatchedGate& why) {
  WRIT_TRY(Value event, execution::gate_event(gate));
  Object out{{"decision_id", gate.event.entry.id.text()}, {"event", std::move(event)}};
  // One that comes out otherwise was refused as tampered with; one that is believed says nothing.
  if (!why.is_believed) out.append("agrees", true);
  if (!why.ended_by.empty()) out.append("ended_by", why.ended_by);
  out.append("candidates", verdict_values(why.candidates));
  out.append("asked", verdict_values(why.helpers));
  return Value(std::move(out));
}

}  // namespace

bool may_name_gate(const CommandContext& context, const std::string& text) {
  if (context.arguments.value("--file")) return false;
  return text.find('/') != std::string::npos || context.global.store.empty();
}

Result<int> explain_gate_decision(const CommandContext& context, const std::string& text) {
  WRIT_TRY(const execution::LoggedGate gate, find_gate(context, text));
  const execution::DecisionRecord& record = gate.record;
  WRIT_TRY(const policy::WatchedGate why,
           policy::watch_gate(record.gate, record.facts, record.decision));
  if (output_format(context, "pretty") == "json") {
    WRIT_TRY(const Value told, json_of(gate, why));
    context.wiring.out << to_pretty_json(told);
  } else {
    print(context, gate, why);
  }
  return 0;
}

}  // namespace writ::cli
