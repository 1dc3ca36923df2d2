#pragma once
// Whole numbers of any size, for the builtins that compute with them. A heavy header: include it
// in sources only.
#include <boost/multiprecision/cpp_int.hpp>
#include <optional>
#include <string_view>

#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

using BigInteger = boost::multiprecision::cpp_int;

// Decimal digits that a number may be expanded to: 1e400 is computed with, 1e999999999 is not.
inline constexpr std::int64_t kMostDigits = 20'000;

// The value if it is a whole number of at most kMostDigits digits.
std::optional<BigInteger> to_big_integer(const Term& number);
Term make_number(Arena& arena, const BigInteger& value);

}  // namespace writ::rego
