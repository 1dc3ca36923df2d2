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

// A word that was verified and attached; the events that name it are made durable with it.
struct Word {
  crypto::KeyId signer;
  std::string digest;
  WallTime received;
};
// A refusal is made durable as an event of its own before it is returned.
Result<Word> admit_word(const ActDeps& deps, Journal& journal, const crypto::DsseEnvelope& envelope,
                        const identity::Occasion& occasion);
// Says of an event which word it rests on, and when that was received.
Transition resting_on(Transition event, const Word& word);

}  // namespace writ::execution
