#pragma once
// What a mask policy wants to be left out of an event or replaced in it before anybody keeps it.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::server {

struct MaskRule {
  enum class Operation : std::uint8_t { remove, upsert };
  Operation operation = Operation::remove;
  std::string pointer;            // "/input/password"
  std::vector<std::string> path;  // the same, decoded
  rego::Term value;               // upsert
};

// The members of a set or an array: "/input/password", {"op": "remove", "path": "…"} or
// {"op": "upsert", "path": "…", "value": …}. Errors: invalid_input (anything else; a path that is
// not below input, result or nd_builtin_cache).
Result<std::vector<MaskRule>> read_mask(const rego::Term& wanted);

// The event after the rules, with `erased` and `masked` saying what they found. A path that leads
// nowhere is not an error: there is nothing to hide.
// Requires: the event is plain JSON, without sets.
rego::Term apply_mask(rego::Arena& arena, const rego::Term& event,
                      const std::vector<MaskRule>& rules);

// The event without anything that a mask could have hidden, and why: for when it cannot be known
// what is to be hidden. `why` has no words of the input in it.
rego::Term hide_all(rego::Arena& arena, const rego::Term& event, const std::string& why);

}  // namespace writ::server
