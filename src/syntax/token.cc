#include "syntax/token.h"

namespace writ::syntax {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

class Tokenizer {
 public:
  Tokenizer(std::string_view text, std::span<const Span> spans) : text_(text), spans_(spans) {}

  std::vector<Token> run() {
    for (const Span& span : spans_) {
      if (span.region == Region::code) {
        code(span);
      } else if (!in_directive_ || span.region == Region::comment) {
        const auto kind = span.region == Region::comment ? TokenKind::comment : TokenKind::string;
        tokens_.push_back({text_.substr(span.begin, span.end - span.begin), kind});
        line_is_empty_ = false;
      }
    }
    return std::move(tokens_);
  }

 private:
  void code(const Span& span) {
    std::size_t i = span.begin;
    while (i < span.end) {
      const char c = text_[i];
      if (c == '\n') {
        in_directive_ = in_directive_ && continues(i);
        line_is_empty_ = true;
        ++i;
      } else if (in_directive_ || is_blank(c)) {
        ++i;
      } else {
        i = token(i, span.end);
      }
    }
  }

  std::size_t token(std::size_t i, std::size_t end) {
    const char c = text_[i];
    std::size_t last = i + 1;
    TokenKind kind = TokenKind::punct;
    if (c == '#' && line_is_empty_) {
      kind = TokenKind::directive;
      in_directive_ = true;
    } else if (is_word(c)) {
      kind = is_digit(c) ? TokenKind::number : TokenKind::word;
      while (last < end &&
             (is_word(text_[last]) ||
              (kind == TokenKind::number && (text_[last] == '.' || text_[last] == '\'')))) {
        ++last;
      }
    } else if (last < end) {
      const std::string_view two = text_.substr(i, 2);
      if (two == "::" || two == "->" || two == "&&") ++last;
    }
    tokens_.push_back({text_.substr(i, last - i), kind});
    line_is_empty_ = false;
    return last;
  }

  // A backslash before the line break continues a directive.
  bool continues(std::size_t newline) const {
    std::size_t last = newline;
    if (last > 0 && text_[last - 1] == '\r') --last;
    return last > 0 && text_[last - 1] == '\\';
  }

  std::string_view text_;
  std::span<const Span> spans_;
  std::vector<Token> tokens_;
  bool line_is_empty_ = true;
  bool in_directive_ = false;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::span<const Span> spans) {
  return Tokenizer(text, spans).run();
}

}  // namespace writ::syntax
