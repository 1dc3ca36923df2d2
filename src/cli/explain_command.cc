// writ explain: why is this shut, and what would open it.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "cli/find_step.h"
#include "cli/handlers.h"
#include "cli/rule_verdicts.h"
#include "cli/run_desk.h"
#include "cli/style.h"
#include "cli/wiring.h"
#include "execution/explain.h"
#include "execution/outcome.h"
#include "policy/gate/watch_gate.h"

namespace writ::cli {
namespace {

// Of what a command printed last, of each stream.
constexpr std::size_t kLinesShown = 20;
constexpr std::size_t kLineColumns = 160;

std::string operand_text(const policy::Operand& operand) {
  const std::string value = operand.value ? to_json(*operand.value) : "absent";
  return fmt::format("    {:28} {:12} {}\n", operand.fact, value, printable(operand.note));
}

// A line of a policy, for a terminal.
std::string with_spaces(std::string_view line) {
  std::string out;
  for (const char c : line) out += c == '\t' ? "    " : std::string(1, c);
  return printable(out);
}

// The module with the numbers of its lines, which messages name.
void print_module(std::ostream& out, const policy::RegoGate& gate) {
  std::string_view rest = gate.module;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    out << fmt::format("    {:4} {}\n", number, with_spaces(line));
  }
}

// Of a gate in Rego: the rules that could decide, and those that they asked.
Result<void> print_rules(std::ostream& out, const execution::DecisionRecord& record) {
  WRIT_TRY(const policy::WatchedGate why,
           policy::watch_gate(record.gate, record.facts, record.decision));
  print_ended_by(out, why.ended_by);
  print_verdicts(out, "  rules that could decide", why.candidates);
  print_verdicts(out, "  rules that were asked", why.helpers);
  return {};
}

Result<void> print_gate(std::ostream& out, const execution::Explanation& e, const Style& style) {
  if (!e.definition->gate) return {};
  const bool is_rego = e.definition->gate->rego() != nullptr;
  out << "  gate   " << e.definition->gate->text() << "\n";
  if (is_rego) print_module(out, *e.definition->gate->rego());
  if (!e.decision) {
    out << "         not judged yet\n";
    return {};
  }
  const policy::Decision& decision = e.decision->decision;
  out << "         "
      << style(decision.open ? Tone::good : Tone::bad, decision.open ? "open" : "shut")
      << (is_rego         ? " (" + decision.outcome + ")"
          : decision.rule ? fmt::format(" by rule {}", *decision.rule + 1)
                          : ", no rule matched");
  if (decision.reason != e.state.reason) out << ": " << printable(decision.reason);
  out << "\n  facts of tree " << e.decision->facts.tree.substr(0, 19) << "\n";
  for (const policy::Operand& operand : decision.operands) out << operand_text(operand);
  if (is_rego && decision.outcome != to_text(policy::GateOutcome::absent)) {
    return print_rules(out, *e.decision);
  }
  if (decision.wanted.empty()) return {};
  out << "  to open it\n";
  for (const std::string& wanted : decision.wanted) out << "    " << wanted << "\n";
  return {};
}

// The end of what a command printed.
void print_output(std::ostream& out, const Value& data, std::string_view stream) {
  const Value* tail = data.at_path({stream, "tail"});
  if (tail == nullptr || !tail->is_string()) return;
  std::vector<std::string> lines;
  std::string_view rest = tail->as_string();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    lines.push_back(printable(line));
    if (lines.back().find_first_not_of(' ') == std::string::npos) lines.pop_back();
  }
  const std::size_t skipped = lines.size() > kLinesShown ? lines.size() - kLinesShown : 0;
  for (std::size_t i = skipped; i < lines.size(); ++i) {
    out << "      │ " << fit(lines[i], kLineColumns) << "\n";
  }
}

// The tests of a report that failed.
void print_failures(std::ostream& out, const Value& data) {
  const Value* failures = data.find("failures");
  if (failures == nullptr || !failures->is_array()) return;
  for (const Value& failure : failures->as_array()) {
    out << "      " << failure.string_or("status", "") << " "
        << printable(failure.string_or("name", "")) << "\n";
  }
}

