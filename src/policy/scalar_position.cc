#include "policy/scalar_position.h"

#include <algorithm>

namespace writ::policy {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A place in the document's text that knows its line and column.
class Cursor {
 public:
  Cursor(std::string_view text, Position at) : text_(text), at_(at) {
    for (std::uint32_t line = 1; line < at.line; ++line) {
      const std::size_t end = text_.find('\n', index_);
      index_ = end == std::string_view::npos ? text_.size() : end + 1;
    }
    index_ = std::min(text_.size(), index_ + at.column - 1);
  }
  bool is_at_end() const { return index_ >= text_.size(); }
  char peek() const { return is_at_end() ? '\0' : text_[index_]; }
  Position at() const { return at_; }
  void advance() {
    if (is_at_end()) return;
    if (text_[index_++] == '\n') {
      ++at_.line;
      at_.column = 1;
    } else {
      ++at_.column;
    }
  }
  void skip_line() {
    while (!is_at_end() && peek() != '\n') advance();
    advance();
  }
  void skip_blanks() {
    while (!is_at_end() && is_blank(peek())) advance();
  }

 private:
  std::string_view text_;
  std::size_t index_ = 0;
  Position at_;
};

}  // namespace

Position position_in_scalar(const Document& document, const Value& scalar, std::size_t offset) {
  if (!scalar.at().is_known() || !scalar.is_string()) return scalar.at();
  Cursor source(document.text, scalar.at());
  const char opening = source.peek();
  const bool is_quoted = opening == '"' || opening == '\'';
  if (is_quoted) source.advance();
  if (opening == '|' || opening == '>') source.skip_line();
  // Content and source agree in everything but white space and escapes.
  const std::string& content = scalar.as_string();
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (is_blank(content[i])) {
      if (i == offset) return source.at();
      continue;
    }
    source.skip_blanks();
    if (i == offset) return source.at();
    if (opening == '"' && source.peek() == '\\') source.advance();
    if (source.peek() != content[i]) return scalar.at();
    source.advance();
    if (opening == '\'' && content[i] == '\'') source.advance();
  }
  return source.at();
}

}  // namespace writ::policy
