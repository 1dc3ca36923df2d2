#pragma once
// When no branch of anyOf or oneOf holds: which of them the author of the instance meant.
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "contract/schema.h"

namespace writ::contract {

// One violation instead of all branches', where they all say the same kind of thing of the same
// place: other types, other constants, other required keys.
// Requires: at least one branch, each with at least one violation.
std::optional<Violation> merge_branches(const std::vector<std::vector<Violation>>& branches,
                                        std::string_view instance);

// Otherwise the branch that fits best: the right type, the right constants, then the fewest
// missing and unknown keys, then the fewest violations.
std::size_t best_branch(const std::vector<std::vector<Violation>>& branches,
                        std::string_view instance);

}  // namespace writ::contract
