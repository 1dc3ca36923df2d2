#pragma once
// What a plan takes from the tree before it runs: inputs and required context, by digest.
// Private to the module.
#include "protocol/load.h"
#include "protocol/read_spec.h"

namespace writ::protocol {

// Inputs of the spec, with those of the command line over them (LAW-24, bind_inputs.cc). Only
// files are read: any other URI needs a digest and a copy in the tree. Reports inputs that a law
// requires and nothing binds, files that cannot be read and documents that are not what was
// declared.
void bind_inputs(const std::vector<Law>& laws, const SpecSource& spec, const LoadOptions& options,
                 Plan& plan, std::vector<Diagnostic>& problems);

// Required context of all laws; globs expand to the files of the tree, sorted.
void bind_context(const std::vector<Law>& laws, const Law& spec, const LoadOptions& options,
                  Plan& plan, std::vector<Diagnostic>& problems);

// Reports the spec keys that laws require and the spec lacks (LAW-02: a SPEC_BLOCKER before there
// is a run).
void check_required_keys(const std::vector<Law>& laws, const Law& spec,
                         std::vector<Diagnostic>& problems);

}  // namespace writ::protocol
