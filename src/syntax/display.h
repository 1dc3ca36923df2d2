#pragma once
// Bytes of unknown making as text for people and documents: malformed UTF-8 becomes U+FFFD.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace writ::syntax {

// The first character of `text`, or a single malformed byte. Requires: not empty.
std::string_view first_character(std::string_view text);

// Valid UTF-8, at most `limit` bytes, cut before the first character that does not fit.
std::string displayed(std::string_view text,
                      std::size_t limit = std::numeric_limits<std::size_t>::max());

// Characters of `text`, a malformed byte counting as one.
std::uint32_t count_characters(std::string_view text);

}  // namespace writ::syntax
