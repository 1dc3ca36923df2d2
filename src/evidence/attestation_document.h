#pragma once
// An attestation as the JSON of its Statement, and back. Private to the module.
#include "base/json.h"
#include "base/result.h"
#include "base/value.h"
#include "evidence/attestation.h"

namespace writ::evidence {

Value attestation_to_value(const Attestation& attestation);
// Errors: invalid_input (missing, unknown or misshapen members), unsupported (predicate type).
Result<Attestation> attestation_from_value(const Value& value);

}  // namespace writ::evidence
