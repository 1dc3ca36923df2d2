#pragma once
// Types as programs have them, made from schemas: what C++ and TypeScript are written from.
//
// Schemas say more than types can: bounds, patterns, conditions. A type says what values look like;
// whether a value keeps to its schema is still asked of the schema.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace writ::contract {

struct Type {
  enum class Kind : std::uint8_t {
    any,  // whatever JSON says
    string,
    integer,
    number,
    boolean,
    list,     // of `items`
    map,      // from strings to `items`
    named,    // `name` among TypeModel::types
    literal,  // the one text `name`
  };
  Kind kind = Kind::any;
  bool is_nullable = false;
  std::string name;
  std::vector<Type> items;  // one, of a list or a map

  bool operator==(const Type&) const = default;
};

struct TypeField {
  std::string key;  // as on the wire
  std::string description;
  bool is_required = false;
  Type type;
};

// A struct, an enumeration of texts, or another name for a type.
struct NamedType {
  enum class Shape : std::uint8_t { record, choice, alias };
  Shape shape = Shape::record;
  std::string name;  // "AccessCheck"; of a part of it "AccessCheckSubject"
  std::string description;
  std::vector<TypeField> fields;    // of a record
  bool is_open = false;             // of a record: may have members that are not told
  std::vector<std::string> values;  // of a choice
  Type aliased;
};

// In an order in which each comes after those that it holds by value.
struct TypeModel {
  std::vector<NamedType> types;

  const NamedType* find(std::string_view name) const;
};

// The types of the schemas in `schemas` (name → schema), whose references lead to each other by
// "<prefix><name>": "#/components/schemas/User", or "#/$defs/user" for `$defs` of a contract.
// References elsewhere, alternatives and conditions become `any`; `allOf` is merged.
// Errors: conflict (two types would have one name).
Result<TypeModel> read_types(const Object& schemas, std::string_view prefix);

// "access_check", "access-check" and "accessCheck": "AccessCheck".
std::string pascal_case(std::string_view text);

}  // namespace writ::contract
