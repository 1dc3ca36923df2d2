#pragma once
// The formats of JSON Schema as predicates over strings. Used only where `format` asserts.
#include <string_view>

namespace writ::contract {

struct FormatCheck {
  std::string_view name;
  bool (*matches)(std::string_view text);
};

// nullptr for a format that is not known: it never fails.
const FormatCheck* find_format(std::string_view name);

}  // namespace writ::contract
