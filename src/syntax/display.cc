#include "syntax/display.h"

#include "base/encoding.h"

namespace writ::syntax {

std::string_view first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const std::string_view character = text.substr(0, length);
  return is_utf8(character) ? character : text.substr(0, 1);
}

std::string displayed(std::string_view text, std::size_t limit) {
  if (text.size() <= limit && is_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    const std::string_view shown = is_utf8(character) ? character : "\xEF\xBF\xBD";
    if (shown.size() > limit - out.size()) break;
    out += shown;
    text.remove_prefix(character.size());
  }
  return out;
}

std::uint32_t count_characters(std::string_view text) {
  std::uint32_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text).size());
  return count;
}

}  // namespace writ::syntax
