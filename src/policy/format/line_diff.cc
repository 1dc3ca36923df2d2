#include "policy/format/line_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace writ::rego {
namespace {

constexpr std::size_t kContext = 3;
// Of lines: the table below has the square of it.
constexpr std::size_t kLargestTable = 4'000'000;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

// One line of the diff: ' ', '-' or '+', and where it stands in both texts.
struct Edit {
  char sign;
  std::size_t old_line;
  std::size_t new_line;
  std::string_view text;
};

// The edits between equal beginnings and ends, by the longest common subsequence.
void compare(const Lines& a, const Lines& b, std::size_t from, std::size_t a_end, std::size_t b_end,
             std::vector<Edit>& out) {
  const std::size_t rows = a_end - from;
  const std::size_t columns = b_end - from;
  std::size_t i = 0;
  std::size_t j = 0;
  if (rows != 0 && columns <= kLargestTable / rows) {
    std::vector<std::uint32_t> common((rows + 1) * (columns + 1));
    const auto cell = [&](std::size_t r, std::size_t c) -> std::uint32_t& {
      return common[r * (columns + 1) + c];
    };
    for (std::size_t r = rows; r-- > 0;) {
      for (std::size_t c = columns; c-- > 0;) {
        cell(r, c) = a[from + r] == b[from + c] ? cell(r + 1, c + 1) + 1
                                                : std::max(cell(r + 1, c), cell(r, c + 1));
      }
    }
    while (i < rows && j < columns) {
      if (a[from + i] == b[from + j]) {
        out.push_back({' ', from + i, from + j, a[from + i]});
        ++i, ++j;
      } else if (cell(i + 1, j) >= cell(i, j + 1)) {
        out.push_back({'-', from + i, from + j, a[from + i]});
        ++i;
      } else {
        out.push_back({'+', from + i, from + j, b[from + j]});
        ++j;
      }
    }
  }
  for (; i < rows; ++i) out.push_back({'-', from + i, from + j, a[from + i]});
  for (; j < columns; ++j) out.push_back({'+', from + i, from + j, b[from + j]});
}

std::vector<Edit> edits_of(const Lines& a, const Lines& b) {
  std::vector<Edit> out;
  std::size_t from = 0;
  while (from < a.size() && from < b.size() && a[from] == b[from]) {
    out.push_back({' ', from, from, a[from]});
    ++from;
  }
  std::size_t tail = 0;
  while (tail < a.size() - from && tail < b.size() - from &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  compare(a, b, from, a.size() - tail, b.size() - tail, out);
  for (; tail > 0; --tail) {
    out.push_back({' ', a.size() - tail, b.size() - tail, a[a.size() - tail]});
  }
  return out;
}

// "3,2", where the length is left out when it is 1; an empty range names the line before.
std::string range(std::size_t begin, std::size_t length) {
  if (length == 1) return fmt::format("{}", begin + 1);
  return fmt::format("{},{}", length == 0 ? begin : begin + 1, length);
}

void append_hunk(std::string& out, const std::vector<Edit>& edits, std::size_t begin,
                 std::size_t end) {
  std::size_t removed = 0;
  std::size_t added = 0;
  for (std::size_t i = begin; i < end; ++i) {
    removed += edits[i].sign != '+';
    added += edits[i].sign != '-';
  }
  out += fmt::format("@@ -{} +{} @@\n", range(edits[begin].old_line, removed),
                     range(edits[begin].new_line, added));
  for (std::size_t i = begin; i < end; ++i) {
    out += edits[i].sign;
    out += edits[i].text;
    if (!edits[i].text.ends_with('\n')) out += "\n\\ No newline at end of file\n";
  }
}

}  // namespace

std::string line_diff(std::string_view name, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const std::vector<Edit> edits = edits_of(lines_of(before), lines_of(after));
  std::string out = fmt::format("--- {}\n+++ {}\n", name, name);
  for (std::size_t i = 0; i < edits.size();) {
    if (edits[i].sign == ' ') {
      ++i;
      continue;
    }
    // Changes with at most twice the context between them are one hunk.
    std::size_t last = i;
    for (std::size_t j = i; j < edits.size() && j <= last + 2 * kContext; ++j) {
      if (edits[j].sign != ' ') last = j;
    }
    const std::size_t begin = i - std::min(i, kContext);
    const std::size_t end = std::min(last + 1 + kContext, edits.size());
    append_hunk(out, edits, begin, end);
    i = last + 1;
  }
  return out;
}

}  // namespace writ::rego
