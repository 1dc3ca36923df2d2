#pragma once
// The declared artifacts of a run as its evidence lists them (LAW-12). Private to the module.
#include <span>
#include <vector>

#include "base/result.h"
#include "evidence/attestation.h"
#include "evidence/record.h"
#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::execution {

// In the declared order, from the newest evidence about `tree`; the attestation itself is left out.
// Errors: invalid_input naming the artifact that is not there, or not where it is declared.
Result<std::vector<evidence::ProducedArtifact>> produced_artifacts(
    const protocol::Plan& plan, const RunState& state, std::span<const evidence::Record> records,
    const crypto::Digest& tree);

}  // namespace writ::execution
