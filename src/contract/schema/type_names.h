#pragma once
// The names that `type` takes and the masks that stand for them.
#include <optional>
#include <string>
#include <string_view>

#include "contract/schema/program.h"

namespace writ::contract {

struct TypeName {
  std::string_view name;
  TypeMask mask;
};

// `number` first, so that a mask is described by the widest names.
inline constexpr TypeName kTypeNames[] = {
    {"number", type_bit(Value::Kind::integer) | type_bit(Value::Kind::real)},
    {"string", type_bit(Value::Kind::string)},
    {"integer", type_bit(Value::Kind::integer)},
    {"object", type_bit(Value::Kind::object)},
    {"array", type_bit(Value::Kind::array)},
    {"boolean", type_bit(Value::Kind::boolean)},
    {"null", type_bit(Value::Kind::null)},
};

inline std::optional<TypeMask> find_type(std::string_view name) {
  for (const TypeName& row : kTypeNames) {
    if (row.name == name) return row.mask;
  }
  return std::nullopt;
}

// "string or null".
inline std::string describe_types(TypeMask mask) {
  std::string text;
  for (const TypeName& row : kTypeNames) {
    if ((mask & row.mask) != row.mask) continue;
    mask = static_cast<TypeMask>(mask & ~row.mask);
    if (!text.empty()) text += " or ";
    text += row.name;
  }
  return text;
}

}  // namespace writ::contract
