#pragma once
// Enumerators and their wire spelling, from one array in enumerator order.
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace writ {

template <typename E, std::size_t N>
struct EnumNames {
  std::array<std::string_view, N> names;

  constexpr std::string_view name(E value) const { return names[static_cast<std::size_t>(value)]; }
  constexpr std::optional<E> parse(std::string_view text) const {
    for (std::size_t i = 0; i < N; ++i) {
      if (names[i] == text) return static_cast<E>(i);
    }
    return std::nullopt;
  }
};

}  // namespace writ
