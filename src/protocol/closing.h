#pragma once
// Attestation checks and questions as what they are in the plan: gates behind everything else.
// Private to the module.
#include "protocol/source.h"

namespace writ::protocol {

inline constexpr std::string_view kAttestPhase = "attest";
inline constexpr std::string_view kQuestionsPhase = "questions";

// One law with at most these two phases, gathered from all laws; what two laws ask with the same
// name and gate is asked once, with another gate it is refused. `laws` are borrowed by the result.
Law closing_law(const std::vector<Law>& laws, const Law& spec, std::vector<Diagnostic>& problems);

}  // namespace writ::protocol
