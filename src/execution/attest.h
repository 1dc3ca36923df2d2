#pragma once
// The end of a run: every named check and question from the decisions that were made on the tree
// as it is, then one signed in-toto attestation (LAW-13). Whatever is not proved is named, and
// nothing is signed.
#include <string>

#include "crypto/key.h"
#include "execution/engine.h"
#include "execution/journal.h"
#include "identity/trust.h"

namespace writ::execution {

class RunAttestor final : public Attestor {
 public:
  // All are borrowed. `signer` attests: its key must have the role at the run's base revision.
  RunAttestor(JournalDeps deps, const crypto::Signer& signer, const identity::Trust& trust,
              std::string version)
      : deps_(std::move(deps)), signer_(signer), trust_(trust), version_(std::move(version)) {}

  Result<Attestation> attest(const Journal& journal, const Tree& tree) override;

 private:
  JournalDeps deps_;
  const crypto::Signer& signer_;
  const identity::Trust& trust_;
  std::string version_;
};

// Where the steps of named checks and questions stand in a plan: "attest/<name>",
// "questions/<id>".
inline constexpr std::string_view kAttestPhase = "attest/";
inline constexpr std::string_view kQuestionPhase = "questions/";
// What a run without named checks attests: all its steps passed.
inline constexpr std::string_view kDefaultCheck = "attest/steps_passed";

}  // namespace writ::execution
