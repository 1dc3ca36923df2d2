#pragma once
// Bytes as text: hex and base64 (RFC 4648). A std::string holds raw bytes throughout Writ.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ {

inline std::span<const std::uint8_t> as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_text(std::span<const std::uint8_t> b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

std::string to_hex(std::span<const std::uint8_t> bytes);  // lower-case
Result<std::string> parse_hex(std::string_view text);

std::string to_base64(std::string_view bytes);  // standard alphabet, padded
// Standard and URL-safe alphabets; padding required only where `strict`.
enum class Padding : std::uint8_t { required, optional };
Result<std::string> parse_base64(std::string_view text, Padding padding = Padding::required);

// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);
// How many bytes at the front of `text` are well-formed; text.size() if all are.
std::size_t utf8_prefix(std::string_view text);
// The length of the well-formed sequence that `text` begins with (1 to 4), or 0 if there is none.
std::size_t utf8_sequence(std::string_view text);

}  // namespace writ
