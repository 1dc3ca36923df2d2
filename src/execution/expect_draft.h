#pragma once
// What comes back from wherever a word is drafted is signed: it has to say what was asked for. For
// whoever signs; pure.
#include <string>

#include "execution/acts.h"

namespace writ::execution {

// That `draft`, of the run `run` on `plan`, says what `intent` asks. An assumption that touches an
// invariant of the plan comes back as the deferral that stands instead (draft_word).
// Errors: tampered.
Result<void> expect_draft(const protocol::Plan& plan, RunId run, const Intent& intent,
                          const Draft& draft);

}  // namespace writ::execution
