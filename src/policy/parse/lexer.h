#pragma once
// Rego text as tokens. The parser asks for one at a time and may go back; template strings are
// read in pieces, because what stands in their braces is Rego again.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.h"
#include "policy/parse/ast.h"

namespace writ::rego {

enum class TokenKind : std::uint8_t {
  end,
  name,  // also keywords: see Token::is_keyword
  number,
  string,         // text: the contents
  template_open,  // $" or $`: go on with Lexer::template_piece
  sign,           // text: the operator or bracket
  bad,            // text: what is wrong
};

struct Token {
  TokenKind kind = TokenKind::end;
  Position at;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_keyword = false;   // reserved, and not followed by a dot
  bool after_space = false;  // white space or a comment stands before it
  bool after_line = false;   // … with a line break in it
  bool is_raw = false;       // template_open: in backquotes
  std::string text;

  bool is(std::string_view sign) const { return kind == TokenKind::sign && text == sign; }
  bool is_word(std::string_view word) const { return kind == TokenKind::name && text == word; }
  bool is_keyword_named(std::string_view word) const { return is_keyword && text == word; }
};

class Lexer {
 public:
  // `text` must outlive the lexer.
  Lexer(std::string_view text, bool is_v0) : text_(text), is_v0_(is_v0) {}

  Token next();

  // Continues a template string after `{`'s matching brace or its opening quote, at byte `from`.
  struct Piece {
    std::string text;
    bool at_hole = false;  // ended at `{`; else the string has ended
    std::string problem;
  };
  Piece template_piece(bool is_raw);

  // Where the next token begins to be looked for; going back is setting it.
  struct State {
    std::size_t at = 0;
    std::uint32_t line = 1;
    std::size_t line_begin = 0;
    std::size_t comments = 0;
  };
  State state() const { return state_; }
  void restore(const State& state) {
    state_ = state;
    comments_.resize(state.comments);
  }

  // After `import future.keywords` or `import rego.v1`, in v0.
  void accept_new_keywords() { is_v0_ = false; }

  const std::vector<ast::Comment>& comments() const { return comments_; }
  std::string_view text() const { return text_; }
  // The source line of `at`.
  std::string line_of(Position at) const;

 private:
  char peek(std::size_t ahead = 0) const {
    return state_.at + ahead < text_.size() ? text_[state_.at + ahead] : '\0';
  }
  Position here() const {
    return {state_.line, static_cast<std::uint32_t>(state_.at - state_.line_begin + 1)};
  }
  void skip_space(Token& token);
  void advance_line() {
    ++state_.line;
    state_.line_begin = state_.at + 1;
  }
  void read_name(Token& token);
  void read_number(Token& token);
  void read_string(Token& token);
  void read_raw_string(Token& token);
  void read_sign(Token& token);
  bool read_escape(std::string& out, std::string& problem);
  bool read_code_unit(std::uint32_t& out);

  std::string_view text_;
  bool is_v0_;
  State state_;
  std::vector<ast::Comment> comments_;
};

// Whether the word is reserved in v1 (v0: without if, contains, in, every).
bool is_reserved(std::string_view word, bool is_v0);

}  // namespace writ::rego
