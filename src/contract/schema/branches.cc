#include "contract/schema/branches.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "contract/schema/violation_text.h"

namespace writ::contract {
namespace {

bool is_choice(const Violation& violation) {
  return violation.keyword == "const" || violation.keyword == "enum";
}

// Joins the `expected` of the first violation of each branch, each only once.
std::string join_expected(const std::vector<std::vector<Violation>>& branches,
                          std::string_view separator) {
  std::vector<std::string_view> parts;
  for (const auto& branch : branches) {
    const std::string& part = branch.front().expected;
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
  }
  return fmt::format("{}", fmt::join(parts, separator));
}

using Score = std::array<std::size_t, 4>;

Score score(const std::vector<Violation>& violations, std::string_view instance) {
  Score score = {};
  for (const Violation& violation : violations) {
    const bool is_here = violation.instance == instance;
    const bool is_child = violation.instance.size() > instance.size() &&
                          violation.instance.find('/', instance.size() + 1) == std::string::npos;
    if (is_here && (violation.keyword == "type" || violation.keyword.empty())) ++score[0];
    if ((is_here || is_child) && is_choice(violation)) ++score[1];
    if (is_here && violation.keyword == "required") ++score[2];
    if (is_child && violation.keyword.ends_with("Properties")) ++score[2];
    ++score[3];
  }
  return score;
}

}  // namespace

std::optional<Violation> merge_branches(const std::vector<std::vector<Violation>>& branches,
                                        std::string_view instance) {
  const Violation& first = branches.front().front();
  const bool says_one_thing =
      std::all_of(branches.begin(), branches.end(), [&](const std::vector<Violation>& branch) {
        const Violation& only = branch.front();
        return branch.size() == 1 && only.instance == first.instance &&
               (only.keyword == first.keyword || (is_choice(only) && is_choice(first)));
      });
  if (!says_one_thing || branches.size() < 2) return std::nullopt;
  Violation merged = first;
  const std::string subject = readable_path(instance);
  if (first.keyword == "type" && first.instance == instance) {
    merged.expected = join_expected(branches, " or ");
  } else if (is_choice(first)) {
    merged.expected = join_expected(branches, " or ");
    merged.remedy.clear();
    for (const auto& branch : branches) {
      if (merged.remedy.empty()) merged.remedy = branch.front().remedy;
    }
  } else if (first.keyword == "required" && first.instance == instance) {
    merged.expected = "one of " + join_expected(branches, ", ");
    merged.message = fmt::format("{} needs {}", subject, merged.expected);
    merged.remedy = "Add one of these keys";
    return merged;
  } else {
    return std::nullopt;
  }
  merged.message = fmt::format("{} must be {}, is {}", readable_path(first.instance),
                               merged.expected, merged.actual);
  return merged;
}

std::size_t best_branch(const std::vector<std::vector<Violation>>& branches,
                        std::string_view instance) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < branches.size(); ++i) {
    if (score(branches[i], instance) < score(branches[best], instance)) best = i;
  }
  return best;
}

}  // namespace writ::contract
