#pragma once
// What an answer carries beside its result because the caller asked for it: metrics, provenance.
#include <chrono>
#include <vector>

#include "policy/fabric/session.h"
#include "policy/term/build.h"
#include "server/opa/answers.h"

namespace writ::server {

class OpaService;

// When a request came, and how long reading its input took.
struct Timing {
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  std::chrono::nanoseconds parse{};

  // To be called when the input has been read.
  void has_parsed() { parse = std::chrono::steady_clock::now() - began; }
};

// The metrics of a decision, as answers and decision logs show them.
rego::Term metrics_of(rego::Arena& arena, const rego::DecisionCost& cost, const Timing& timing);

// Adds `metrics` and `provenance` to the members of an answer, as far as they are asked for.
void add_annexes(rego::Arena& arena, std::vector<rego::Member>& members, const OpaService& service,
                 const rego::Session& session, const Timing& timing, const Parameters& parameters);

}  // namespace writ::server
