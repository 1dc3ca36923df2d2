#pragma once
// The keywords that decide by one number or one string alone.
#include <cstdint>
#include <string_view>

#include "contract/schema/program.h"

namespace writ::contract {

// The length of UTF-8 text in code points, as `minLength` counts.
std::size_t count_code_points(std::string_view text);

// Requires: at.op belongs to the numbers' section.
inline bool number_holds(const Program& program, const Instruction& at, const Number& n) {
  switch (at.op) {
    case Op::minimum:
      return compare(n, program.numbers[at.operand]) >= 0;
    case Op::maximum:
      return compare(n, program.numbers[at.operand]) <= 0;
    case Op::exclusive_minimum:
      return compare(n, program.numbers[at.operand]) > 0;
    case Op::exclusive_maximum:
      return compare(n, program.numbers[at.operand]) < 0;
    default: {
      const Divisor& divisor = program.divisors[at.operand];
      if (n.is_integer && divisor.integer != 0) return n.integer % divisor.integer == 0;
      return is_multiple(n, divisor.decimal);
    }
  }
}

inline bool is_long_enough(std::string_view text, std::uint32_t least) {
  if (text.size() < least) return false;
  return least <= 1 || text.size() / 4 >= least || count_code_points(text) >= least;
}

inline bool is_short_enough(std::string_view text, std::uint32_t most) {
  return text.size() <= most || (text.size() / 4 <= most && count_code_points(text) <= most);
}

// Requires: at.op belongs to the strings' section.
inline bool string_holds(const Program& program, const Instruction& at, std::string_view text) {
  switch (at.op) {
    case Op::min_length:
      return is_long_enough(text, at.operand);
    case Op::max_length:
      return is_short_enough(text, at.operand);
    case Op::pattern:
      return program.patterns[at.operand].matches(text);
    default:
      return program.formats[at.operand].matches(text);
  }
}

}  // namespace writ::contract
