#include <algorithm>

#include "policy/graphql/parser.h"

namespace writ::rego::graphql {

struct Parser::SchemaParts {
  std::vector<Term> definitions, directives, extensions, schema, schema_extensions;
};

namespace {

struct TypeKeyword {
  std::string_view word;
  std::string_view kind;
};
constexpr TypeKeyword kTypes[] = {{"scalar", "SCALAR"},       {"type", "OBJECT"},
                                  {"interface", "INTERFACE"}, {"union", "UNION"},
                                  {"enum", "ENUM"},           {"input", "INPUT_OBJECT"}};

std::string_view kind_of_keyword(const Token& token) {
  for (const TypeKeyword& type : kTypes) {
    if (token.is_name(type.word)) return type.kind;
  }
  return {};
}

constexpr std::string_view kLocations[] = {"QUERY",
                                           "MUTATION",
                                           "SUBSCRIPTION",
                                           "FIELD",
                                           "FRAGMENT_DEFINITION",
                                           "FRAGMENT_SPREAD",
                                           "INLINE_FRAGMENT",
                                           "VARIABLE_DEFINITION",
                                           "SCHEMA",
                                           "SCALAR",
                                           "OBJECT",
                                           "FIELD_DEFINITION",
                                           "ARGUMENT_DEFINITION",
                                           "INTERFACE",
                                           "UNION",
                                           "ENUM",
                                           "ENUM_VALUE",
                                           "INPUT_OBJECT",
                                           "INPUT_FIELD_DEFINITION"};

}  // namespace

Term Parser::schema_document() {
  SchemaParts parts;
  while (!peek().is(TokenKind::end) && !failed()) {
    const std::string described = description();
    if (!kind_of_keyword(peek()).empty()) {
      parts.definitions.push_back(definition(described, false));
    } else if (peek().is_name("schema")) {
      parts.schema.push_back(schema_definition(described));
    } else if (peek().is_name("directive")) {
      parts.directives.push_back(directive_definition(described));
    } else if (peek().is_name("extend")) {
      if (!described.empty()) fail_at(previous_, "Unexpected " + previous_.text());
      extension(parts);
    } else {
      unexpected();
    }
  }
  ObjectBuilder out(arena_);
  const auto add = [&](std::string_view name, const std::vector<Term>& items) {
    if (!items.empty()) out.add(name, make_array(arena_, items));
  };
  add("Definitions", parts.definitions);
  add("Directives", parts.directives);
  add("Extensions", parts.extensions);
  add("Schema", parts.schema);
  add("SchemaExtension", parts.schema_extensions);
  return out.build();
}

std::string Parser::description() {
  if (!peek().is(TokenKind::string) && !peek().is(TokenKind::block_string)) return {};
  return next().value;
}

void Parser::extension(SchemaParts& out) {
  expect_keyword("extend");
  if (peek().is_name("schema")) {
    next();
    Node node(*this);
    const auto applied = directives(Constant::yes);
    const auto types = operation_types();
    if (applied.empty() && types.empty()) unexpected();
    out.schema_extensions.push_back(node.add("Description", "")
                                        .add("Directives", applied)
                                        .add("OperationTypes", types)
                                        .build());
  } else if (!kind_of_keyword(peek()).empty()) {
    out.extensions.push_back(definition({}, true));
  } else {
    unexpected();
  }
}

Term Parser::schema_definition(std::string_view described) {
  expect_keyword("schema");
  Node node(*this);
  node.add("Description", described);
  node.add("Directives", directives(Constant::yes));
  return node.add("OperationTypes", operation_types()).build();
}

std::vector<Term> Parser::operation_types() {
  return some(TokenKind::brace_left, TokenKind::brace_right, [&] {
    Node node(*this);
    node.add("Operation", std::string_view(operation_type()));
    expect(TokenKind::colon);
    return node.add("Type", std::string_view(name())).build();
  });
}

Term Parser::definition(std::string_view described, bool is_extension) {
  const std::string kind(kind_of_keyword(peek()));
  next();
  Node node(*this);
  node.add("Kind", std::string_view(kind)).add("Description", described);
  node.add("BuiltIn", Term::boolean(false)).add("Name", std::string_view(name()));
  // An interface may implement others where it is defined, not where it is extended.
  const bool may_implement = kind == "OBJECT" || (kind == "INTERFACE" && !is_extension);
  std::vector<Term> implemented, members;
  if (may_implement) implemented = interfaces();
  const auto applied = directives(Constant::yes);
  node.add("Interfaces", implemented).add("Directives", applied);
  const auto braces = [&](auto one) {
    return some(TokenKind::brace_left, TokenKind::brace_right, one);
  };
  if (kind == "OBJECT" || kind == "INTERFACE") {
    members = braces([&] { return field_definition(); });
    node.add("Fields", members);
  } else if (kind == "INPUT_OBJECT") {
    members = braces([&] { return input_value(); });
    node.add("Fields", members);
  } else if (kind == "ENUM") {
    members = braces([&] { return enum_value(); });
    node.add("EnumValues", members);
  } else if (kind == "UNION") {
    members = union_members();
    node.add("Types", members);
  }
  if (is_extension && implemented.empty() && applied.empty() && members.empty()) unexpected();
  return node.build();
}

std::vector<Term> Parser::interfaces() {
  std::vector<Term> out;
  if (!peek().is_name("implements")) return out;
  next();
  skip(TokenKind::amp);
  do {
    out.push_back(make_string(arena_, name()));
  } while (skip(TokenKind::amp) && !failed());
  return out;
}

std::vector<Term> Parser::union_members() {
  std::vector<Term> out;
  if (!skip(TokenKind::equals)) return out;
  skip(TokenKind::pipe);
  do {
    out.push_back(make_string(arena_, name()));
  } while (skip(TokenKind::pipe) && !failed());
  return out;
}

Term Parser::field_definition() {
  const std::string described = description();
  Node node(*this);
  node.add("Description", std::string_view(described)).add("Name", std::string_view(name()));
  node.add("Arguments",
           some(TokenKind::paren_left, TokenKind::paren_right, [&] { return input_value(); }));
  expect(TokenKind::colon);
  node.add("Type", type_reference());
  return node.add("Directives", directives(Constant::yes)).build();
}

Term Parser::input_value() {
  const std::string described = description();
  Node node(*this);
  node.add("Description", std::string_view(described)).add("Name", std::string_view(name()));
  expect(TokenKind::colon);
  node.add("Type", type_reference());
  if (skip(TokenKind::equals)) node.add("DefaultValue", value(Constant::yes));
  return node.add("Directives", directives(Constant::yes)).build();
}

Term Parser::enum_value() {
  const std::string described = description();
  Node node(*this);
  node.add("Description", std::string_view(described)).add("Name", std::string_view(name()));
  return node.add("Directives", directives(Constant::yes)).build();
}

Term Parser::directive_definition(std::string_view described) {
  expect_keyword("directive");
  expect(TokenKind::at);
  Node node(*this);
  node.add("Description", described).add("Name", std::string_view(name()));
  node.add("Arguments",
           some(TokenKind::paren_left, TokenKind::paren_right, [&] { return input_value(); }));
  const bool repeatable = peek().is_name("repeatable");
  if (repeatable) next();
  node.add("IsRepeatable", Term::boolean(repeatable));
  expect_keyword("on");
  return node.add("Locations", directive_locations()).build();
}

std::vector<Term> Parser::directive_locations() {
  std::vector<Term> out;
  skip(TokenKind::pipe);
  do {
    const Token token = expect(TokenKind::name);
    if (std::ranges::find(kLocations, token.value) == std::end(kLocations)) {
      fail_at(token, "Unexpected " + token.text());
    }
    out.push_back(make_string(arena_, token.value));
  } while (skip(TokenKind::pipe) && !failed());
  return out;
}

}  // namespace writ::rego::graphql
