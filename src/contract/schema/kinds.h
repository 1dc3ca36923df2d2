#pragma once
// The kinds of values as keywords see them.
#include "contract/schema/program.h"

namespace writ::contract {

template <typename Node>
bool has_type(TypeMask types, Node node, Value::Kind kind) {
  if ((types & type_bit(kind)) != 0) return true;
  // `integer` takes 1.0 too.
  return kind == Value::Kind::real && (types & type_bit(Value::Kind::integer)) != 0 &&
         node.number().is_integral();
}

inline Section section_of(Value::Kind kind) {
  constexpr Section kOf[] = {Section::any,    Section::any,   Section::number, Section::number,
                             Section::string, Section::array, Section::object};
  return kOf[static_cast<std::size_t>(kind)];
}

}  // namespace writ::contract
