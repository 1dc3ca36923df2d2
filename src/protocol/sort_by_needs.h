#pragma once
// Puts things in an order in which each comes after what it needs. Private to the module.
#include <cstddef>
#include <vector>

namespace writ::protocol {

struct SortedByNeeds {
  std::vector<std::size_t> order;  // all of them, or nothing when there is a cycle
  std::vector<std::size_t> cycle;  // each needs the next, the last the first; empty: none
};

// `needs[i]` are the things that i needs, sorted and unique. Where the needs leave a choice, the
// lower number comes first. O((n + needs) log n).
SortedByNeeds sort_by_needs(const std::vector<std::vector<std::size_t>>& needs);

}  // namespace writ::protocol
