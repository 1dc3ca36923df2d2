#include "executors/approval.h"

#include "executors/signed_words.h"

namespace writ::executors {
namespace {

using execution::StepContext;
using execution::StepResult;
using execution::Verdict;

evidence::Draft approval_evidence(const identity::SignedAct& act,
                                  const execution::SignedWord& word) {
  evidence::Draft draft;
  draft.kind = evidence::Kind::approval;
  draft.name = act.signer.short_text();
  draft.data = Object{{"by", act.signer.hex},
                      {"name", act.signer_name},
                      {"role", act.statement.role},
                      {"reason", act.statement.reason},
                      {"at", to_rfc3339(act.statement.at)},
                      {"statement", crypto::sha256(word.envelope).hex()}};
  draft.facts = {{"approval.count", Value(1)}};
  return draft;
}

StepResult waiting(const StepContext& context, std::string_view note) {
  StepResult result;
  result.verdict = Verdict::waiting;
  result.reason = "for the approval of " + std::string(context.step.with.string_or("by", "")) +
                  std::string(note);
  return result;
}

}  // namespace

Result<StepResult> Approval::execute(const StepContext& context, std::stop_token) {
  std::string_view note;
  // The newest word counts: who approved may still reject, and the other way round.
  const execution::SignedWord* newest = nullptr;
  for (const execution::SignedWord& word : context.words) {
    if (word.kind != "approval" && word.kind != "rejection") continue;
    if (newest == nullptr || word.at >= newest->at) newest = &word;
  }
  if (newest != nullptr) {
    const bool is_approval = newest->kind == "approval";
    const auto kind =
        is_approval ? identity::StatementKind::approval : identity::StatementKind::rejection;
    const auto act = verify_word(*newest, kind, context, authority_);
    if (act) {
      StepResult result;
      result.evidence.push_back(approval_evidence(*act, *newest));
      if (is_approval) return result;
      result.evidence.back().facts.clear();
      result.verdict = Verdict::failed;
      result.failure = "rejected";
      result.reason = "rejected by " + act->signer_name + ": " + act->statement.reason;
      return result;
    }
    if (newest->tree == context.tree.digest.hex()) return std::unexpected(act.error());
    note = "; the one given was of another tree";
  }
  return waiting(context, note);
}

}  // namespace writ::executors
