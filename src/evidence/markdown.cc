#include "evidence/markdown.h"

#include <algorithm>

#include "base/result.h"

namespace writ::evidence {
namespace {

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    out += is_control ? ' ' : c;
  }
  return out;
}

std::size_t longest_backticks(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::string row_text(std::span<const std::string> cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  return out + "\n";
}

}  // namespace

std::string markdown_text(std::string_view text) {
  constexpr std::string_view kEscaped = "\\`*_[]<>|#&~!";
  std::string out;
  for (const char c : one_line(text)) {
    if (kEscaped.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string markdown_code(std::string_view text) {
  std::string body = one_line(text);
  if (body.empty()) return {};
  const std::string fence(longest_backticks(body) + 1, '`');
  if (body.front() == '`' || body.back() == '`') body = " " + body + " ";
  // In a table a bar ends the cell even inside code (GFM); its escape works there too.
  std::string out;
  for (const char c : body) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return fence + out + fence;
}

std::string markdown_table(std::span<const std::string> head,
                           std::span<const std::vector<std::string>> rows) {
  std::string out = row_text(head) + "|";
  for (std::size_t i = 0; i < head.size(); ++i) out += "---|";
  out += "\n";
  for (const std::vector<std::string>& row : rows) {
    WRIT_ASSERT(row.size() == head.size());
    out += row_text(row);
  }
  return out;
}

}  // namespace writ::evidence
