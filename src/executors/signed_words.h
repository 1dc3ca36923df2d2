#pragma once
// Reading the signed words that were recorded for a step: each that comes out of the store is
// verified again, for the step, attempt, plan and tree at hand.
#include "base/result.h"
#include "execution/step_executor.h"
#include "identity/authority.h"
#include "identity/signed_statement.h"

namespace writ::executors {

// Errors: not_permitted, signature_bad (identity/signed_statement.h), tampered (no envelope).
Result<identity::SignedAct> verify_word(const execution::SignedWord& word,
                                        identity::StatementKind kind,
                                        const execution::StepContext& context,
                                        const identity::Authority& authority);

}  // namespace writ::executors
