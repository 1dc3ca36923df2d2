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

class RunNews;

struct ActDeps {
  JournalDeps journal;
  Workspace& workspace;
  const identity::Authority& authority;
  RunNews* news = nullptr;  // borrowed; where drives of this process wait for a word
  // Borrowed; as it was seen a moment ago. Null: the workspace is asked.
  const Tree* tree = nullptr;
};

// What is put off or assumed (LAW-18), as somebody states it.
struct OpenMatter {
  std::string what;
  std::string owner;  // empty: who signs, where an assumption is put off
  std::optional<WallTime> due = std::nullopt;
  std::string unblocker = {};
};

// What somebody is about to say.
struct Intent {
  identity::StatementKind kind = identity::StatementKind::approval;
  // A path; of a resolution it is the blocker's, of a closure the deferral's.
  std::string step = {};
  std::optional<BlockerId> blocker = std::nullopt;     // resolution
  std::string reason = {};                             // a submission's note
  std::vector<identity::EvidenceClaim> evidence = {};  // submission
  // Who is going to sign; empty: not known yet. What only another key could say is refused at once.
  // Assumptions, deferrals and closures name who makes them.
  crypto::KeyId by = {};
  OpenMatter matter = {};                             // deferral; assumption: see draft_word
  std::vector<std::string> about = {};                // assumption: paths, and names of invariants
  std::optional<DeferralId> deferral = std::nullopt;  // closure
};

// What a word names by its digest, and so has to come with it.
struct Matter {
  std::optional<Deferral> deferral = std::nullopt;  // deferral, closure
  std::optional<Assumption> assumption = std::nullopt;
};

struct Draft {
  identity::Statement statement;
  Matter matter = {};
};

// What is to be signed: about the run, the step and the tree as they are now. Changes nothing.
// A file handed in that was last written before the attempt began is refused by the caller, who
// sees the files. An assumption that touches an invariant may not be made: what is drafted is the
// deferral that stands instead, with owner, date and unblocker of `matter`, else by who assumed it,
// within a week, until the invariant's meaning is decided.
// Errors also: invalid_input (required evidence is missing, a matter is not complete),
// not_permitted (the law says stop where something is ambiguous).
Result<Draft> draft_word(const ActDeps& deps, RunId run, const Intent& intent);

// A word that stands in the run.
struct TakenWord {
  identity::Statement statement;
  crypto::KeyId signer;
  std::string digest;  // of the canonical envelope, in hex: how events name it
  WallTime received;
};

// Verifies and records it: by the drive that waits for it where that is in this process, and then
// with what comes of it, else by itself. The same envelope once more gets the same answer, whatever
// has become of the run; so does the same word of the same key about the same tree where it was the
// last one. Blobs that a submission names must be in the blob store; `matter` is what an assumption
// or a deferral names. The event's actor is the key that signed, that of `deps` only where no key
// of the trust did.
Result<TakenWord> take_word(const ActDeps& deps, RunId run, const crypto::DsseEnvelope& envelope,
                            const Matter& matter = {});

}  // namespace writ::execution
