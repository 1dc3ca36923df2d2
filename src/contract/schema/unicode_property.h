#pragma once
// \p{…} of ECMA-262 in RE2's terms.
#include <optional>
#include <string>
#include <string_view>

namespace writ::contract {

// The inside of an RE2 bracket expression that matches what `\p{property}` does (`\P` where
// `negated`); nothing for a property that RE2 has no tables for.
std::optional<std::string> unicode_property_class(std::string_view property, bool negated);

}  // namespace writ::contract
