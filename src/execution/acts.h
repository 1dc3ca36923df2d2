#pragma once
// What people and agents do to a run from outside: approve, reject, resolve, claim, submit. Each
// is a signed statement that is verified before it is recorded; the driver acts on it at the next
// `resume` (or at once, when one is running). What is refused is recorded too, and changes nothing.
//
//   WRIT_TRY(Statement word, draft_word(deps, run, {StatementKind::approval, "main/review"}));
//   WRIT_TRY(const auto envelope, identity::make_statement(word, signer));  // wherever the key is
//   WRIT_TRY(const TakenWord taken, take_word(deps, run, envelope));
//
// The time of receipt is that of the journal's clock; the signer's own time only has to be near it.
//
// Errors of all: not_found (no such step or blocker), conflict (the step is not waiting for that),
// not_permitted and signature_bad (identity/signed_statement.h), with a remedy.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/key.h"
#include "execution/journal.h"
#include "execution/workspace.h"
#include "identity/authority.h"
#include "identity/signed_statement.h"

namespace writ::execution {

struct ActDeps {
  JournalDeps journal;
  Workspace& workspace;
  const identity::Authority& authority;
};

// What somebody is about to say.
struct Intent {
  identity::StatementKind kind = identity::StatementKind::approval;
  std::string step = {};                            // a path; of a resolution it is the blocker's
  std::optional<BlockerId> blocker = std::nullopt;  // resolution
  std::string reason = {};                          // a submission's note
  std::vector<identity::EvidenceClaim> evidence = {};  // submission
  // Who is going to sign; empty: not known yet. What only another key could say is refused at once.
  crypto::KeyId by = {};
};

// What is to be signed: about the run, the step and the tree as they are now. Changes nothing.
// A file handed in that was last written before the attempt began is refused by the caller, who
// sees the files. Errors also: invalid_input (required evidence is missing; a kind whose words are
// not taken one by one).
Result<identity::Statement> draft_word(const ActDeps& deps, RunId run, const Intent& intent);

// A word that stands in the run.
struct TakenWord {
  identity::Statement statement;
  crypto::KeyId signer;
  std::string digest;  // of the canonical envelope, in hex: how events name it
  WallTime received;
};

// Verifies and records it. The same envelope once more gets the same answer, whatever has become
// of the run; so does the same word of the same key about the same tree where it was the last one.
// Blobs that a submission names must be in the blob store. The event's actor is the key that
// signed, that of `deps` only where no key of the trust did.
Result<TakenWord> take_word(const ActDeps& deps, RunId run, const crypto::DsseEnvelope& envelope);

// What is put off (LAW-18), as somebody states it.
struct OpenMatter {
  std::string what;
  std::string owner;  // empty: who signs
  std::optional<WallTime> due;
  std::string unblocker;
};

// Puts something off at `step`; any trusted key may. What is missing of owner, date and unblocker
// is refused with invalid_input.
Result<Deferral> defer(const ActDeps& deps, RunId run, std::string_view step,
                       const crypto::Signer& signer, const OpenMatter& matter);

// Settles a deferral: a maintainer's word, never the runner's.
Result<void> close_deferral(const ActDeps& deps, RunId run, DeferralId id,
                            const crypto::Signer& signer, std::string_view reason);

// Records an assumption where the law says `assume`; `about` are paths and names of what it is
// about. One that touches an invariant is refused with not_permitted, and stands as a deferral
// from then on: with owner, date and unblocker of `instead`, else by who assumed it, within a
// week, until the invariant's meaning is decided. Errors also: not_permitted (the law says stop).
Result<void> assume(const ActDeps& deps, RunId run, std::string_view step,
                    const crypto::Signer& signer, std::string_view text,
                    std::vector<std::string> about, const OpenMatter& instead);

}  // namespace writ::execution
