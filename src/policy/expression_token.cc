#include "policy/expression_token.h"

#include <charconv>

#include "base/units.h"

namespace writ::policy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::nullopt_t refuse(ExpressionProblem& problem, std::size_t offset, std::string message,
                      std::string remedy = {}) {
  problem = {offset, std::move(message), std::move(remedy)};
  return std::nullopt;
}

// Beyond it a JSON number is no longer exact everywhere.
constexpr std::int64_t kLargest = 9'007'199'254'740'991;

struct Symbol {
  std::string_view text;
  TokenKind kind;
  Comparison comparison;
};
// Longer ones first.
constexpr Symbol kSymbols[] = {
    {"==", TokenKind::comparison, Comparison::eq},
    {"!=", TokenKind::comparison, Comparison::ne},
    {"<=", TokenKind::comparison, Comparison::le},
    {">=", TokenKind::comparison, Comparison::ge},
    {"<", TokenKind::comparison, Comparison::lt},
    {">", TokenKind::comparison, Comparison::gt},
    {"(", TokenKind::left_parenthesis, {}},
    {")", TokenKind::right_parenthesis, {}},
    {"[", TokenKind::left_bracket, {}},
    {"]", TokenKind::right_bracket, {}},
    {",", TokenKind::comma, {}},
};

// What people bring along from other languages.
struct Foreign {
  std::string_view text;
  std::string_view remedy;
};
constexpr Foreign kForeign[] = {
    {"&&", "Write `and`"},
    {"||", "Write `or`"},
    {"!", "Write `not`"},
    {"=", "Write `==`"},
    {"+", "Gates do no arithmetic"},
    {"*", "Gates do no arithmetic"},
    {"/", "Gates do no arithmetic"},
};

struct Keyword {
  std::string_view text;
  TokenKind kind;
};
constexpr Keyword kKeywords[] = {
    {"and", TokenKind::word_and},
    {"in", TokenKind::word_in},
    {"not", TokenKind::word_not},
    {"or", TokenKind::word_or},
};

}  // namespace

char Lexer::peek(std::size_t ahead) const {
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

std::optional<Token> Lexer::next(ExpressionProblem& problem) {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  if (at_ == text_.size()) return Token{.kind = TokenKind::end, .offset = at_};
  const char c = peek();
  if (is_digit(c) || (c == '-' && is_digit(peek(1)))) return number(problem);
  if (is_letter(c)) return word(problem);
  if (c != '"' && c != '\'') return symbol(problem);
  Token token{.kind = TokenKind::literal, .offset = at_};
  auto content = quoted(problem);
  if (!content) return std::nullopt;
  token.literal = *std::move(content);
  return token;
}

std::optional<Token> Lexer::symbol(ExpressionProblem& problem) {
  const std::string_view rest = text_.substr(at_);
  for (const Symbol& symbol : kSymbols) {
    if (!rest.starts_with(symbol.text)) continue;
    Token token{.kind = symbol.kind, .offset = at_, .comparison = symbol.comparison};
    at_ += symbol.text.size();
    return token;
  }
  for (const Foreign& foreign : kForeign) {
    if (rest.starts_with(foreign.text)) {
      return refuse(problem, at_, "`" + std::string(foreign.text) + "` is not part of a gate",
                    std::string(foreign.remedy));
    }
  }
  return refuse(problem, at_, "unexpected character in a gate",
                "A gate is made of facts, numbers, strings, and, or, not, in and comparisons");
}

// tests.failed, benchmark."BM_Apply/64".
std::optional<Token> Lexer::word(ExpressionProblem& problem) {
  Token token{.kind = TokenKind::fact, .offset = at_};
  while (is_letter(peek()) || is_digit(peek())) token.name += text_[at_++];
  if (peek() != '.') {
    for (const Keyword& keyword : kKeywords) {
      if (token.name == keyword.text) token.kind = keyword.kind;
    }
    if (token.name == "true" || token.name == "false") {
      token.kind = TokenKind::literal;
      token.literal = token.name == "true";
    }
    return token;
  }
  while (peek() == '.') {
    token.name += text_[at_++];
    if (peek() == '"') {
      if (!take_quoted_segment(token.name, problem)) return std::nullopt;
      continue;
    }
    if (!is_letter(peek()) && !is_digit(peek())) {
      return refuse(problem, at_, "a fact's name ends in a point",
                    "Write the whole name, as in `tests.failed`");
    }
    while (is_letter(peek()) || is_digit(peek())) token.name += text_[at_++];
  }
  return token;
}

bool Lexer::take_quoted_segment(std::string& name, ExpressionProblem& problem) {
  const std::size_t start = at_;
  auto content = quoted(problem);
  if (!content) return false;
  if (content->empty()) {
    refuse(problem, start, "a part of a fact's name is empty");
    return false;
  }
  name += *content;
  return true;
}

// Requires: a quote at `at_`. A backslash takes the next character as it is.
std::optional<std::string> Lexer::quoted(ExpressionProblem& problem) {
  const std::size_t start = at_;
  const char quote = text_[at_++];
  std::string content;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\\') ++at_;
    if (at_ >= text_.size()) break;
    if (static_cast<unsigned char>(text_[at_]) < 0x20) {
      return refuse(problem, at_, "a string holds a control character");
    }
    content += text_[at_++];
  }
  if (at_ >= text_.size()) {
    return refuse(problem, start, "this string has no end", "Close the quote");
  }
  ++at_;
  return content;
}

// -3, 12, 0.25, 250ms.
std::optional<Token> Lexer::number(ExpressionProblem& problem) {
  Token token{.kind = TokenKind::literal, .offset = at_};
  const std::size_t start = at_;
  if (peek() == '-') ++at_;
  while (is_digit(peek())) ++at_;
  const bool is_decimal = peek() == '.' && is_digit(peek(1));
  if (is_decimal) {
    ++at_;
    while (is_digit(peek())) ++at_;
  }
  const bool has_unit = is_letter(peek());
  while (is_letter(peek()) || is_digit(peek()) || (has_unit && peek() == '.')) ++at_;
  const std::string_view text = text_.substr(start, at_ - start);
  if (has_unit) {
    auto duration = parse_duration(text);
    if (!duration) {
      return refuse(problem, start, "`" + std::string(text) + "` is neither number nor duration",
                    "Durations are a whole number and ms, s, m, h or d");
    }
    token.literal = static_cast<std::int64_t>(duration->count());
    token.is_duration = true;
    return token;
  }
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  double real = 0;
  const auto read = is_decimal ? std::from_chars(text.data(), end, real)
                               : std::from_chars(text.data(), end, integer);
  if (read.ec != std::errc() || read.ptr != end || integer > kLargest || integer < -kLargest) {
    return refuse(problem, start, "the number " + std::string(text.substr(0, 40)) + " is too large",
                  "Whole numbers go up to 9007199254740991");
  }
  token.literal = is_decimal ? plain_number(real) : Value(integer);
  return token;
}

}  // namespace writ::policy
