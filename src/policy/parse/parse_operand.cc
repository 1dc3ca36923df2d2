// Operands: scalars, names, references, calls, collections and comprehensions.
#include "policy/parse/token_stream.h"
#include "policy/term/build.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

using ast::Term;
using Kind = Term::Kind;

// Whether the next sign touches the operand before it, as in `x[`, `x.` and `f(`.
bool touches(TokenStream& in, std::string_view sign) {
  return in.token().is(sign) && !in.token().after_space;
}

bool parse_number(TokenStream& in, bool is_negative, Term& out) {
  if (in.token().kind != TokenKind::number) return in.unexpected("number");
  const std::string text = (is_negative ? "-" : "") + in.token().text;
  out = make_scalar(make_number(in.arena(), text), in.token().at);
  in.advance();
  return true;
}

Term start(TokenStream& in, Kind kind) {
  Term out;
  out.kind = kind;
  out.at = in.token().at;
  return out;
}

// Items up to `closer`; a comma may stand before it.
bool parse_items(TokenStream& in, std::string_view closer, std::vector<Term>& out) {
  while (!in.take(closer)) {
    Term item;
    if (!parse_infix(in, Place::in_list, item)) return false;
    out.push_back(std::move(item));
    if (in.token().is(closer)) continue;
    if (!in.take(",")) return in.unexpected("\",\" or \"" + std::string(closer) + "\"");
  }
  return true;
}

// At `|` behind the head of what may be a comprehension. Says in `is_comprehension` what it was:
// if the rest is no body, the sign is the operator and nothing has been taken.
bool parse_comprehension_body(TokenStream& in, std::string_view closer, Term& out,
                              bool& is_comprehension) {
  const TokenStream::Mark mark = in.mark();
  in.advance();
  auto body = std::make_shared<ast::Body>();
  is_comprehension = parse_body_until(in, closer, *body);
  if (is_comprehension) {
    out.body = std::move(body);
    return true;
  }
  if (!in.may_attempt()) return false;
  in.go_back(mark);
  return true;
}

bool parse_array(TokenStream& in, Term& out) {
  out = start(in, Kind::array);
  in.advance();
  if (in.take("]")) return true;
  Term first;
  if (!parse_operand(in, first)) return false;
  if (in.token().is("|")) {
    bool is_comprehension = false;
    if (!parse_comprehension_body(in, "]", out, is_comprehension)) return false;
    if (is_comprehension) {
      out.kind = Kind::array_comprehension;
      out.parts.push_back(std::move(first));
      return true;
    }
  }
  Term item;
  if (!continue_infix(in, Place::in_list, std::move(first), item)) return false;
  out.parts.push_back(std::move(item));
  if (in.take("]")) return true;
  if (!in.take(",")) return in.unexpected("\",\" or \"]\"");
  return parse_items(in, "]", out.parts);
}

// Behind the key of the first member and its colon.
bool parse_object(TokenStream& in, Term key, Term& out) {
  out.kind = Kind::object;
  Term value;
  if (!parse_operand(in, value)) return false;
  if (in.token().is("|")) {
    bool is_comprehension = false;
    if (!parse_comprehension_body(in, "}", out, is_comprehension)) return false;
    if (is_comprehension) {
      out.kind = Kind::object_comprehension;
      out.parts = {std::move(key), std::move(value)};
      return true;
    }
  }
  Term whole;
  if (!continue_infix(in, Place::in_list, std::move(value), whole)) return false;
  out.parts.push_back(std::move(key));
  out.parts.push_back(std::move(whole));
  while (!in.take("}")) {
    if (!in.take(",")) return in.unexpected("\",\" or \"}\"");
    if (in.take("}")) return true;
    for (int part = 0; part < 2; ++part) {
      if (part == 1 && !in.expect(":")) return false;
      Term term;
      if (!parse_infix(in, Place::in_list, term)) return false;
      out.parts.push_back(std::move(term));
    }
  }
  return true;
}

bool parse_set_or_object(TokenStream& in, Term& out) {
  out = start(in, Kind::object);
  in.advance();
  if (in.take("}")) return true;
  Term first;
  if (!parse_operand(in, first)) return false;
  if (in.token().is("|")) {
    bool is_comprehension = false;
    if (!parse_comprehension_body(in, "}", out, is_comprehension)) return false;
    if (is_comprehension) {
      out.kind = Kind::set_comprehension;
      out.parts.push_back(std::move(first));
      return true;
    }
  }
  Term item;
  if (!continue_infix(in, Place::in_list, std::move(first), item)) return false;
  if (in.take(":")) return parse_object(in, std::move(item), out);
  out.kind = Kind::set;
  out.parts.push_back(std::move(item));
  if (in.take("}")) return true;
  if (!in.take(",")) return in.unexpected("\",\" or \"}\"");
  return parse_items(in, "}", out.parts);
}

