#include "policy/graphql/parser.h"

#include "policy/builtins/go_format.h"

namespace writ::rego::graphql {

Parser::Node::Node(Parser& parser) : arena_(parser.arena_), fields_(parser.arena_) {
  const Token& at = parser.peek();
  fields_.add("Position", make_array(arena_, {Term::integer(at.line), Term::integer(at.column)}));
}

Parser::Node& Parser::Node::add(std::string_view name, const std::vector<Term>& items) {
  if (!items.empty()) fields_.add(name, make_array(arena_, items));
  return *this;
}

const Token& Parser::peek() {
  if (failed()) return previous_;
  if (!has_peeked_) peeked_ = lexer_.next();
  has_peeked_ = true;
  return peeked_;
}

Token Parser::next() {
  if (failed()) return previous_;
  previous_ = peek();
  has_peeked_ = false;
  if (previous_.is(TokenKind::invalid)) fail_at(previous_, previous_.value);
  return previous_;
}

void Parser::fail_at(const Token& token, std::string message) {
  if (!failed()) problem_ = Problem{std::move(message), token.line, token.column};
}

void Parser::unexpected() { fail_at(peek(), "Unexpected " + peek().text()); }

void Parser::expect_keyword(std::string_view word) {
  if (peek().is_name(word)) {
    next();
  } else {
    fail_at(peek(), "Expected " + go_quote(word) + ", found " + peek().text());
  }
}

Token Parser::expect(TokenKind kind) {
  if (peek().is(kind)) return next();
  fail_at(peek(), "Expected " + std::string(kind_text(kind)) + ", found " +
                      std::string(kind_text(peek().kind)));
  return peek();
}

bool Parser::skip(TokenKind kind) {
  if (failed() || !peek().is(kind)) return false;
  next();
  return true;
}

Term Parser::value(Constant constant) {
  Node node(*this);
  ValueKind kind = ValueKind::null;
  std::string raw;
  switch (peek().kind) {
    case TokenKind::bracket_left:
      return value_list(constant);
    case TokenKind::brace_left:
      return value_object(constant);
    case TokenKind::dollar:
      if (constant == Constant::yes) {
        unexpected();
        return {};
      }
      kind = ValueKind::variable;
      raw = variable();
      break;
    case TokenKind::integer:
      kind = ValueKind::integer;
      break;
    case TokenKind::real:
      kind = ValueKind::real;
      break;
    case TokenKind::string:
      kind = ValueKind::string;
      break;
    case TokenKind::block_string:
      kind = ValueKind::block;
      break;
    case TokenKind::name:
      kind = peek().value == "null"                              ? ValueKind::null
             : peek().value == "true" || peek().value == "false" ? ValueKind::boolean
                                                                 : ValueKind::enumerator;
      break;
    default:
      unexpected();
      return {};
  }
  if (kind != ValueKind::variable) raw = next().value;
  return node.add("Raw", std::string_view(raw))
      .add("Kind", Term::integer(static_cast<std::int64_t>(kind)))
      .add("ExpectedTypeHasDefault", Term::boolean(false))
      .build();
}

Term Parser::value_list(Constant constant) {
  if (++depth_ > kDeepest) fail_at(peek(), "nested too deeply");
  Node node(*this);
  const auto children = many(TokenKind::bracket_left, TokenKind::bracket_right, [&] {
    Node one(*this);
    return one.add("Name", "").add("Value", value(constant)).build();
  });
  --depth_;
  return node.add("Raw", "")
      .add("Kind", Term::integer(static_cast<std::int64_t>(ValueKind::list)))
      .add("ExpectedTypeHasDefault", Term::boolean(false))
      .add("Children", children)
      .build();
}

Term Parser::value_object(Constant constant) {
  if (++depth_ > kDeepest) fail_at(peek(), "nested too deeply");
  Node node(*this);
  const auto children = many(TokenKind::brace_left, TokenKind::brace_right, [&] {
    Node one(*this);
    one.add("Name", std::string_view(name()));
    expect(TokenKind::colon);
    return one.add("Value", value(constant)).build();
  });
  --depth_;
  return node.add("Raw", "")
      .add("Kind", Term::integer(static_cast<std::int64_t>(ValueKind::object)))
      .add("ExpectedTypeHasDefault", Term::boolean(false))
      .add("Children", children)
      .build();
}

Term Parser::type_reference() {
  if (++depth_ > kDeepest) fail_at(peek(), "nested too deeply");
  const bool is_list = skip(TokenKind::bracket_left);
  Node node(*this);
  if (is_list) {
    node.add("NamedType", "").add("Elem", failed() ? Term() : type_reference());
    expect(TokenKind::bracket_right);
  } else {
    node.add("NamedType", std::string_view(name()));
  }
  --depth_;
  return node.add("NonNull", Term::boolean(skip(TokenKind::bang))).build();
}

std::vector<Term> Parser::arguments(Constant constant) {
  return some(TokenKind::paren_left, TokenKind::paren_right, [&] {
    Node node(*this);
    node.add("Name", std::string_view(name()));
    expect(TokenKind::colon);
    return node.add("Value", value(constant)).build();
  });
}

std::vector<Term> Parser::directives(Constant constant) {
  std::vector<Term> out;
  while (peek().is(TokenKind::at) && !failed()) {
    next();
    Node node(*this);
    node.add("Name", std::string_view(name()));
    out.push_back(node.add("Arguments", arguments(constant)).add("Location", "").build());
  }
  return out;
}

}  // namespace writ::rego::graphql
