#include "protocol/sort_by_needs.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace writ::protocol {
namespace {

// Walks needs among those that never became ready until one comes twice.
std::vector<std::size_t> find_cycle(const std::vector<std::vector<std::size_t>>& needs,
                                    const std::vector<bool>& is_placed) {
  std::size_t at =
      static_cast<std::size_t>(std::ranges::find(is_placed, false) - is_placed.begin());
  std::vector<std::size_t> walk;
  std::vector<bool> is_walked(needs.size());
  while (!is_walked[at]) {
    is_walked[at] = true;
    walk.push_back(at);
    at = *std::ranges::find_if(needs[at], [&](std::size_t need) { return !is_placed[need]; });
  }
  walk.erase(walk.begin(), std::ranges::find(walk, at));
  return walk;
}

}  // namespace

SortedByNeeds sort_by_needs(const std::vector<std::vector<std::size_t>>& needs) {
  std::vector<std::size_t> open(needs.size());
  std::vector<std::vector<std::size_t>> needed_by(needs.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < needs.size(); ++i) {
    open[i] = needs[i].size();
    for (const std::size_t need : needs[i]) needed_by[need].push_back(i);
    if (open[i] == 0) ready.push(i);
  }
  SortedByNeeds sorted;
  std::vector<bool> is_placed(needs.size());
  while (!ready.empty()) {
    const std::size_t i = ready.top();
    ready.pop();
    is_placed[i] = true;
    sorted.order.push_back(i);
    for (const std::size_t other : needed_by[i]) {
      if (--open[other] == 0) ready.push(other);
    }
  }
  if (sorted.order.size() == needs.size()) return sorted;
  return {{}, find_cycle(needs, is_placed)};
}

}  // namespace writ::protocol
