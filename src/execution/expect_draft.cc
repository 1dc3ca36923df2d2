#include "execution/expect_draft.h"

namespace writ::execution {
namespace {

using identity::Statement;
using identity::StatementKind;

bool is_as_stated(const OpenMatter& stated, const Deferral& deferral) {
  return (stated.owner.empty() || deferral.owner == stated.owner) &&
         (!stated.due || deferral.due == *stated.due);
}

bool names(const Statement& said, const Result<crypto::Digest>& subject) {
  return subject && said.subject == *subject;
}

bool is_new(const Intent& intent, const Deferral& deferral) {
  return deferral.is_open && deferral.by == intent.by.hex && deferral.step == intent.step;
}

bool is_deferral(const Intent& intent, const Draft& draft) {
  const auto& deferral = draft.matter.deferral;
  return deferral && draft.statement.kind == StatementKind::deferral && is_new(intent, *deferral) &&
         deferral->what == intent.matter.what && deferral->invariant.empty() &&
         deferral->unblocker == intent.matter.unblocker && is_as_stated(intent.matter, *deferral) &&
         names(draft.statement, subject_of(*deferral));
}

bool is_deferral_instead(const protocol::Invariant& invariant, const Intent& intent,
                         const Draft& draft) {
  const auto& deferral = draft.matter.deferral;
  const std::string& unblocker = intent.matter.unblocker;
  return deferral && draft.statement.kind == StatementKind::deferral && is_new(intent, *deferral) &&
         deferral->what == what_is_put_off(intent.matter.what) &&
         deferral->invariant == invariant.id &&
         deferral->unblocker == (unblocker.empty() ? what_decides(invariant) : unblocker) &&
         is_as_stated(intent.matter, *deferral) && names(draft.statement, subject_of(*deferral));
}

bool is_assumption(const protocol::Plan& plan, const Intent& intent, const Draft& draft) {
  if (const auto* invariant = touched_invariant(plan, intent.about)) {
    return is_deferral_instead(*invariant, intent, draft);
  }
  const Assumption asked{intent.step, intent.matter.what, intent.about, intent.by.hex};
  return draft.statement.kind == StatementKind::assumption && draft.matter.assumption == asked &&
         names(draft.statement, subject_of(asked));
}

bool is_closure(const Intent& intent, const Draft& draft) {
  const auto& deferral = draft.matter.deferral;
  return deferral && draft.statement.kind == StatementKind::closure && intent.deferral &&
         deferral->id == *intent.deferral && names(draft.statement, subject_of(*deferral));
}

bool is_asked_kind(const protocol::Plan& plan, const Intent& intent, const Draft& draft) {
  switch (intent.kind) {
    case StatementKind::assumption:
      return is_assumption(plan, intent, draft);
    case StatementKind::deferral:
      return is_deferral(intent, draft);
    case StatementKind::closure:
      return is_closure(intent, draft);
    default:
      return draft.statement.kind == intent.kind && !draft.statement.subject;
  }
}

}  // namespace

Result<void> expect_draft(const protocol::Plan& plan, RunId run, const Intent& intent,
                          const Draft& draft) {
  const Statement& said = draft.statement;
  const bool is_here = said.run == run && said.plan.hex() == plan.digest() &&
                       (intent.step.empty() || said.step == intent.step);
  const bool is_as_asked = said.reason == intent.reason && said.blocker == intent.blocker &&
                           said.evidence == intent.evidence;
  if (is_here && is_as_asked && is_asked_kind(plan, intent, draft)) return {};
  return fail(Code::tampered, "something else is to be signed than was asked for",
              "Sign nothing there; ask who runs it");
}

}  // namespace writ::execution
