#pragma once
// GraphQL source text to tokens (GraphQL October 2021, section 2.1). Lines and columns count from
// one, columns in code points.
#include <cstdint>
#include <string>
#include <string_view>

namespace writ::rego::graphql {

enum class TokenKind : std::uint8_t {
  invalid,
  end,
  bang,
  dollar,
  amp,
  paren_left,
  paren_right,
  spread,
  colon,
  equals,
  at,
  bracket_left,
  bracket_right,
  brace_left,
  brace_right,
  pipe,
  name,
  integer,
  real,
  string,
  block_string,
};
// "Name", "{", "<EOF>": as error messages say it.
std::string_view kind_text(TokenKind kind);

struct Token {
  TokenKind kind = TokenKind::invalid;
  std::string value;  // of names, numbers and strings; of an invalid one what is wrong
  std::int64_t line = 1;
  std::int64_t column = 1;

  bool is(TokenKind wanted) const { return kind == wanted; }
  bool is_name(std::string_view wanted) const { return kind == TokenKind::name && value == wanted; }
  // `Name "type"`
  std::string text() const;
};

// `text` must outlive the lexer. Comments are skipped.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  Token next();

 private:
  void skip_ignored();
  void newline();
  void skip_comment();
  char byte(std::size_t ahead = 0) const {
    return end_ + ahead < text_.size() ? text_[end_ + ahead] : '\0';
  }
  void advance(std::size_t bytes = 1) {
    end_ += bytes;
    column_ += static_cast<std::int64_t>(bytes);
  }
  void advance_code_point(std::string* into);
  Token make(TokenKind kind, std::string value) const;
  Token wrong(std::string what) const;
  Token read_name();
  Token read_number();
  std::size_t take_digits();
  std::string describe_next() const;
  Token read_string();
  bool read_escape(std::string& out, std::string& wrong);
  Token read_block_string();

  std::string_view text_;
  std::size_t end_ = 0;
  std::int64_t line_ = 1;
  std::int64_t column_ = 1;  // of the byte at end_
  std::int64_t start_column_ = 1;
};

}  // namespace writ::rego::graphql