bool parse_hole(TokenStream& in, ast::Body& out) {
  in.advance();
  ast::Statement hole;
  hole.at = in.token().at;
  if (in.token().is_keyword &&
      (in.token().text == "not" || in.token().text == "every" || in.token().text == "some")) {
    return in.unexpected("expression in template string");
  }
  Term term;
  if (!parse_infix(in, Place::alone, term)) return false;
  hole.terms.push_back(std::move(term));
  if (!parse_with_modifiers(in, hole)) return false;
  if (!in.token().is("}")) return in.unexpected("\"}\"");
  out.push_back(std::move(hole));
  return true;
}

// Texts as scalars in parts, one more than holes.
bool parse_template(TokenStream& in, Term& out) {
  out = start(in, Kind::template_string);
  out.body = std::make_shared<ast::Body>();
  const bool is_raw = in.token().is_raw;
  for (;;) {
    const Lexer::Piece piece = in.lexer().template_piece(is_raw);
    if (!piece.problem.empty()) return in.refuse(piece.problem);
    out.parts.push_back(make_scalar(make_string(in.arena(), piece.text), out.at));
    if (!piece.at_hole) {
      in.advance();
      return true;
    }
    if (!parse_hole(in, *out.body)) return false;
  }
}

bool parse_parenthesis(TokenStream& in, Term& out) {
  in.advance();
  return parse_infix(in, Place::alone, out) && in.expect(")");
}

bool parse_name(TokenStream& in, Term& out) {
  const Token& token = in.token();
  if (token.is_keyword) {
    const bool is_literal = token.text == "true" || token.text == "false" || token.text == "null";
    if (is_literal) {
      out = make_scalar(
          token.text == "null" ? rego::Term::null() : rego::Term::boolean(token.text == "true"),
          token.at);
      in.advance();
      return true;
    }
    // The builtin of that name.
    if (token.text != "contains") return in.unexpected();
  }
  out = make_var(token.text, token.at);
  in.advance();
  return true;
}

bool parse_head(TokenStream& in, Term& out) {
  const Token& token = in.token();
  switch (token.kind) {
    case TokenKind::name:
      return parse_name(in, out);
    case TokenKind::number:
      return parse_number(in, false, out);
    case TokenKind::string:
      out = make_scalar(make_string(in.arena(), token.text), token.at);
      in.advance();
      return true;
    case TokenKind::template_open:
      return parse_template(in, out);
    default:
      break;
  }
  if (token.is("[")) return parse_array(in, out);
  if (token.is("{")) return parse_set_or_object(in, out);
  if (token.is("(")) return parse_parenthesis(in, out);
  if (in.take("-")) return parse_number(in, true, out);
  return in.unexpected();
}

Term& as_ref(Term& term) {
  if (term.is(Kind::ref)) return term;
  Term ref;
  ref.kind = Kind::ref;
  ref.at = term.at;
  ref.parts.push_back(std::move(term));
  term = std::move(ref);
  return term;
}

bool parse_call(TokenStream& in, Term& out) {
  const bool is_named = out.is_var() || (out.is(Kind::ref) && out.parts[0].is_var());
  if (!is_named) return in.unexpected();
  const Position at = out.at;
  in.advance();
  std::vector<Term> args;
  if (!parse_items(in, ")", args)) return false;
  if (out.is_var() && out.name == "set" && args.empty()) {
    out = Term{};
    out.kind = Kind::set;
    out.at = at;
    return true;
  }
  Term call;
  call.kind = Kind::call;
  call.at = at;
  call.parts.push_back(std::move(out));
  for (Term& arg : args) call.parts.push_back(std::move(arg));
  out = std::move(call);
  return true;
}

bool parse_dot(TokenStream& in, Term& out) {
  in.advance();
  const Token& token = in.token();
  if (token.kind != TokenKind::name || token.after_space) return in.unexpected("identifier");
  as_ref(out).parts.push_back(make_scalar(make_string(in.arena(), token.text), token.at));
  in.advance();
  return true;
}

bool parse_bracket(TokenStream& in, Term& out) {
  in.advance();
  Term key;
  if (!parse_infix(in, Place::alone, key)) return false;
  as_ref(out).parts.push_back(std::move(key));
  return in.expect("]");
}

}  // namespace

bool parse_operand(TokenStream& in, ast::Term& out) {
  const Deeper deeper(in);
  const bool in_parentheses = in.token().is("(");
  if (!deeper.is_fine() || !parse_head(in, out)) return false;
  for (bool is_first = true;; is_first = false) {
    if (!is_first || !in_parentheses) out.end = static_cast<std::uint32_t>(in.last_end());
    const bool is_scalar =
        out.is(ast::Term::Kind::scalar) || out.is(ast::Term::Kind::template_string);
    if (touches(in, "(")) {
      if (is_scalar || !parse_call(in, out)) return in.unexpected();
    } else if (touches(in, ".") || touches(in, "[")) {
      if (is_scalar) {
        return in.refuse(
            "illegal ref (head cannot be " +
            std::string(out.is(ast::Term::Kind::scalar) ? kind_name(out.value.kind()) : "string") +
            ")");
      }
      if (in.token().is(".") ? !parse_dot(in, out) : !parse_bracket(in, out)) return false;
    } else {
      return true;
    }
  }
}

}  // namespace writ::rego
