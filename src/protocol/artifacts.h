#pragma once
// What a run leaves, in the order in which it is made, and the register that the law asks for
// (LAW-12). Private to the module.
#include "protocol/reading.h"

namespace writ::protocol {

// The artifacts that `body` declares. Reports what a contract cannot say: an artifact that is made
// of nothing or of two things, and anything after the attestation.
void read_artifacts(Reading& reading, const Value& body, Law& law);

// Joins the declared artifacts of all laws and of the spec, finds the steps that make each, and
// reports artifacts that nothing makes and those that the plan makes in another order.
// Requires: plan.steps are in order.
void bind_artifacts(const std::vector<Law>& laws, const Law& spec, Plan& plan,
                    std::vector<Diagnostic>& problems);

// The register that the laws ask for, at the place that the spec gives it. Reports that it gives
// none.
void bind_register(const std::vector<Law>& laws, const Law& spec, Plan& plan,
                   std::vector<Diagnostic>& problems);

}  // namespace writ::protocol
