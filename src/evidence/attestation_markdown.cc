#include "evidence/attestation.h"
#include "evidence/markdown.h"

namespace writ::evidence {
namespace {

using Row = std::vector<std::string>;

std::string short_digest(const crypto::Digest& digest) {
  return markdown_code(digest.hex().substr(0, 16));
}

std::string who(const AttestedTrust& trust) {
  std::string roles;
  for (const std::string& role : trust.roles) roles += (roles.empty() ? "" : ", ") + role;
  return markdown_text(trust.name) + " (" + markdown_text(roles) + ", key " +
         markdown_code(trust.signer.substr(0, 16)) + ")" +
         (trust.is_self_signed ? ", **who also ran it**" : "");
}

std::string protocols(const Attestation& a) {
  std::string out;
  for (const AttestedDocument& p : a.protocols) {
    out +=
        (out.empty() ? "" : ", ") + markdown_text(p.name) + " (" + markdown_text(p.authority) + ")";
  }
  return out.empty() ? "none" : out;
}

std::string tests(const AttestedTests& t) {
  return std::to_string(t.passed) + " of " + std::to_string(t.total) + " passed, " +
         std::to_string(t.failed) + " failed, " + std::to_string(t.skipped) + " skipped; of " +
         std::to_string(t.read) + " read, " + std::to_string(t.status_only) +
         " assert a status only and " + std::to_string(t.assertion_free) + " nothing";
}

std::string head_table(const Attestation& a) {
  std::string risk;
  for (const auto& [area, figure] : a.risk) {
    risk += (risk.empty() ? "" : ", ") + markdown_text(area) + " " + std::to_string(figure);
  }
  std::vector<Row> rows{{"run", markdown_code(a.run.text())},
                        {"tree", short_digest(a.tree)},
                        {"plan", short_digest(a.plan)},
                        {"base revision", markdown_code(a.base_revision)},
                        {"protocols", protocols(a)},
                        {"tests", tests(a.tests)},
                        {"risk", risk.empty() ? "not stated" : risk},
                        {"signed by", who(a.trust)},
                        {"finished", to_rfc3339(a.finished)}};
  if (a.ledger) {
    rows.push_back({"ledger", markdown_text(a.ledger->origin) + ", size " +
                                  std::to_string(a.ledger->size) + ", root " +
                                  short_digest(a.ledger->root)});
  }
  const Row head{"", ""};
  return markdown_table(head, rows);
}

std::string check_table(const Attestation& a) {
  std::vector<Row> rows;
  rows.reserve(a.checks.size());
  for (const AttestedCheck& check : a.checks) {
    std::string evidence;
    for (const EvidenceRef& ref : check.evidence) {
      evidence += (evidence.empty() ? "" : " ") + markdown_code(ref.id.text());
    }
    const std::string text = check.text.empty() ? "" : ": " + markdown_text(check.text);
    rows.push_back({markdown_text(check.name) + text, "proved", markdown_text(check.reason),
                    evidence, short_digest(check.decision)});
  }
  const Row head{"check", "", "because", "evidence", "decision"};
  return markdown_table(head, rows);
}

std::string failure_table(const Attestation& a) {
  if (a.pre_existing.empty()) return {};
  std::vector<Row> rows;
  rows.reserve(a.pre_existing.size());
  for (const DeclaredFailure& failure : a.pre_existing) {
    rows.push_back({markdown_code(failure.file), markdown_text(failure.reason),
                    markdown_code(failure.evidence.id.text())});
  }
  const Row head{"file", "reason", "evidence"};
  return "\n## Failures that were there before\n\n" + markdown_table(head, rows);
}

std::string artifact_table(const Attestation& a) {
  if (a.produced.empty()) return {};
  std::vector<Row> rows;
  rows.reserve(a.produced.size() + 1);
  for (const ProducedArtifact& artifact : a.produced) {
    rows.push_back({std::to_string(rows.size() + 1), markdown_text(artifact.name),
                    short_digest(artifact.digest), markdown_code(artifact.evidence.id.text())});
  }
  const Row head{"", "artifact", "digest", "evidence"};
  return "\n## Artifacts, in the order in which they are made\n\n" + markdown_table(head, rows);
}

std::string step_table(const Attestation& a) {
  if (a.steps.empty()) return {};
  std::vector<Row> rows;
  rows.reserve(a.steps.size());
  for (const AttestedStep& step : a.steps) {
    rows.push_back({markdown_text(step.step), std::to_string(step.attempt),
                    step.isolation.empty() ? "runs nothing" : markdown_text(step.isolation)});
  }
  const Row head{"step", "attempt", "isolation"};
  return "\n## Steps\n\n" + markdown_table(head, rows);
}

std::string approval_table(const Attestation& a) {
  if (a.trust.approvals.empty()) return {};
  std::vector<Row> rows;
  rows.reserve(a.trust.approvals.size());
  for (const AttestedApproval& approval : a.trust.approvals) {
    rows.push_back({markdown_text(approval.step), markdown_text(approval.name),
                    markdown_text(approval.role), markdown_code(approval.key.substr(0, 16))});
  }
  const Row head{"step", "approved by", "role", "key"};
  return "\n## Approvals\n\n" + markdown_table(head, rows);
}

}  // namespace

std::string attestation_markdown(const Attestation& attestation) {
  return "# Attestation of " + markdown_text(attestation.spec.name) + "\n\n" +
         head_table(attestation) + "\n## Checks\n\n" + check_table(attestation) +
         artifact_table(attestation) + approval_table(attestation) + step_table(attestation) +
         failure_table(attestation);
}

}  // namespace writ::evidence
