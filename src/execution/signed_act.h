#pragma once
// What every signed act does: find the step, state what the word is about, sign, verify as any
// reader will, stage statement and event. Private to execution.
#include <string>
#include <string_view>

#include "execution/acts.h"

namespace writ::execution {

struct Found {
  std::size_t index = 0;
  const protocol::PlanStep* step = nullptr;
};

// Errors: not_found.
Result<Found> find_step(const Journal& journal, std::string_view path);

std::string role_of(const protocol::PlanStep& step);

// About `at` as it stands, on the tree as it is now.
Result<identity::Statement> statement_about(const ActDeps& deps, const Journal& journal,
                                            identity::StatementKind kind, const Found& at,
                                            std::string_view reason);

// Signs, verifies and attaches the word; the caller stages the event that names it by the digest
// that comes back. A refusal is made durable as an event of its own before it is returned.
Result<std::string> sign_word(const ActDeps& deps, Journal& journal,
                              const identity::Statement& statement, const crypto::Signer& signer);

// sign_word, and `event` about the statement's step.
Result<void> record_word(const ActDeps& deps, Journal& journal,
                         const identity::Statement& statement, const crypto::Signer& signer,
                         std::string_view event);

}  // namespace writ::execution
