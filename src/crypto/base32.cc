#include "crypto/base32.h"

#include <array>
#include <cstdint>

namespace writ::crypto {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::uint8_t kNone = 0xff;

// Digits of a last group without padding, by how many bytes they hold; 0: no such group.
constexpr std::array<std::size_t, 8> kBytesOfDigits{0, 0, 1, 0, 2, 3, 0, 4};

std::uint8_t value_of(char c) {
  const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const std::size_t at = kAlphabet.find(upper);
  return at == kAlphabet.npos ? kNone : static_cast<std::uint8_t>(at);
}

std::unexpected<Error> no_base32() {
  return fail(Code::invalid_input, "this is no base32", "Use the letters A to Z and digits 2 to 7");
}

}  // namespace

std::string to_base32(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 5) {
      count -= 5;
      out += kAlphabet[bits >> count & 31];
    }
  }
  if (count > 0) out += kAlphabet[bits << (5 - count) & 31];
  return out;
}

Result<SecretBytes> parse_base32(std::string_view text) {
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  if (padding > 0 && text.size() % 8 != 0) return no_base32();
  text.remove_suffix(padding);
  const std::size_t rest = text.size() % 8;
  const std::size_t wanted = rest == 0 ? 0 : 8 - rest;
  if ((rest != 0 && kBytesOfDigits[rest] == 0) || (padding > 0 && padding != wanted)) {
    return no_base32();
  }
  SecretBytes out(text.size() / 8 * 5 + kBytesOfDigits[rest]);
  std::size_t filled = 0;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::uint8_t value = value_of(c);
    if (value == kNone) return no_base32();
    bits = bits << 5 | value;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    out.data()[filled++] = static_cast<std::uint8_t>(bits >> count);
  }
  if ((bits & ((1u << count) - 1)) != 0) return no_base32();
  return out;
}

}  // namespace writ::crypto
