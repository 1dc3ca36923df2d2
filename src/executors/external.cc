#include "executors/external.h"

#include "executors/report_evidence.h"
#include "executors/signed_words.h"

namespace writ::executors {
namespace {

using execution::StepContext;
using execution::StepResult;
using execution::Verdict;

StepResult waiting(std::string reason) {
  StepResult result;
  result.verdict = Verdict::waiting;
  result.reason = std::move(reason);
  return result;
}

evidence::Draft statement_evidence(const identity::SignedAct& act,
                                   const execution::SignedWord& word) {
  evidence::Draft draft;
  draft.kind = evidence::Kind::statement;
  draft.name = act.signer.short_text();
  draft.data = Object{{"by", act.signer.hex},
                      {"name", act.signer_name},
                      {"note", act.statement.reason},
                      {"at", to_rfc3339(act.statement.at)},
                      {"statement", crypto::sha256(word.envelope).hex()}};
  draft.facts = {{"statement.count", Value(1)}};
  return draft;
}

}  // namespace

Result<StepResult> External::execute(const StepContext& context, std::stop_token) {
  const execution::SignedWord* newest = nullptr;
  for (const execution::SignedWord& word : context.words) {
    if (word.kind != "submission") continue;
    if (newest == nullptr || word.at >= newest->at) newest = &word;
  }
  if (newest == nullptr) {
    const std::string_view by = context.step.with.string_or("by", "an outside agent");
    return waiting("for evidence from " + std::string(by));
  }
  const auto act = verify_word(*newest, identity::StatementKind::submission, context, authority_);
  if (!act) {
    if (newest->tree != context.tree.digest.hex()) {
      return waiting("for evidence; what was submitted was made on another tree");
    }
    return std::unexpected(act.error());
  }
  StepResult result;
  result.evidence.push_back(statement_evidence(*act, *newest));
  for (const identity::EvidenceClaim& claim : act->statement.evidence) {
    WRIT_TRY(const std::string bytes, context.blobs.read(claim.digest, kMaxReportBytes));
    // The word keeps it: nothing that a word names is swept away.
    const Report report{{claim.digest, bytes.size()}, bytes};
    auto draft = evidence_from_report(context.plan, claim.kind, claim.path, report);
    if (!draft && draft.error().code == Code::invalid_input) {
      result.verdict = Verdict::failed;
      result.failure = "evidence";
      result.reason = claim.path + ": " + draft.error().message;
      return result;
    }
    if (!draft) return std::unexpected(draft.error());
    result.evidence.push_back(std::move(*draft));
  }
  return result;
}

}  // namespace writ::executors
