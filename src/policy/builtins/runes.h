#pragma once
// Code points in UTF-8 text, treated as Go treats them: a byte that is no UTF-8 counts as one
// U+FFFD.
#include <cstddef>
#include <string>
#include <string_view>

namespace writ::rego {

inline constexpr char32_t kBadRune = 0xfffd;

struct Rune {
  char32_t code = 0;
  std::size_t length = 0;  // in bytes; 0 at the end of the text
};

// The code point that `text` begins with.
Rune first_rune(std::string_view text);
void append_rune(std::string& out, char32_t code);

// How many bytes the first `count` code points of `text` take; all of them if there are fewer.
std::size_t bytes_of_runes(std::string_view text, std::size_t count);

// Simple mappings, one code point to one.
char32_t to_upper(char32_t c);
char32_t to_lower(char32_t c);

bool is_space(char32_t c);
// Whether Go's %q writes it as it is. Unassigned code points count as printable.
bool is_printable(char32_t c);

// Whether all of it is ASCII.
bool is_ascii(std::string_view text);

// The first place of `needle` at or after `from`, npos if there is none. Linear.
std::size_t find_bytes(std::string_view text, std::string_view needle, std::size_t from = 0);

}  // namespace writ::rego
