#pragma once
// "did you mean": the candidate nearest to a misspelt word.
#include <span>
#include <string>
#include <string_view>

namespace writ {

// The candidate with the least Damerau-Levenshtein distance, if that is at most a third of the
// word's length (at least 1, at most 3); empty when none is near. Ties go to the first.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// " (did you mean `x`?)" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace writ
