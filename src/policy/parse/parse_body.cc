// Bodies and their statements.
#include "policy/parse/token_stream.h"

namespace writ::rego {
namespace {

using ast::Statement;
using ast::Term;

// `x`, `k, v`: terms separated by commas.
bool parse_symbols(TokenStream& in, std::vector<Term>& out) {
  do {
    Term symbol;
    if (!parse_operand(in, symbol)) return false;
    out.push_back(std::move(symbol));
  } while (in.take(","));
  return true;
}

bool parse_collection(TokenStream& in, Statement& out) {
  if (out.terms.size() > 2) {
    return in.refuse_at(
        out.at, "illegal " + std::string(out.kind == Statement::Kind::every ? "every" : "some") +
                    " expression: expected at most two variables before `in`");
  }
  Term collection;
  if (!parse_infix(in, Place::alone, collection)) return false;
  out.terms.push_back(std::move(collection));
  return true;
}

bool parse_some(TokenStream& in, Statement& out) {
  out.kind = Statement::Kind::some;
  in.advance();
  if (!parse_symbols(in, out.terms)) return false;
  if (in.take_keyword("in")) {
    out.kind = Statement::Kind::some_in;
    return parse_collection(in, out);
  }
  for (const Term& symbol : out.terms) {
    if (!symbol.is_var()) return in.refuse_at(symbol.at, "illegal variable in some declaration");
  }
  return true;
}

bool parse_every(TokenStream& in, Statement& out) {
  out.kind = Statement::Kind::every;
  in.advance();
  if (!parse_symbols(in, out.terms)) return false;
  for (const Term& symbol : out.terms) {
    if (!symbol.is_var()) return in.refuse_at(symbol.at, "expected variable in every expression");
  }
  if (!in.take_keyword("in")) return in.unexpected("`x[, y] in xs { ... }` expression");
  if (!parse_collection(in, out)) return false;
  out.body = std::make_shared<ast::Body>();
  if (!parse_braced_body(in, *out.body)) return false;
  out.body_end = in.last_end();
  return true;
}

bool parse_expression(TokenStream& in, Statement& out) {
  out.negated = in.take_keyword("not");
  Term left;
  if (!parse_infix(in, Place::alone, left)) return false;
  const bool assigns = in.token().is(":=");
  if (assigns || in.token().is("=")) {
    const Position at = left.at;
    if (out.negated && assigns) return in.unexpected();
    in.advance();
    Term right;
    if (!parse_infix(in, Place::alone, right)) return false;
    left = make_call(assigns ? "assign" : "eq", {std::move(left), std::move(right)}, at);
  }
  out.terms.push_back(std::move(left));
  return true;
}

// Whether a statement may end here.
bool ends_statement(TokenStream& in, std::string_view closer) {
  return in.token().is(";") || in.token().after_line || in.token().is(closer) ||
         in.token().kind == TokenKind::end;
}

}  // namespace

bool parse_statement(TokenStream& in, ast::Statement& out) {
  const Deeper deeper(in);
  if (!deeper.is_fine()) return false;
  out.at = in.token().at;
  out.begin = in.token().begin;
  const Token& token = in.token();
  bool fine = false;
  if (token.is_keyword_named("some")) {
    fine = parse_some(in, out);
  } else if (token.is_keyword_named("every")) {
    fine = parse_every(in, out);
  } else {
    fine = parse_expression(in, out);
  }
  if (!fine || !parse_with_modifiers(in, out)) return false;
  out.end = in.last_end();
  return true;
}

bool parse_with_modifiers(TokenStream& in, ast::Statement& out) {
  while (in.token().is_keyword_named("with")) {
    ast::With with;
    with.at = in.token().at;
    in.advance();
    if (!parse_operand(in, with.target)) return false;
    if (!with.target.is_var() && !with.target.is(ast::Term::Kind::ref)) {
      return in.refuse_at(with.target.at, "expected with target");
    }
    if (!in.take_keyword("as")) return in.unexpected("as keyword");
    if (!parse_infix(in, Place::alone, with.value)) return false;
    out.with.push_back(std::move(with));
  }
  return true;
}

bool parse_body_until(TokenStream& in, std::string_view closer, ast::Body& out) {
  if (in.token().is(closer)) return in.refuse("found empty body");
  for (;;) {
    ast::Statement statement;
    if (!parse_statement(in, statement)) return false;
    out.push_back(std::move(statement));
    if (in.take(closer)) return true;
    if (!ends_statement(in, closer)) {
      return in.unexpected("\\n or ; or " + std::string(closer));
    }
    while (in.take(";")) {
    }
    if (in.token().kind == TokenKind::end) return in.unexpected(closer);
    if (in.take(closer)) return true;
  }
}

bool parse_braced_body(TokenStream& in, ast::Body& out) {
  return in.expect("{") && parse_body_until(in, "}", out);
}

}  // namespace writ::rego
