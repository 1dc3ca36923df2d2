// writ handoff: where a run stands, as Markdown for whoever takes over.
#include <fmt/format.h>

#include <ostream>

#include "base/file.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/report.h"
#include "cli/run_desk.h"
#include "cli/wiring.h"
#include "crypto/dsse.h"
#include "evidence/attestation.h"
#include "evidence/markdown.h"
#include "execution/compliance.h"
#include "execution/outcome.h"

namespace writ::cli {
namespace {

using evidence::markdown_code;
using evidence::markdown_table;
using evidence::markdown_text;
using MarkdownRow = std::vector<std::string>;

std::string head_of(RunDesk& desk) {
  const execution::RunRow& run = desk.state().run;
  const execution::Standing at = execution::standing(desk.plan(), desk.state());
  const std::string where = at.step.empty() ? "" : " at " + markdown_code(at.step);
  const std::string because = at.detail.empty() ? "" : ": " + markdown_text(at.detail);
  return fmt::format(
      "# Handoff of {}\n\n- Run {}, begun {}\n- Base {}, tree {}\n- Outcome: {}{}{}\n- Next: {}\n",
      markdown_text(run.spec_id), markdown_code(run.id.text()), to_rfc3339(run.created),
      markdown_code(run.base.substr(0, 12)), markdown_code(run.tree.substr(0, 12)),
      execution::outcome_row(at.outcome).name, where, because,
      markdown_code(execution::next_line(desk.plan(), desk.state())));
}

std::string blockers_of(const execution::RunState& state) {
  std::vector<MarkdownRow> rows;
  for (const execution::Blocker& blocker : state.blockers) {
    if (!blocker.is_open) continue;
    rows.push_back({std::string(execution::blocker_name(blocker.kind)), markdown_code(blocker.step),
                    markdown_text(blocker.issue), markdown_text(blocker.proposed_fix),
                    markdown_code(blocker.id.text())});
  }
  if (rows.empty()) return {};
  const MarkdownRow head{"blocker", "step", "issue", "proposed fix", "id"};
  return "\n## Open blockers\n\n" + markdown_table(head, rows);
}

std::string open_matters_of(const execution::RunRow& run) {
  std::vector<MarkdownRow> rows;
  for (const execution::Deferral& deferral : execution::open_deferrals(run)) {
    rows.push_back({markdown_text(deferral.what), markdown_text(deferral.owner),
                    to_rfc3339(deferral.due).substr(0, 10), markdown_text(deferral.unblocker),
                    markdown_code(deferral.id.text())});
  }
  std::string out;
  if (!rows.empty()) {
    const MarkdownRow head{"deferred", "owner", "due", "waits for", "id"};
    out += "\n## Deferrals\n\n" + markdown_table(head, rows);
  }
  rows.clear();
  for (const execution::Assumption& assumption : run.assumptions) {
    rows.push_back({markdown_code(assumption.step), markdown_text(assumption.text)});
  }
  if (!rows.empty()) {
    const MarkdownRow head{"step", "assumed"};
    out += "\n## Assumptions\n\n" + markdown_table(head, rows);
  }
  return out;
}

std::string compliance_of(RunDesk& desk) {
  std::vector<MarkdownRow> rows;
  for (const auto& of : execution::compliance(desk.plan(), desk.state())) {
    rows.push_back({markdown_text(of.document), fmt::format("{} of {}", of.passed, of.steps),
                    of.open.empty() ? "" : markdown_code(of.open)});
  }
  const MarkdownRow head{"document", "passed", "first that did not"};
  return "\n## Compliance\n\n" + markdown_table(head, rows);
}

std::string steps_of(RunDesk& desk) {
  std::vector<MarkdownRow> rows;
  for (std::size_t i = 0; i < desk.plan().steps.size(); ++i) {
    const execution::StepState& step = desk.state().steps[i];
    rows.push_back({markdown_code(desk.plan().steps[i].path),
                    std::string(execution::status_name(step.status)), std::to_string(step.attempt),
                    markdown_text(step.reason)});
  }
  const MarkdownRow head{"step", "status", "attempt", "why"};
  return "\n## Steps\n\n" + markdown_table(head, rows);
}

Result<std::string> evidence_of(RunDesk& desk) {
  WRIT_TRY(const auto records, desk.evidence());
  std::vector<MarkdownRow> rows;
  for (const evidence::Record& record : records) {
    rows.push_back({markdown_code(record.step), std::to_string(record.attempt),
                    std::string(evidence::kind_name(record.kind)), markdown_text(record.name),
                    markdown_code(record.tree.hex().substr(0, 12)),
                    markdown_code(record.id.text())});
  }
  if (rows.empty()) return std::string();
  const MarkdownRow head{"step", "attempt", "kind", "name", "tree", "id"};
  return "\n## Evidence\n\n" + markdown_table(head, rows);
}

// The attestation as it was signed; empty while there is none.
Result<std::string> attestation_of(RunDesk& desk) {
  if (desk.state().run.attestation.empty()) return std::string();
  WRIT_TRY(const std::string bytes, desk.attestation());
  WRIT_TRY(const Value value, parse_json(bytes));
  WRIT_TRY(const crypto::DsseEnvelope envelope, crypto::dsse_from_value(value));
  WRIT_TRY(const evidence::Attestation attestation, evidence::parse_attestation(envelope.payload));
  return "\n" + evidence::attestation_markdown(attestation);
}

}  // namespace

Result<int> handoff(const CommandContext& context) {
  WRIT_TRY(const auto desk, open_run_desk(context, context.arguments.positional("RUN")));
  WRIT_TRY(const std::string evidence, evidence_of(*desk));
  WRIT_TRY(const std::string attestation, attestation_of(*desk));
  const std::string text = head_of(*desk) + blockers_of(desk->state()) +
                           open_matters_of(desk->state().run) + compliance_of(*desk) +
                           steps_of(*desk) + evidence + attestation;
  const auto path = context.arguments.value("--out");
  if (!path) {
    context.wiring.out << (context.global.is_json ? to_json(Object{{"markdown", text}}) + "\n"
                                                  : text);
    return 0;
  }
  WRIT_CHECK(replace_file(context.path(*path), text));
  report(context, Object{{"run", desk->run().text()}, {"file", *path}}, "wrote " + *path + "\n");
  return 0;
}

}  // namespace writ::cli
