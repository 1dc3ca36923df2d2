#include "execution/gate_event.h"

#include <algorithm>

#include "base/json.h"
#include "ledger/ledger.h"
#include "policy/gate/gate.h"

namespace writ::execution {
namespace {

constexpr std::string_view kDecided = "writ.gate.decided";
constexpr std::string_view kPath = "writ/gate/decision";

// What a gate came to, as a policy would answer it.
Value result_of(const policy::Decision& decision) {
  Object out{{"open", decision.open}, {"reason", decision.reason}};
  if (decision.rule) out.append("rule", static_cast<std::int64_t>(*decision.rule));
  if (!decision.outcome.empty()) out.append("outcome", decision.outcome);
  Array reasons;
  for (const std::string& reason : decision.reasons) reasons.push_back(reason);
  if (!reasons.empty()) out.append("reasons", std::move(reasons));
  return out;
}

// Ways to have no answer that decision logs call an error.
bool has_failed(const policy::Decision& decision) {
  using policy::GateOutcome;
  return std::ranges::any_of(
      std::initializer_list{GateOutcome::conflict, GateOutcome::error, GateOutcome::exhausted},
      [&](GateOutcome outcome) { return decision.outcome == to_text(outcome); });
}

}  // namespace

Result<LoggedGate> logged_gate(const Journal& journal, ledger::Event event) {
  if (event.entry.type != kDecided || event.entry.run != journal.state().run.id) {
    return fail(Code::not_found,
                "event " + event.entry.id.text() + " is no decision of a gate of this run",
                "`writ ledger list --type " + std::string(kDecided) + "` lists them");
  }
  WRIT_TRY(const Value payload, parse_json(event.entry.payload));
  const std::string_view wanted = payload.string_or("decision", "");
  WRIT_TRY(std::vector<DecisionRecord> decisions, journal.decisions());
  for (DecisionRecord& record : decisions) {
    WRIT_TRY(const std::string digest, record.digest());
    if (digest == wanted) return LoggedGate{std::move(record), std::move(event)};
  }
  return fail(Code::tampered, "the decision that event " + event.entry.id.text() +
                                  " tells of is not the one that is kept");
}

Result<LoggedGate> logged_gate(const Journal& journal, const ledger::Ledger& log,
                               std::string_view step) {
  WRIT_TRY(std::vector<ledger::Event> events, log.of_run(journal.state().run.id));
  const std::string subject = "run/" + journal.state().run.id.text() + "/step/" + std::string(step);
  const auto last = std::find_if(events.rbegin(), events.rend(), [&](const ledger::Event& event) {
    return event.entry.type == kDecided && event.entry.subject == subject;
  });
  if (last != events.rend()) return logged_gate(journal, std::move(*last));
  return fail(Code::not_found, "no gate of step " + std::string(step) + " was judged",
              "`writ explain` says what the step waits for");
}

Result<Value> gate_event(const LoggedGate& decided) {
  const DecisionRecord& record = decided.record;
  const ledger::Entry& entry = decided.event.entry;
  Object out{{"decision_id", entry.id.text()},
             {"labels", Object{{"id", entry.source}, {"version", entry.context.tool}}},
             {"path", kPath}};
  WRIT_TRY(Value input, parse_json(policy::gate_input(record.gate, record.facts), "gate input"));
  out.append("input", std::move(input));
  out.append("result", result_of(record.decision));
  if (has_failed(record.decision)) {
    out.append("error",
               Object{{"code", record.decision.outcome}, {"message", record.decision.reason}});
  }
  out.append("timestamp", to_rfc3339(entry.time));
  out.append("correlation_id", entry.correlation);
  if (!entry.context.thread.empty()) out.append("thread_id", entry.context.thread);
  out.append("gate", Object{{"run", entry.run.text()},
                            {"step", record.step},
                            {"attempt", record.attempt},
                            {"policy", record.gate.text()},
                            {"tree", record.facts.tree}});
  return Value(std::move(out));
}

}  // namespace writ::execution
