#pragma once
// Numbers as Rego has them: of any size, with the text they were written as. Integers are exact;
// everything else is computed with 64 bits of mantissa and printed in its shortest form.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

// A number as it is spelled in JSON: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_json_number(std::string_view text);
// Requires: is_json_number(text). Keeps the spelling.
Term make_number(Arena& arena, std::string_view text);
// The number's text, as it was written or computed.
std::string number_text(const Term& number);
void append_number(std::string& out, const Term& number);

// Whether the value is a whole number: 1, 1.0 and 1e2 are.
bool is_integral(const Term& number);
// The value, if it is a whole number that fits.
std::optional<std::int64_t> to_int64(const Term& number);
// The nearest value; infinite when it is too large.
long double to_real(const Term& number);
double to_double(const Term& number);

// Shortest text that reads back as the same value; whole numbers without exponent, as OPA does.
// Requires: finite.
Term make_real(Arena& arena, long double value);

// By value. Requires: both are numbers.
std::strong_ordering compare_numbers(const Term& a, const Term& b);
std::uint32_t hash_number(const Term& number);

}  // namespace writ::rego
