#include "base/encoding.h"

#include <array>
#include <cstring>

namespace writ {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Digit values of both alphabets; -1 for what is no digit.
constexpr std::array<std::int8_t, 256> kBase64Values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kBase64Digits.size(); ++i) {
    values[static_cast<unsigned char>(kBase64Digits[i])] = static_cast<std::int8_t>(i);
  }
  values['-'] = 62;
  values['_'] = 63;
  return values;
}();

std::unexpected<Error> bad_base64(const std::string& why) {
  return fail(Code::invalid_input, "malformed base64: " + why, "Encode the bytes again (RFC 4648)");
}

// Takes the padding off. The number of digits left says how much there must have been.
Result<std::string_view> without_padding(std::string_view text, Padding padding) {
  std::size_t pads = 0;
  while (pads < text.size() && pads < 3 && text[text.size() - 1 - pads] == '=') ++pads;
  text.remove_suffix(pads);
  if (text.size() % 4 == 1) return bad_base64("cut off");
  const std::size_t needed = (4 - text.size() % 4) % 4;
  if (pads != needed && (pads != 0 || padding == Padding::required)) {
    return bad_base64("wrong padding");
  }
  return text;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u; }

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out(bytes.size() * 2, '0');
  char* at = out.data();
  for (const std::uint8_t byte : bytes) {
    *at++ = kHexDigits[byte >> 4];
    *at++ = kHexDigits[byte & 0x0fu];
  }
  return out;
}

Result<std::string> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return fail(Code::invalid_input, "malformed hex: odd number of digits",
                "Use two digits a byte");
  }
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      return fail(Code::invalid_input, "malformed hex: no digit at byte " + std::to_string(i),
                  "Use the digits 0-9 and a-f");
    }
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= group.size() ? kBase64Digits[bits >> (18 - 6 * k) & 0x3fu] : '=';
    }
  }
  return out;
}

Result<std::string> parse_base64(std::string_view text, Padding padding) {
  WRIT_TRY(const std::string_view digits, without_padding(text, padding));
  // One spelling for one string of bytes: mixed alphabets and stray bits would be others.
  if (digits.find_first_of("+/") != digits.npos && digits.find_first_of("-_") != digits.npos) {
    return bad_base64("standard and URL-safe alphabet mixed");
  }
  std::string out;
  out.reserve(digits.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : digits) {
    const int value = kBase64Values[static_cast<unsigned char>(c)];
    if (value < 0) return bad_base64("a byte that is no digit");
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffffu;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xffu);
    }
  }
  if ((bits & ((1u << count) - 1)) != 0) return bad_base64("bits left over at the end");
  return out;
}

// Unicode 15, table 3-7.
std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool too_large = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

std::size_t utf8_prefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  std::size_t at = 0;
  while (at < text.size()) {
    // Most text is ASCII: eight bytes at a time.
    if (std::uint64_t block = 0; text.size() - at >= sizeof block) {
      std::memcpy(&block, text.data() + at, sizeof block);
      if ((block & kHighBits) == 0) {
        at += sizeof block;
        continue;
      }
    }
    const std::size_t length = utf8_sequence(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

bool is_utf8(std::string_view text) { return utf8_prefix(text) == text.size(); }

}  // namespace writ
