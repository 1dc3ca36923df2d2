#pragma once
// Whole numbers in other bases than ten. A heavy header: include it in sources only.
#include <algorithm>
#include <string>

#include "policy/term/big_integer.h"

namespace writ::rego {

// Digits of the magnitude in base 2, 8, 10 or 16, lower-case, without a sign. Linear but for 10.
inline std::string magnitude_digits(const BigInteger& value, unsigned base) {
  const BigInteger magnitude = abs(value);
  if (base == 10 || magnitude == 0) return magnitude.str();
  const unsigned bits = base == 2 ? 1 : base == 8 ? 3 : 4;
  std::string out;
  for (std::size_t at = 0; at <= msb(magnitude); at += bits) {
    unsigned digit = 0;
    for (unsigned i = 0; i < bits; ++i) {
      if (bit_test(magnitude, static_cast<unsigned>(at + i))) digit |= 1U << i;
    }
    out += "0123456789abcdef"[digit];
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace writ::rego
