#pragma once
// A GraphQL schema that holds together: every type, directive and root by name.
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/graphql/ast.h"

namespace writ::rego::graphql {

// A type with everything that extensions add to it.
struct Definition {
  std::string kind;  // "OBJECT"
  std::string name;
  bool is_builtin = false;
  Term at;  // the node that it is defined by
  std::vector<Term> directives, fields, enum_values;
  std::vector<std::string> interfaces, types;

  bool is_leaf() const { return kind == "ENUM" || kind == "SCALAR"; }
  bool is_abstract() const { return kind == "INTERFACE" || kind == "UNION"; }
  bool is_composite() const { return kind == "OBJECT" || is_abstract(); }
  bool is_input() const { return is_leaf() || kind == "INPUT_OBJECT"; }
};

// Its terms stand in the arena of the documents it was made from.
struct Schema {
  std::map<std::string, Definition, std::less<>> types;
  std::map<std::string, Term, std::less<>> directives;
  // Which types a value of an interface, union or object may have.
  std::map<std::string, std::vector<const Definition*>, std::less<>> possible_types;
  const Definition* query = nullptr;
  const Definition* mutation = nullptr;
  const Definition* subscription = nullptr;

  const Definition* type(std::string_view name) const;
  const Term* directive(std::string_view name) const;
  std::span<const Definition* const> possible(std::string_view name) const;
};

// The schema of `document` together with what every schema has (GraphQL October 2021, sections
// 3.5, 3.13 and 4). Errors: the first thing that is wrong.
std::expected<std::unique_ptr<const Schema>, Problem> make_schema(const Term& document);

}  // namespace writ::rego::graphql