void print_evidence(std::ostream& out, const execution::Explanation& e) {
  if (e.evidence.empty()) return;
  out << "  evidence of attempt " << e.state.attempt << "\n";
  for (const evidence::Record& record : e.evidence) {
    out << fmt::format("    {:10} {:28} tree {}  {}\n", evidence::kind_name(record.kind),
                       record.name, record.tree.hex().substr(0, 12), record.id.text());
    if (e.state.status == execution::StepStatus::passed) continue;
    print_output(out, record.data, "out");
    print_output(out, record.data, "err");
    print_failures(out, record.data);
  }
}

Result<void> print(const CommandContext& context, const execution::Explanation& e) {
  std::ostream& out = context.wiring.out;
  const Style style(context.global.has_color);
  const protocol::Origin& origin = e.definition->origin;
  out << style(Tone::strong, e.step) << "  " << execution::status_name(e.state.status)
      << "  attempt " << e.state.attempt << "\n  from   " << origin.document << "  " << origin.file
      << (origin.at.is_known() ? fmt::format(":{}", origin.at.line) : "") << "\n";
  if (!e.state.reason.empty()) out << "  why    " << printable(e.state.reason) << "\n";
  for (const std::string& need : e.unmet) out << "  needs  " << need << ", which has not passed\n";
  for (const execution::Blocker& blocker : e.blockers) {
    if (!blocker.is_open) continue;
    out << fmt::format("  {} {}\n    {}{}\n    {}\n", execution::blocker_name(blocker.kind),
                       blocker.id.text(), blocker.file.empty() ? "" : blocker.file + ": ",
                       printable(blocker.issue), printable(blocker.proposed_fix));
  }
  for (const protocol::EvidenceWanted& wanted : e.definition->evidence) {
    out << "  wants  " << wanted.kind << " evidence " << wanted.path << "\n";
  }
  WRIT_CHECK(print_gate(out, e, style));
  print_evidence(out, e);
  return {};
}

// What decided, for whoever wants to replay it with other tools:
//   opa eval -d gate.rego -i input.json data.writ.gate.decision
// A gate in Rego is asked for its own documents, and builtins may not fail:
// --strict-builtin-errors.
Result<void> write_rego(const CommandContext& context, const execution::Explanation& e,
                        const std::string& directory) {
  if (!e.definition->gate) {
    return fail(Code::invalid_input, "step " + e.step + " has no gate",
                "`writ plan` shows which steps have one");
  }
  const std::filesystem::path where = context.path(directory);
  WRIT_CHECK(make_directory(where));
  WRIT_CHECK(replace_file(where / "gate.rego", policy::gate_module(*e.definition->gate)));
  if (!e.decision) return {};
  return replace_file(where / "input.json",
                      policy::gate_input(e.decision->gate, e.decision->facts) + "\n");
}

}  // namespace

Result<int> explain(const CommandContext& context) {
  WRIT_TRY(const auto desk, open_run_desk(context, context.arguments.value("--run").value_or("")));
  std::string step = execution::standing(desk->plan(), desk->state()).step;
  if (const std::string named = context.arguments.positional("STEP"); !named.empty()) {
    WRIT_TRY(step, find_step(desk->plan(), named));
  }
  if (step.empty()) {
    context.wiring.out << "every step has passed\n  next: "
                       << execution::next_line(desk->plan(), desk->state()) << "\n";
    return 0;
  }
  WRIT_TRY(const execution::Explanation explanation, desk->explain(step));
  if (const auto directory = context.arguments.value("--rego")) {
    WRIT_CHECK(write_rego(context, explanation, *directory));
  }
  if (context.global.is_json) {
    context.wiring.out << to_pretty_json(execution::to_value(explanation));
  } else {
    WRIT_CHECK(print(context, explanation));
  }
  return 0;
}

}  // namespace writ::cli
