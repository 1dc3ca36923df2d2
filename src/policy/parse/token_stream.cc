#include "policy/parse/token_stream.h"

#include <fmt/format.h>

namespace writ::rego {
namespace {

std::string described(const Token& token) {
  switch (token.kind) {
    case TokenKind::end:
      return "eof token";
    case TokenKind::name:
      return token.is_keyword ? token.text + " keyword" : "identifier token";
    case TokenKind::number:
      return "number token";
    case TokenKind::string:
    case TokenKind::template_open:
      return "string token";
    default:
      return token.text + " token";
  }
}

}  // namespace

bool TokenStream::expect(std::string_view sign) {
  if (take(sign)) return true;
  return unexpected(sign);
}

bool TokenStream::refuse_at(Position at, std::string message) {
  if (!error_) {
    error_ =
        PolicyError{std::string(kParseError), std::move(message), file_, at, lexer_.line_of(at)};
  }
  return false;
}

bool TokenStream::unexpected(std::string_view expected) {
  if (token_.kind == TokenKind::bad) return refuse(token_.text);
  std::string message = fmt::format("unexpected {}", described(token_));
  if (!expected.empty()) message += fmt::format(": expected {}", expected);
  return refuse(std::move(message));
}

void TokenStream::go_back(const Mark& mark) {
  lexer_.restore(mark.state);
  token_ = mark.token;
  last_end_ = mark.last_end;
  last_line_ = mark.last_line;
  error_.reset();
}

ast::Term make_var(std::string name, Position at) {
  ast::Term out;
  out.kind = ast::Term::Kind::var;
  out.at = at;
  out.name = std::move(name);
  return out;
}

ast::Term make_scalar(rego::Term value, Position at) {
  ast::Term out;
  out.at = at;
  out.value = value;
  return out;
}

ast::Term make_call(std::string_view builtin, std::vector<ast::Term> args, Position at) {
  ast::Term out;
  out.kind = ast::Term::Kind::call;
  out.at = at;
  out.parts = std::move(args);
  out.parts.insert(out.parts.begin(), make_var(std::string(builtin), at));
  return out;
}

}  // namespace writ::rego
