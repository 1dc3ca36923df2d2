#pragma once
// What every signed act does: find the step, state what the word is about, verify as any reader
// will, stage statement and event. Private to execution.
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

// What a word has to say to be `statement`, received now.
identity::Occasion occasion_of(const identity::Statement& statement, WallTime now);

// The envelope as it is kept, and its digest.
struct KeptEnvelope {
  std::string text;
  std::string digest;  // hex
};
Result<KeptEnvelope> keep(const crypto::DsseEnvelope& envelope);

// A word that was verified.
struct Word {
  crypto::KeyId signer;
  std::string digest;
  WallTime received;
  StatementRow row;  // how it is kept
};
// Of a word that is refused nothing is staged but the event that says so.
Result<Word> admit_word(const ActDeps& deps, Journal& journal, const crypto::DsseEnvelope& envelope,
                        const identity::Occasion& occasion);
// Stages an event that rests on `word`, says of it which word that was and when it was received,
// and keeps the word with it.
Result<void> record_word(Journal& journal, Transition event, const Word& word);
// Says of an event that who said `word` made it.
Transition made_by(Transition event, const Word& word);

}  // namespace writ::execution
