#include "policy/builtins/runes.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "base/encoding.h"

namespace writ::rego {
namespace {

struct Interval {
  char32_t first;
  char32_t last;
};

// The property White_Space.
constexpr Interval kSpaces[] = {
    {0x9, 0xd},       {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000},
};

// Controls, formats, separators but for the space, surrogates and private use.
constexpr Interval kUnprintable[] = {
    {0x0, 0x1f},        {0x7f, 0xa0},       {0xad, 0xad},        {0x600, 0x605},
    {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},      {0x8e2, 0x8e2},
    {0x1680, 0x1680},   {0x180e, 0x180e},   {0x2000, 0x200f},    {0x2028, 0x202f},
    {0x205f, 0x206f},   {0x3000, 0x3000},   {0xd800, 0xf8ff},    {0xfeff, 0xfeff},
    {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd},  {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0x10ffff},
};

template <std::size_t N>
bool holds(const Interval (&intervals)[N], char32_t c) {
  const auto after = std::upper_bound(std::begin(intervals), std::end(intervals), c,
                                      [](char32_t x, const Interval& i) { return x < i.first; });
  return after != std::begin(intervals) && c <= (after - 1)->last;
}

}  // namespace

Rune first_rune(std::string_view text) {
  if (text.empty()) return {};
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  const auto tail = [&](std::size_t i) { return byte(i) & 0x3f; };
  switch (utf8_sequence(text)) {
    case 1:
      return {byte(0), 1};
    case 2:
      return {(byte(0) & 0x1f) << 6 | tail(1), 2};
    case 3:
      return {(byte(0) & 0xf) << 12 | tail(1) << 6 | tail(2), 3};
    case 4:
      return {(byte(0) & 0x7) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4};
    default:
      return {kBadRune, 1};
  }
}

void append_rune(std::string& out, char32_t code) {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = kBadRune;
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  const auto tail = [&](unsigned shift) { put(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    tail(6), tail(0);
  } else {
    put(0xf0 | (code >> 18));
    tail(12), tail(6), tail(0);
  }
}

std::size_t bytes_of_runes(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    at += std::max<std::size_t>(utf8_sequence(text.substr(at)), 1);
  }
  return at;
}

bool is_space(char32_t c) { return holds(kSpaces, c); }

bool is_printable(char32_t c) { return !holds(kUnprintable, c); }

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t find_bytes(std::string_view text, std::string_view needle, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  // memmem takes linear time, std::string_view::find does not.
  const void* const at =
      ::memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  if (at == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

}  // namespace writ::rego
