#pragma once
// Words about a matter beside them: assumptions, deferrals and their closures (LAW-18). The halves
// of draft_word and take_word for these; private to execution.
#include "execution/signed_act.h"

namespace writ::execution {

bool is_about_a_matter(identity::StatementKind kind);

// As draft_word. Requires: is_about_a_matter(intent.kind).
Result<Draft> draft_matter(const ActDeps& deps, const Journal& journal, const Intent& intent);

struct SaidWord {
  const crypto::DsseEnvelope& envelope;
  const identity::Statement& said;  // what it says
  const Matter& matter;             // that came with it
};

// Verifies and stages it, as take_word does, but for a word that stands there already.
Result<Word> stage_matter(const ActDeps& deps, Journal& journal, const SaidWord& word);

}  // namespace writ::execution
