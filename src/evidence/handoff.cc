#include "evidence/handoff.h"

#include <string_view>

#include "evidence/markdown.h"

namespace writ::evidence {
namespace {

using Row = std::vector<std::string>;

std::string section(std::string_view title, std::string_view body) {
  return "\n## " + std::string(title) + "\n\n" + (body.empty() ? "None.\n" : std::string(body));
}

std::string table(const Row& head, const std::vector<Row>& rows) {
  return rows.empty() ? std::string() : markdown_table(head, rows);
}

std::string bullets(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "- " + markdown_text(line) + "\n";
  return out;
}

std::string code_bullets(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "- " + markdown_code(line) + "\n";
  return out;
}

std::string head(const Handoff& h) {
  const std::vector<Row> rows{{"run", markdown_code(h.run)},
                              {"outcome", markdown_text(h.outcome)},
                              {"base revision", markdown_code(h.base)},
                              {"tree", markdown_code(h.tree)}};
  const std::string purpose = h.purpose.empty() ? "" : markdown_text(h.purpose) + "\n\n";
  return "# Handoff of " + markdown_text(h.spec) + "\n\n" + purpose + table({"", ""}, rows);
}

std::string contracts(const Handoff& h) {
  std::vector<Row> rows;
  rows.reserve(h.contracts.size());
  for (const HandoffContract& c : h.contracts) {
    rows.push_back(
        {markdown_code(c.name), markdown_text(c.change), markdown_text(c.compatibility)});
  }
  return table({"contract", "change", "compatibility"}, rows);
}

std::string files(const Handoff& h) {
  std::vector<Row> rows;
  rows.reserve(h.files.size());
  for (const HandoffFile& f : h.files) {
    rows.push_back({markdown_code(f.path), markdown_text(f.change),
                    "+" + std::to_string(f.lines_added) + " −" + std::to_string(f.lines_removed)});
  }
  return table({"file", "change", "lines"}, rows);
}

std::string validations(const Handoff& h) {
  std::vector<Row> rows;
  rows.reserve(h.validations.size());
  for (const HandoffValidation& v : h.validations) {
    rows.push_back({markdown_text(v.step), markdown_text(v.outcome), markdown_code(v.command),
                    markdown_text(v.result)});
  }
  return table({"step", "outcome", "command", "result"}, rows);
}

std::string failures(const Handoff& h) {
  std::vector<Row> rows;
  rows.reserve(h.pre_existing.size());
  for (const HandoffFailure& f : h.pre_existing) {
    rows.push_back({markdown_code(f.file), markdown_text(f.reason)});
  }
  return table({"file", "reason"}, rows);
}

std::string note_group(std::string_view title, const std::vector<std::string>& lines) {
  return "**" + std::string(title) + "**\n\n" + (lines.empty() ? "None.\n" : bullets(lines)) + "\n";
}

std::string follow_ups(const Handoff& h) {
  std::vector<Row> rows;
  rows.reserve(h.follow_ups.size());
  for (const HandoffFollowUp& f : h.follow_ups) {
    rows.push_back({markdown_text(f.what), markdown_text(f.why), markdown_text(f.until)});
  }
  return table({"what", "why", "until"}, rows);
}

std::string notes(const HandoffNotes& n) {
  std::string out = note_group("Strict mode", n.strict_mode) +
                    note_group("Environment variables", n.environment) +
                    note_group("Compatibility", n.compatibility);
  out.pop_back();  // the section's own end follows
  return out;
}

}  // namespace

std::string handoff_markdown(const Handoff& handoff) {
  return head(handoff) + section("Contract changes", contracts(handoff)) +
         section("Files changed", files(handoff)) +
         section("Guardrails added", bullets(handoff.guardrails)) +
         section("Validation", validations(handoff)) +
         section("Failures that were there before", failures(handoff)) +
         section("Flags affected", bullets(handoff.flags)) +
         section("Tests added", code_bullets(handoff.tests_added)) +
         section("Decision records added", code_bullets(handoff.adrs_added)) +
         section("Notes for operators", notes(handoff.notes)) +
         section("Follow-ups", follow_ups(handoff));
}

}  // namespace writ::evidence
