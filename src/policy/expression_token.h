#pragma once
// The words of an expression. Private to the parser.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"
#include "policy/expression.h"

namespace writ::policy {

enum class TokenKind : std::uint8_t {
  end,
  fact,
  literal,
  comparison,
  word_and,
  word_or,
  word_not,
  word_in,
  left_parenthesis,
  right_parenthesis,
  left_bracket,
  right_bracket,
  comma,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t offset = 0;
  std::string name = {};  // of a fact
  Value literal = {};
  bool is_duration = false;
  Comparison comparison = Comparison::eq;
};

class Lexer {
 public:
  // `text` is borrowed.
  explicit Lexer(std::string_view text) : text_(text) {}
  // The next token; nothing when the text makes none, with `problem` filled.
  std::optional<Token> next(ExpressionProblem& problem);

 private:
  std::optional<Token> symbol(ExpressionProblem& problem);
  std::optional<Token> word(ExpressionProblem& problem);
  std::optional<Token> number(ExpressionProblem& problem);
  std::optional<std::string> quoted(ExpressionProblem& problem);
  bool take_quoted_segment(std::string& name, ExpressionProblem& problem);
  char peek(std::size_t ahead = 0) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace writ::policy
