#include "contract/schema/leaf.h"

#include <cstring>

namespace writ::contract {

// Bytes that continue a code point are 10xxxxxx; eight are looked at together.
std::size_t count_code_points(std::string_view text) {
  constexpr std::uint64_t kLowBits = 0x0101010101010101u;
  std::size_t continued = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    const std::uint64_t marks = word >> 7 & ~(word >> 6) & kLowBits;
    continued += marks * kLowBits >> 56;
  }
  for (; i < text.size(); ++i) {
    continued += (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80 ? 1 : 0;
  }
  return text.size() - continued;
}

}  // namespace writ::contract
