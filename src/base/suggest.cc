#include "base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace writ {
namespace {

// Nobody misspells a name of this length, and the distance is quadratic in it.
constexpr std::size_t kLongestWord = 128;

// Damerau-Levenshtein distance (adjacent transpositions), keeping three rows of the matrix.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestWord) return {};
  std::size_t limit = std::clamp<std::size_t>(word.size() / 3, 1, 3);
  std::string_view best;
  for (const std::string_view candidate : candidates) {
    const std::size_t difference =
        std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    if (candidate.empty() || difference > limit) continue;
    const std::size_t found = distance(word, candidate);
    if (found > limit) continue;
    best = candidate;
    if (found == 0) break;
    limit = found - 1;  // only a nearer one replaces the first
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view candidate = nearest(word, candidates);
  if (candidate.empty()) return {};
  return " (did you mean `" + std::string(candidate) + "`?)";
}

}  // namespace writ
