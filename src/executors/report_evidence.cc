#include "executors/report_evidence.h"

#include <algorithm>
#include <cmath>

#include "base/document.h"
#include "base/safe_path.h"
#include "contract/validate_document.h"
#include "evidence/test_report.h"

namespace writ::executors {
namespace {

using evidence::Draft;

// The acceptance criteria that passed tests of this report prove.
Array proved_criteria(const protocol::Plan& plan, const evidence::TestReport& report) {
  Array out;
  for (const protocol::Criterion& criterion : plan.acceptance) {
    bool is_matched = false;
    bool is_proved = true;
    for (const evidence::TestCase& test : report.cases) {
      for (const std::string& glob : criterion.proved_by) {
        if (!glob_matches(glob, test.full_name())) continue;
        is_matched = true;
        is_proved = is_proved && test.status == evidence::TestStatus::passed;
      }
    }
    if (is_matched && is_proved) out.emplace_back(criterion.id);
  }
  return out;
}

// Failures that the spec says were there before; `check: baseline` holds each to that.
std::int64_t count_known(const protocol::Plan& plan, const evidence::TestReport& report) {
  return std::ranges::count_if(report.cases, [&](const evidence::TestCase& test) {
    const bool is_bad =
        test.status == evidence::TestStatus::failed || test.status == evidence::TestStatus::errored;
    return is_bad && std::ranges::find(plan.known_failures, test.full_name(),
                                       &protocol::KnownFailure::test) != plan.known_failures.end();
  });
}

Result<Draft> tests_draft(const protocol::Plan& plan, std::string_view path, std::string_view bytes,
                          const store::BlobRef& blob) {
  WRIT_TRY(const evidence::TestReport report, evidence::parse_test_report(bytes, path));
  Draft draft = evidence::tests_evidence(path, report, blob);
  draft.data.as_object().set("proves", proved_criteria(plan, report));
  const std::int64_t known = count_known(plan, report);
  draft.facts["tests.failed"] = Value(draft.facts["tests.failed"].as_integer() - known);
  draft.facts["tests.known"] = Value(known);
  return draft;
}

// Figures as a flat JSON or YAML mapping: name → number.
Result<Draft> benchmark_draft(std::string_view path, std::string_view bytes,
                              const store::BlobRef& blob) {
  WRIT_TRY(const Document document, parse_document(std::string(path), std::string(bytes)));
  if (!document.root.is_object()) {
    return fail({document.diagnostic(document.root.at(), "benchmark figures are a mapping",
                                     "Write {name: number, …}")});
  }
  Draft draft;
  for (const Member& figure : document.root.as_object()) {
    if (!figure.value.is_number()) {
      return fail({document.diagnostic(figure.value.at(), figure.key + " is no number")});
    }
    draft.facts.emplace("benchmark." + figure.key, figure.value);
  }
  draft.kind = evidence::Kind::benchmark;
  draft.name = path;
  draft.data = Object{{"path", path}, {"figures", document.root}, {"report", blob.digest.hex()}};
  draft.blobs.push_back(blob);
  return draft;
}

// What was spent on models, by the contract `usage`; money in millionths of a dollar.
Result<Draft> usage_draft(std::string_view path, std::string_view bytes,
                          const store::BlobRef& blob) {
  WRIT_TRY(const Document document, parse_document(std::string(path), std::string(bytes)));
  WRIT_CHECK(contract::validate_document("usage", document));
  std::int64_t tokens = 0;
  std::int64_t micro_usd = 0;
  for (const Value& call : document.root.find("calls")->as_array()) {
    tokens += call.integer_or("input_tokens", 0) + call.integer_or("output_tokens", 0);
    const Value* usd = call.find("usd");
    if (usd != nullptr) micro_usd += std::llround(usd->as_number() * 1e6);
  }
  Draft draft;
  draft.kind = evidence::Kind::usage;
  draft.name = path;
  draft.data = Object{{"path", path},
                      {"calls", document.root.find("calls")->as_array().size()},
                      {"report", blob.digest.hex()}};
  draft.facts = {{"usage.tokens", Value(tokens)}, {"usage.micro_usd", Value(micro_usd)}};
  draft.blobs.push_back(blob);
  return draft;
}

Draft file_draft(std::string_view path, const store::BlobRef& blob) {
  Draft draft;
  draft.kind = evidence::Kind::file;
  draft.name = path;
  draft.data = Object{{"path", path}, {"digest", blob.digest.hex()}, {"size", blob.size}};
  draft.facts = {{"file.present", Value(true)}, {"file.count", Value(1)}};
  draft.blobs.push_back(blob);
  return draft;
}

}  // namespace

Result<Draft> evidence_from_report(const protocol::Plan& plan, std::string_view kind,
                                   std::string_view path, const Report& report) {
  const auto& [blob, bytes] = report;
  if (kind == "tests") return tests_draft(plan, path, bytes, blob);
  if (kind == "benchmark") return benchmark_draft(path, bytes, blob);
  if (kind == "usage") return usage_draft(path, bytes, blob);
  if (kind == "file" || kind == "statement" || kind == "note") return file_draft(path, blob);
  return fail(Code::invalid_input,
              "evidence of kind " + std::string(kind) + " cannot come from a file",
              "Declare tests, benchmark, usage or file");
}

}  // namespace writ::executors
