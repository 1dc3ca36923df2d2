#pragma once
// Where something stands in a text: 1-based line and column, columns counted in bytes.
// Line 0 means that no position is known (the value was made by a program).
#include <compare>
#include <cstdint>

namespace writ {

struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool is_known() const { return line != 0; }
  friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace writ
