#include "cli/source_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "cli/style.h"

namespace writ::cli {
namespace {

constexpr std::size_t kLargest = std::size_t{8} << 20;
// Of a long line the part around the column.
constexpr std::size_t kBefore = 80;
constexpr std::size_t kShown = 120;

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u; }

// Where line `number` begins; npos: there is no such line.
std::size_t begin_of(std::string_view text, std::uint32_t number) {
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) return std::string_view::npos;
    begin = end + 1;
  }
  return begin;
}

std::string with_spaces(std::string_view text) {
  std::string out(text);
  std::ranges::replace(out, '\t', ' ');
  return printable(out);
}

// Of what lies below .writ protocols alone: the rest is configuration, trust and keys.
bool may_be_shown(const std::filesystem::path& file) {
  bool is_below = false;
  for (const std::filesystem::path& part : file) {
    if (is_below) return part == "protocols";
    is_below = part == ".writ";
  }
  return !is_below;
}

}  // namespace

std::string source_line(const std::filesystem::path& directory, const Diagnostic& diagnostic) {
  if (!diagnostic.at.is_known() || diagnostic.at.column == 0 || diagnostic.file.empty()) return {};
  if (!may_be_shown(diagnostic.file)) return {};
  const Result<std::string> text = read_file(directory / diagnostic.file, kLargest);
  if (!text) return {};
  const std::size_t begin = begin_of(*text, diagnostic.at.line);
  if (begin >= text->size()) return {};
  std::string_view line = std::string_view(*text).substr(begin);
  line = line.substr(0, line.find_first_of("\r\n"));
  std::size_t column = diagnostic.at.column - 1;
  if (column > line.size()) return {};
  std::size_t from = column > kBefore ? column - kBefore : 0;
  while (from < column && is_continuation(line[from])) ++from;
  const std::string before = with_spaces(line.substr(from, column - from));
  const std::string shown = before + with_spaces(line.substr(column));
  const std::string number = std::to_string(diagnostic.at.line);
  return fmt::format("    {} | {}\n    {} | {}^\n", number, fit(shown, kShown),
                     std::string(number.size(), ' '), std::string(columns_of(before), ' '));
}

}  // namespace writ::cli
