#pragma once
// Numbers of one to ten bytes, low seven bits first (LEB128), in their shortest form only.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace writ::ledger {

inline void append_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

// Takes a number off the front of `in`; nothing when there is none, or one in a longer form.
inline std::optional<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    if (shift == 63 && byte > 1) break;  // more than 64 bits
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (byte == 0 && shift != 0) break;
    return number;
  }
  return std::nullopt;
}

}  // namespace writ::ledger
