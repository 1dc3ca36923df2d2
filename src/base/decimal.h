#pragma once
// Decimal numbers as JSON and YAML write them, to a Value: an integer where the lexeme is
// integral and fits, else the nearest double. Private to base.
#include <optional>
#include <string_view>

#include "base/value.h"

namespace writ {

// `lexeme` is -?digits with an optional fraction and exponent, digits possibly missing on one
// side of the point. What is too small becomes 0. Nothing when it is too large for a double.
std::optional<Value> decimal_value(std::string_view lexeme);

}  // namespace writ
