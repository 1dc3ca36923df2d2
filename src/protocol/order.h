#pragma once
// From phases to steps in plan order with their needs: stages first, inside a stage entering
// checks, work, leaving checks; checks by authority, then document order; questions and
// attestation checks last. See docs/architecture/composition.md. Private to the module.
#include "protocol/source.h"
#include "protocol/stages.h"

namespace writ::protocol {

struct OrderedStep {
  PlanStep step;
  Position gate_at;
};

// `laws` are the protocols' in the order of authority. Reports names that `needs` and `over` do
// not find, needs that point to a later stage, cycles, phases of two documents with one name,
// unknown stages, writing after `validate`.
std::vector<OrderedStep> order_steps(const std::vector<Law>& laws, const Law& spec,
                                     const Stages& stages, std::vector<Diagnostic>& problems);

}  // namespace writ::protocol
