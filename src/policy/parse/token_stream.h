#pragma once
// What the parts of the parser share: the current token, errors, depth. A parsing function returns
// whether it went well; if not, the first error has been noted. Private to policy/parse.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "policy/parse/lexer.h"
#include "policy/parse/parser.h"

namespace writ::rego {

class TokenStream {
 public:
  TokenStream(std::string_view file, std::string_view text, Arena& arena, bool is_v0)
      : file_(file), lexer_(text, is_v0), arena_(arena), is_v0_(is_v0) {
    advance();
  }

  const Token& token() const { return token_; }
  void advance() {
    last_end_ = token_.end;
    last_line_ = token_.at.line;
    token_ = lexer_.next();
  }
  // End of the token before the current one.
  std::size_t last_end() const { return last_end_; }
  std::uint32_t last_line() const { return last_line_; }

  bool take(std::string_view sign) {
    if (!token_.is(sign)) return false;
    advance();
    return true;
  }
  bool take_keyword(std::string_view word) {
    if (!token_.is_keyword_named(word)) return false;
    advance();
    return true;
  }
  bool expect(std::string_view sign);

  // Notes an error, at the current token unless said otherwise; false.
  bool refuse(std::string message) { return refuse_at(token_.at, std::move(message)); }
  bool refuse_at(Position at, std::string message);
  // "unexpected <token> token", with what was expected.
  bool unexpected(std::string_view expected = {});
  bool has_error() const { return error_.has_value(); }
  const std::optional<PolicyError>& error() const { return error_; }

  // Trying one reading, then another.
  struct Mark {
    Lexer::State state;
    Token token;
    std::size_t last_end;
    std::uint32_t last_line;
  };
  Mark mark() const { return {lexer_.state(), token_, last_end_, last_line_}; }
  void go_back(const Mark& mark);
  // False when there have been too many attempts already.
  bool may_attempt() { return ++attempts_ < 200; }

  Lexer& lexer() { return lexer_; }
  Arena& arena() { return arena_; }
  bool is_v0() const { return is_v0_; }
  std::string_view file() const { return file_; }
  std::size_t& depth() { return depth_; }

 private:
  std::string file_;
  Lexer lexer_;
  Arena& arena_;
  bool is_v0_;
  Token token_;
  std::size_t last_end_ = 0;
  std::uint32_t last_line_ = 0;
  std::size_t depth_ = 0;
  std::size_t attempts_ = 0;
  std::optional<PolicyError> error_;
};

// Counts one level while it lives.
class Deeper {
 public:
  explicit Deeper(TokenStream& in) : in_(in) { ++in_.depth(); }
  ~Deeper() { --in_.depth(); }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
  bool is_fine() const {
    return in_.depth() <= kDeepestText || in_.refuse("max recursion depth exceeded");
  }

 private:
  TokenStream& in_;
};

// A body in braces, at its opening brace; or up to `closer` where the opening sign was taken.
bool parse_braced_body(TokenStream& in, ast::Body& out);
bool parse_body_until(TokenStream& in, std::string_view closer, ast::Body& out);
// One statement with its `with` modifiers.
bool parse_statement(TokenStream& in, ast::Statement& out);
bool parse_with_modifiers(TokenStream& in, ast::Statement& out);

// What may be an operand: no infix operators.
bool parse_operand(TokenStream& in, ast::Term& out);
// With infix operators; in a list a comma separates items, else `k, v in xs` is one term.
enum class Place { alone, in_list };
bool parse_infix(TokenStream& in, Place place, ast::Term& out);
// The same for a first operand that has been parsed already.
bool continue_infix(TokenStream& in, Place place, ast::Term first, ast::Term& out);

// Fills in the annotations of the package and of rules.
bool attach_annotations(ast::Module& module, TokenStream& in);

// Terms that the parser makes itself.
ast::Term make_var(std::string name, Position at);
ast::Term make_scalar(rego::Term value, Position at);
ast::Term make_call(std::string_view builtin, std::vector<ast::Term> args, Position at);

}  // namespace writ::rego
