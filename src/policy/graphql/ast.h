#pragma once
// GraphQL documents as terms. The parser makes what policies see: objects with the fields of
// gqlparser's AST, without those that are null or empty; in front of a policy only "Position" is
// taken away. So a document that a policy hands in needs no conversion either. Nothing about its
// shape is sure: whatever is missing or of another kind reads as empty.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego::graphql {

// Of a Value node.
enum class ValueKind : std::uint8_t {
  variable,
  integer,
  real,
  string,
  block,
  boolean,
  null,
  enumerator,
  list,
  object,
};

// Members of a node.
std::string_view text(const Term& node, std::string_view name);
std::span<const Term> list(const Term& node, std::string_view name);
bool flag(const Term& node, std::string_view name);
// An undefined term when it is missing.
const Term& child(const Term& node, std::string_view name);
ValueKind value_kind(const Term& value);

// The node of `nodes` whose "Name" is `name`; nullptr: there is none.
const Term* find_named(std::span<const Term> nodes, std::string_view name);

// Of a Type node: its innermost name, and "[Int!]!".
std::string_view type_name(const Term& type);
std::string type_text(const Term& type);
// A value as it is written: "$x", "[1,2]".
std::string value_text(const Term& value);

// "input:4:5: <message>", as gqlparser's errors read.
struct Problem {
  std::string message;
  std::int64_t line = 0;  // 0: not known
  std::int64_t column = 0;
  std::string text() const;
};
Problem problem_at(const Term& node, std::string message);

// The document without positions.
Term without_positions(Arena& arena, const Term& node);

}  // namespace writ::rego::graphql
