#pragma once
// What people and agents do to a run from outside: approve, reject, resolve, claim, submit. Each
// is a signed statement that is verified before it is recorded; the driver acts on it at the next
// `resume` (or at once, when one is running). What is refused is recorded too, and changes nothing.
//
// Errors of all: not_found (no such step or blocker), conflict (the step is not waiting for that),
// not_permitted and signature_bad (identity/signed_statement.h), with a remedy.
#include <optional>
#include <span>
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

// The approval step `step` of `run`, on the tree as it is now.
Result<void> approve(const ActDeps& deps, RunId run, std::string_view step,
                     const crypto::Signer& signer, std::string_view reason);
Result<void> reject(const ActDeps& deps, RunId run, std::string_view step,
                    const crypto::Signer& signer, std::string_view reason);

// Lifts a blocker that does not clear itself.
Result<void> resolve(const ActDeps& deps, RunId run, BlockerId blocker,
                     const crypto::Signer& signer, std::string_view reason);

// Says who works on an external step. Claiming again by the same key changes nothing; a step that
// somebody else holds is a conflict.
Result<void> claim(const ActDeps& deps, RunId run, std::string_view step,
                   const crypto::Signer& signer);

// A file handed in: where it is, and which declared evidence it is.
struct SubmittedFile {
  std::string kind;
  std::string path;  // as the step declared it
  std::string bytes;
};
// Evidence for an external step. Every required evidence must be there; a file that was last
// written before the attempt began is refused by the caller, who sees the files. The same files
// on the same tree once more change nothing.
Result<void> submit(const ActDeps& deps, RunId run, std::string_view step,
                    const crypto::Signer& signer, std::span<const SubmittedFile> files,
                    std::string_view note);

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
