#include "policy/graphql/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/encoding.h"
#include "policy/builtins/go_format.h"

namespace writ::rego::graphql {
namespace {

constexpr std::array<std::string_view, 21> kKinds = {
    "<Invalid>", "<EOF>", "!", "$", "&", "(",    ")",   "...",   ":",      "=",          "@",
    "[",         "]",     "{", "}", "|", "Name", "Int", "Float", "String", "BlockString"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

TokenKind punctuator(char c) {
  static constexpr std::string_view kSigns = "!$&()";
  static constexpr std::string_view kMore = ":=@[]{}|";
  if (const std::size_t i = kSigns.find(c); i != std::string_view::npos) {
    return static_cast<TokenKind>(static_cast<std::size_t>(TokenKind::bang) + i);
  }
  if (const std::size_t i = kMore.find(c); i != std::string_view::npos) {
    return static_cast<TokenKind>(static_cast<std::size_t>(TokenKind::colon) + i);
  }
  return TokenKind::invalid;
}

void append_utf8(std::string& out, std::uint32_t point) {
  if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

// Section 2.9.4, BlockStringValue: without the common indentation and blank lines around.
std::string block_value(std::string_view raw) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0; from <= raw.size();) {
    const std::size_t end = std::min(raw.find('\n', from), raw.size());
    lines.push_back(raw.substr(from, end - from));
    from = end + 1;
  }
  std::size_t indent = std::string_view::npos;
  for (const std::string_view line : lines) {
    if (!is_blank(line)) indent = std::min(indent, line.find_first_not_of(" \t"));
  }
  for (std::size_t i = 1; i < lines.size() && indent != std::string_view::npos; ++i) {
    lines[i].remove_prefix(std::min(indent, lines[i].size()));
  }
  std::size_t first = 0, last = lines.size();
  while (first < last && is_blank(lines[first])) ++first;
  while (last > first && is_blank(lines[last - 1])) --last;
  std::string out;
  for (std::size_t i = first; i < last; ++i) {
    if (i > first) out += '\n';
    out += lines[i];
  }
  return out;
}

}  // namespace

std::string_view kind_text(TokenKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string Token::text() const {
  std::string out(kind_text(kind));
  return kind == TokenKind::invalid || value.empty() ? out : out + " " + go_quote(value);
}

Token Lexer::make(TokenKind kind, std::string value) const {
  return {kind, std::move(value), line_, start_column_};
}

Token Lexer::wrong(std::string what) const {
  return {TokenKind::invalid, std::move(what), line_, column_};
}

void Lexer::newline() {
  if (byte() == '\r' && byte(1) == '\n') ++end_;
  ++end_;
  ++line_;
  column_ = 1;
}

void Lexer::skip_comment() {
  while (end_ < text_.size() && (static_cast<unsigned char>(byte()) > 0x1f || byte() == '\t')) {
    advance_code_point(nullptr);
  }
}

void Lexer::skip_ignored() {
  while (end_ < text_.size()) {
    const char c = byte();
    if (c == '\t' || c == ' ' || c == ',') {
      advance();
    } else if (c == '\n' || c == '\r') {
      newline();
    } else if (c == '#') {
      skip_comment();
    } else if (text_.substr(end_).starts_with("\xef\xbb\xbf")) {
      end_ += 3;
      ++column_;
    } else {
      return;
    }
  }
}

void Lexer::advance_code_point(std::string* into) {
  const std::size_t size = utf8_sequence(text_.substr(end_));
  if (into != nullptr) {
    *into += size == 0 ? std::string_view("\xef\xbf\xbd") : text_.substr(end_, size);
  }
  end_ += std::max<std::size_t>(size, 1);
  ++column_;
}

Token Lexer::next() {
  skip_ignored();
  start_column_ = column_;
  if (end_ >= text_.size()) return make(TokenKind::end, {});
  const char c = byte();
  if (const TokenKind kind = punctuator(c); kind != TokenKind::invalid) {
    advance();
    return make(kind, {});
  }
  if (text_.substr(end_).starts_with("...")) {
    advance(3);
    return make(TokenKind::spread, {});
  }
  if (is_name_start(c)) return read_name();
  if (is_digit(c) || c == '-') return read_number();
  if (text_.substr(end_).starts_with("\"\"\"")) return read_block_string();
  if (c == '"') return read_string();
  if (static_cast<unsigned char>(c) < 0x20) {
    return wrong(fmt::format("Cannot contain the invalid character \"\\u{:04x}\"", c));
  }
  if (c == '\'') {
    return wrong("Unexpected single quote character ('), did you mean to use a double quote (\")?");
  }
  // Go shows the single byte as the character of that number.
  std::string shown;
  append_utf8(shown, static_cast<unsigned char>(c));
  return wrong("Cannot parse the unexpected character \"" + shown + "\".");
}

Token Lexer::read_name() {
  const std::size_t start = end_;
  while (is_name_start(byte()) || is_digit(byte())) advance();
  return make(TokenKind::name, std::string(text_.substr(start, end_ - start)));
}

std::size_t Lexer::take_digits() {
  const std::size_t start = end_;
  while (is_digit(byte())) advance();
  return end_ - start;
}

std::string Lexer::describe_next() const {
  return end_ < text_.size() ? std::string("\"") + byte() + "\"" : "<EOF>";
}

Token Lexer::read_number() {
  const std::size_t start = end_;
  const auto missing = [&] {
    return wrong("Invalid number, expected digit but got: " + describe_next() + ".");
  };
  if (byte() == '-') advance();
  if (byte() == '0') {
    advance();
    if (is_digit(byte())) {
      return wrong("Invalid number, unexpected digit after 0: " + describe_next() + ".");
    }
  } else if (take_digits() == 0) {
    return missing();
  }
  TokenKind kind = TokenKind::integer;
  if (byte() == '.') {
    kind = TokenKind::real;
    advance();
    if (take_digits() == 0) return missing();
  }
  if (byte() == 'e' || byte() == 'E') {
    kind = TokenKind::real;
    advance();
    if (byte() == '-' || byte() == '+') advance();
    if (take_digits() == 0) return missing();
  }
  return make(kind, std::string(text_.substr(start, end_ - start)));
}

// The backslash is at end_. False: `wrong` says why.
bool Lexer::read_escape(std::string& out, std::string& wrong) {
  static constexpr std::string_view kSigns = "\"/\\bfnrt";
  static constexpr std::string_view kMeant = "\"/\\\b\f\n\r\t";
  const char c = byte(1);
  if (const std::size_t i = kSigns.find(c); c != '\0' && i != std::string_view::npos) {
    out += kMeant[i];
    advance(2);
    return true;
  }
  const std::string_view digits = text_.substr(std::min(end_ + 2, text_.size()), 4);
  if (c == 'u' && end_ + 6 < text_.size() &&
      digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos) {
    append_utf8(out, static_cast<std::uint32_t>(std::stoul(std::string(digits), nullptr, 16)));
    advance(6);
    return true;
  }
  const std::string_view shown = text_.substr(end_ + 1, c == 'u' ? 5 : 1);
  wrong = shown.empty() ? "Invalid character escape sequence."
                        : fmt::format("Invalid character escape sequence: \\{}.", shown);
  advance();
  return false;
}

Token Lexer::read_string() {
  std::string out, why;
  advance();
  while (end_ < text_.size() && byte() != '\n' && byte() != '\r') {
    const char c = byte();
    if (c == '"') {
      advance();
      ++start_column_;  // gqlparser counts from behind the quotes
      return make(TokenKind::string, std::move(out));
    }
    if (c == '\\') {
      if (!read_escape(out, why)) return wrong(std::move(why));
    } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
      return wrong(fmt::format("Invalid character within String: \"\\u{:04x}\".", c));
    } else {
      advance_code_point(&out);
    }
  }
  return wrong("Unterminated string.");
}

Token Lexer::read_block_string() {
  std::string raw;
  advance(3);
  while (end_ < text_.size()) {
    const char c = byte();
    if (text_.substr(end_).starts_with("\"\"\"")) {
      while (byte(3) == '"') {  // of more than three the last ones close it
        raw += '"';
        advance();
      }
      start_column_ += 3;
      Token out = make(TokenKind::block_string, block_value(raw));
      advance(3);
      return out;
    }
    if (text_.substr(end_).starts_with("\\\"\"\"")) {
      raw += "\"\"\"";
      advance(4);
    } else if (c == '\n' || c == '\r') {
      raw += '\n';
      newline();
    } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
      return wrong(fmt::format("Invalid character within String: \"\\u{:04x}\".", c));
    } else {
      advance_code_point(&raw);
    }
  }
  return wrong("Unterminated string.");
}

}  // namespace writ::rego::graphql
