#pragma once
// JSON numbers compared and divided exactly: int64 and double without loss, `multipleOf` in the
// decimals that people wrote.
#include <compare>
#include <cstdint>

namespace writ::contract {

struct Number {
  bool is_integer = true;  // which of the two counts
  std::int64_t integer = 0;
  double real = 0;

  static Number of(std::int64_t n) { return {true, n, 0}; }
  static Number of(double d) { return {false, 0, d}; }
  // 1.0 is integral too.
  bool is_integral() const;
};

std::partial_ordering compare(const Number& a, const Number& b);

// value * 10^exponent, the shortest decimal that reads back as the number.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

Decimal to_decimal(const Number& n);

// Requires: divisor is positive.
bool is_multiple(const Number& n, const Decimal& divisor);

}  // namespace writ::contract
