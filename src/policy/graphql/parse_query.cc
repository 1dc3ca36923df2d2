#include "policy/graphql/parser.h"

namespace writ::rego::graphql {

Term Parser::query_document() {
  std::vector<Term> operations, fragments;
  while (!peek().is(TokenKind::end) && !failed()) {
    const Token& at = peek();
    if (at.is(TokenKind::brace_left) || at.is_name("query") || at.is_name("mutation") ||
        at.is_name("subscription")) {
      operations.push_back(operation());
    } else if (at.is_name("fragment")) {
      fragments.push_back(fragment_definition());
    } else {
      unexpected();
    }
  }
  ObjectBuilder out(arena_);
  if (!operations.empty()) out.add("Operations", make_array(arena_, operations));
  if (!fragments.empty()) out.add("Fragments", make_array(arena_, fragments));
  return out.build();
}

Term Parser::operation() {
  Node node(*this);
  if (peek().is(TokenKind::brace_left)) {
    return node.add("Operation", "query")
        .add("Name", "")
        .add("SelectionSet", required_selections())
        .build();
  }
  node.add("Operation", std::string_view(operation_type()));
  const std::string called = peek().is(TokenKind::name) ? next().value : std::string();
  node.add("Name", std::string_view(called));
  node.add("VariableDefinitions", variable_definitions());
  node.add("Directives", directives(Constant::no));
  return node.add("SelectionSet", required_selections()).build();
}

std::string Parser::operation_type() {
  const Token token = next();
  if (token.value != "query" && token.value != "mutation" && token.value != "subscription") {
    fail_at(token, "Unexpected " + token.text());
  }
  return token.value;
}

std::vector<Term> Parser::variable_definitions() {
  return some(TokenKind::paren_left, TokenKind::paren_right, [&] {
    Node node(*this);
    node.add("Variable", std::string_view(variable()));
    expect(TokenKind::colon);
    node.add("Type", type_reference());
    if (skip(TokenKind::equals)) node.add("DefaultValue", value(Constant::yes));
    return node.add("Directives", directives(Constant::no))
        .add("Used", Term::boolean(false))
        .build();
  });
}

std::string Parser::variable() {
  expect(TokenKind::dollar);
  return name();
}

std::vector<Term> Parser::required_selections() {
  if (!peek().is(TokenKind::brace_left)) {
    fail_at(peek(), "Expected {, found " + std::string(kind_text(peek().kind)));
    return {};
  }
  return selections();
}

std::vector<Term> Parser::selections() {
  if (++depth_ > kDeepest) fail_at(peek(), "nested too deeply");
  auto out = some(TokenKind::brace_left, TokenKind::brace_right, [&] { return selection(); });
  --depth_;
  return out;
}

Term Parser::selection() { return peek().is(TokenKind::spread) ? fragment_selection() : field(); }

Term Parser::field() {
  Node node(*this);
  const std::string first = name();
  const std::string second = skip(TokenKind::colon) ? name() : first;
  node.add("Alias", std::string_view(first)).add("Name", std::string_view(second));
  node.add("Arguments", arguments(Constant::no));
  node.add("Directives", directives(Constant::no));
  return node.add("SelectionSet", selections()).build();
}

Term Parser::fragment_selection() {
  expect(TokenKind::spread);
  Node node(*this);
  if (peek().is(TokenKind::name) && peek().value != "on") {
    node.add("Name", std::string_view(fragment_name()));
    return node.add("Directives", directives(Constant::no)).build();
  }
  std::string condition;
  if (peek().is_name("on")) {
    next();
    condition = name();
  }
  node.add("TypeCondition", std::string_view(condition));
  node.add("Directives", directives(Constant::no));
  return node.add("SelectionSet", required_selections()).build();
}

Term Parser::fragment_definition() {
  Node node(*this);
  expect_keyword("fragment");
  node.add("Name", std::string_view(fragment_name()));
  node.add("VariableDefinition", variable_definitions());
  expect_keyword("on");
  node.add("TypeCondition", std::string_view(name()));
  node.add("Directives", directives(Constant::no));
  return node.add("SelectionSet", required_selections()).build();
}

std::string Parser::fragment_name() {
  if (!peek().is_name("on")) return name();
  unexpected();
  return {};
}

}  // namespace writ::rego::graphql
