#pragma once
// How far a run keeps each document that it is bound by: computed from what its steps came to,
// never declared.
#include <cstddef>
#include <string>
#include <vector>

#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::execution {

struct Compliance {
  std::string document;  // "spec" or "finished-code@1.0.0"
  std::size_t steps = 0;
  std::size_t passed = 0;
  std::string open;  // the first step that has not passed; empty: it is complied with
};

// One for each document that the plan has steps of, in the order in which these first appear.
std::vector<Compliance> compliance(const protocol::Plan& plan, const RunState& state);

}  // namespace writ::execution
