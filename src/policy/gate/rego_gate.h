#pragma once
// A gate that a document gives as a module in Rego (docs/formats/gate.md). It opens exactly if
// `allow` is true and `deny` says nothing, or if `decision.open` is true; everything else keeps it
// shut, and the record says which of it happened.
//
// A module sees the facts that it names, the run, the step and the tree, and nothing else. When one
// of those facts is absent it is not asked: so taking evidence away never opens a gate. It may not
// ask the clock, chance or the network: what it decided once it decides for ever.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.h"
#include "base/result.h"
#include "base/value.h"
#include "policy/rule_table.h"

namespace writ::policy {

struct RegoGate {
  std::string module;                 // as it was written
  std::vector<std::string> declared;  // facts that it reaches by names that it computes; sorted
  // What follows from these two.
  std::vector<std::string> facts;    // all that it reads, sorted, unique
  std::vector<std::string> package;  // "release", "gate"
  bool has_decision = false;         // it has `decision`; else `allow`
  bool has_deny = false;
  // Where the module names its facts, for what is found wrong while the plan is made: in `file`,
  // and as long as that is empty in the module. No part of what is kept.
  struct Place {
    std::string file;
    Position at;
  };
  std::map<std::string, Place, std::less<>> places;

  // Canonical form, and back. Errors of from_value: invalid_input.
  Value to_value() const;
  static Result<RegoGate> from_value(const Value& value);
  // "rego release.gate, reads tests.failed, tests.passed": one line for people.
  std::string text() const;
  // The documents that decide: {"allow", "deny"}, {"decision"}.
  std::vector<std::string> documents() const;
};

inline constexpr std::size_t kRegoGateMaxBytes = std::size_t{64} * 1024;

// Something wrong with a module, where it stands in its text.
struct ModuleProblem {
  Position at;
  std::string message;
  std::string remedy;
};

// Reads a module and checks all that can be known before it runs: syntax, types, that every fact
// exists and every builtin gives the same answer for ever. `declared` are known facts. Nothing is
// returned unless `problems` stayed as it was.
std::optional<RegoGate> make_rego_gate(std::string module, std::vector<std::string> declared,
                                       std::vector<ModuleProblem>& problems);

// The input that the module gets, JSON: facts/v1 without `evidence` and `stale`, and of the facts
// those that it reads.
std::string gate_input(const RegoGate& gate, const Facts& facts);

// How a module answered; stands in the record of the decision.
enum class GateOutcome : std::uint8_t {
  open,
  shut,       // allow is false, deny says something, decision.open is false
  undefined,  // it has no answer
  absent,     // a fact that it reads is absent: it was not asked
  conflict,   // two rules gave one document different values
  error,      // a builtin failed, or the module does not compile
  exhausted,  // it ran out of steps, memory, stack or time
  malformed,  // its answer is not what a gate understands
};
std::string_view to_text(GateOutcome outcome);

// Pure but for the time and the stack that a machine has: the same module and facts give the same
// decision, or the one of machine_gave_up.
Decision evaluate(const RegoGate& gate, const Facts& facts);
// The decisions of a machine that had less time or stack than another: they open nothing.
std::vector<Decision> machine_gave_up(const RegoGate& gate, const Facts& facts);

}  // namespace writ::policy
