#include "policy/parse/lexer.h"

#include <algorithm>

#include "base/encoding.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

constexpr std::string_view kReserved[] = {"as",   "default",  "else",    "false", "import",
                                          "not",  "null",     "package", "some",  "true",
                                          "with", "contains", "every",   "if",    "in"};
constexpr std::size_t kReservedInV0 = 11;

constexpr std::string_view kSigns[] = {":=", "==", "!=", "<=", ">=", "=", "<", ">", "+",
                                       "-",  "*",  "/",  "%",  "&",  "|", "(", ")", "[",
                                       "]",  "{",  "}",  ",",  ";",  ":", "."};

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool continues_name(char c) { return begins_name(c) || is_digit(c); }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

bool is_reserved(std::string_view word, bool is_v0) {
  const std::size_t count = is_v0 ? kReservedInV0 : std::size(kReserved);
  return std::find(kReserved, kReserved + count, word) != kReserved + count;
}

Token Lexer::next() {
  Token token;
  skip_space(token);
  token.at = here();
  token.begin = state_.at;
  if (state_.at >= text_.size()) {
    token.end = state_.at;
    return token;
  }
  const char c = peek();
  if (begins_name(c)) {
    read_name(token);
  } else if (is_digit(c)) {
    read_number(token);
  } else if (c == '"') {
    ++state_.at;
    read_string(token);
  } else if (c == '`') {
    ++state_.at;
    read_raw_string(token);
  } else if (c == '$' && (peek(1) == '"' || peek(1) == '`')) {
    token.kind = TokenKind::template_open;
    token.is_raw = peek(1) == '`';
    state_.at += 2;
  } else {
    read_sign(token);
  }
  token.end = state_.at;
  return token;
}

void Lexer::skip_space(Token& token) {
  for (; state_.at < text_.size(); ++state_.at) {
    const char c = peek();
    if (c == '\n') {
      advance_line();
      token.after_line = true;
    } else if (c == '#') {
      const std::size_t end = std::min(text_.find('\n', state_.at), text_.size());
      std::string_view text = text_.substr(state_.at + 1, end - state_.at - 1);
      if (text.ends_with('\r')) text.remove_suffix(1);
      comments_.push_back({here(), std::string(text)});
      state_.comments = comments_.size();
      state_.at = end - 1;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return;
    }
    token.after_space = true;
  }
}

void Lexer::read_name(Token& token) {
  token.kind = TokenKind::name;
  while (continues_name(peek())) token.text += text_[state_.at++];
  token.is_keyword = is_reserved(token.text, is_v0_);
  // A keyword before a dot is the name that a reference begins with.
  if (peek() == '.') token.is_keyword = false;
}

void Lexer::read_number(Token& token) {
  token.kind = TokenKind::number;
  while (is_digit(peek())) token.text += text_[state_.at++];
  if (peek() == '.' && is_digit(peek(1))) {
    do {
      token.text += text_[state_.at++];
    } while (is_digit(peek()));
  }
  if (peek() == 'e' || peek() == 'E') {
    token.text += text_[state_.at++];
    if (peek() == '+' || peek() == '-') token.text += text_[state_.at++];
    while (is_digit(peek())) token.text += text_[state_.at++];
  }
  if (token.text.size() > 1 && token.text[0] == '0' && is_digit(token.text[1])) {
    token.kind = TokenKind::bad;
    token.text = "expected number without leading zero";
  } else if (!is_json_number(token.text) || continues_name(peek())) {
    token.kind = TokenKind::bad;
    token.text = "illegal number format";
  }
}

void Lexer::read_string(Token& token) {
  token.kind = TokenKind::string;
  std::string problem;
  while (peek() != '"') {
    if (state_.at >= text_.size() || peek() == '\n') {
      problem = "non-terminated string";
      break;
    }
    if (peek() == '\\') {
      if (!read_escape(token.text, problem)) break;
    } else {
      const std::size_t length = utf8_sequence(text_.substr(state_.at));
      if (length == 0) {
        problem = "illegal utf-8 character";
        break;
      }
      token.text += text_.substr(state_.at, length);
      state_.at += length;
    }
  }
  if (problem.empty()) {
    ++state_.at;
    return;
  }
  token.kind = TokenKind::bad;
  token.text = problem;
}

void Lexer::read_raw_string(Token& token) {
  token.kind = TokenKind::string;
  token.is_raw = true;
  std::string_view problem = "non-terminated string";
  while (state_.at < text_.size()) {
    const char c = peek();
    if (c == '`') {
      ++state_.at;
      return;
    }
    if (c == '\n') advance_line();
    const std::size_t length = utf8_sequence(text_.substr(state_.at));
    if (length == 0) {
      problem = "illegal utf-8 character";
      break;
    }
    token.text += text_.substr(state_.at, length);  // line ends as they are
    state_.at += length;
  }
  token.kind = TokenKind::bad;
  token.text = problem;
}

void Lexer::read_sign(Token& token) {
  const std::string_view rest = text_.substr(state_.at);
  for (const std::string_view sign : kSigns) {
    if (!rest.starts_with(sign)) continue;
    token.kind = TokenKind::sign;
    token.text = sign;
    state_.at += sign.size();
    return;
  }
  token.kind = TokenKind::bad;
  const std::size_t length = std::max<std::size_t>(utf8_sequence(rest), 1);
  token.text = "illegal token";
  state_.at += length;
}

bool Lexer::read_escape(std::string& out, std::string& problem) {
  static constexpr std::string_view kLetters = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char c = peek(1);
  state_.at += 2;
  if (const auto found = kLetters.find(c); c != '\0' && found != std::string_view::npos) {
    out += kMeanings[found];
    return true;
  }
  std::uint32_t code = 0;
  if (c != 'u' || !read_code_unit(code)) {
    problem = "illegal escape sequence";
    return false;
  }
  if (code >= 0xd800 && code < 0xdc00 && text_.substr(state_.at).starts_with("\\u")) {
    const std::size_t here = state_.at;
    state_.at += 2;
    std::uint32_t low = 0;
    if (read_code_unit(low) && low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else {
      state_.at = here;
    }
  }
  append_utf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
  return true;
}

bool Lexer::read_code_unit(std::uint32_t& out) {
  out = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = peek();
    const int digit = is_digit(c)            ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    out = out * 16 + static_cast<std::uint32_t>(digit);
    ++state_.at;
  }
  return true;
}

Lexer::Piece Lexer::template_piece(bool is_raw) {
  Piece piece;
  const char quote = is_raw ? '`' : '"';
  while (state_.at < text_.size()) {
    const char c = peek();
    if (c == quote || c == '{') {
      piece.at_hole = c == '{';
      ++state_.at;
      return piece;
    }
    if (c == '\\' && (peek(1) == '{' || peek(1) == '}')) {
      piece.text += peek(1);
      state_.at += 2;
    } else if (c == '\\' && !is_raw) {
      if (!read_escape(piece.text, piece.problem)) return piece;
    } else {
      if (c == '\n') {
        if (!is_raw) break;
        advance_line();
      }
      const std::size_t length = utf8_sequence(text_.substr(state_.at));
      if (length == 0) {
        piece.problem = "illegal utf-8 character";
        return piece;
      }
      piece.text += text_.substr(state_.at, length);
      state_.at += length;
    }
  }
  piece.problem = "non-terminated string";
  return piece;
}

std::string Lexer::line_of(Position at) const {
  std::string_view rest = text_;
  for (std::uint32_t line = 1; line < at.line; ++line) {
    rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
  }
  std::string_view line = rest.substr(0, rest.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line.substr(0, 200));
}

}  // namespace writ::rego
