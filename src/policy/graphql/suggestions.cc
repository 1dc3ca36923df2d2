#include "policy/graphql/suggestions.h"

#include <algorithm>
#include <numeric>

namespace writ::rego::graphql {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

// Edits between both; another case alone is one.
std::size_t distance(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  const std::string x = lower(a);
  const std::string y = lower(b);
  if (x == y) return 1;
  std::vector<std::size_t> row(y.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < y.size(); ++j) {
      const std::size_t replaced = diagonal + (x[i] == y[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string or_list(const std::vector<std::string>& items) {
  const std::size_t count = std::min<std::size_t>(items.size(), 5);
  if (count == 2) return items[0] + " or " + items[1];
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += i + 1 == count ? ", or " : ", ";
    out += items[i];
  }
  return out;
}

std::string quoted_or_list(std::vector<std::string> items) {
  for (std::string& item : items) item.insert(0, 1, '"').push_back('"');
  return or_list(items);
}

std::vector<std::string> nearest(std::string_view typed, const std::vector<std::string>& options) {
  constexpr std::size_t kLongest = 100;  // what is longer is not compared
  const std::size_t threshold = typed.size() * 2 / 5 + 1;
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& option : options) {
    if (typed.size() > kLongest || option.size() > kLongest) continue;
    const std::size_t edits = distance(typed, option);
    if (edits <= threshold) near.emplace_back(edits, option);
  }
  std::ranges::stable_sort(near, {}, &std::pair<std::size_t, std::string>::first);
  std::vector<std::string> out;
  for (auto& [edits, option] : near) out.push_back(std::move(option));
  return out;
}

std::string suggestion(std::string_view prefix, std::string_view typed,
                       const std::vector<std::string>& options) {
  const auto near = nearest(typed, options);
  if (near.empty()) return {};
  return " " + std::string(prefix) + " " + quoted_or_list(near) + "?";
}

}  // namespace writ::rego::graphql
