#include <fmt/format.h>

#include "policy/builtins/go_format.h"
#include "policy/builtins/runes.h"

namespace writ::rego {
namespace {

constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v\\";
constexpr std::string_view kLetters = "abfnrtv\\";

void append_escaped(std::string& out, const Rune& rune, unsigned char byte) {
  if (rune.code == kBadRune && rune.length == 1) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
  } else if (rune.code < 0x20 || rune.code == 0x7f) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(rune.code));
  } else if (rune.code < 0x10000) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(rune.code));
  } else {
    fmt::format_to(std::back_inserter(out), "\\U{:08x}", static_cast<unsigned>(rune.code));
  }
}

}  // namespace

std::string go_quote(std::string_view text, char quote, bool ascii) {
  std::string out(1, quote);
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    const bool is_bad = rune.code == kBadRune && rune.length == 1;
    const auto named =
        rune.code < 0x80 ? kEscaped.find(static_cast<char>(rune.code)) : std::string_view::npos;
    if (named != std::string_view::npos) {
      out += {'\\', kLetters[named]};
    } else if (rune.code == static_cast<unsigned char>(quote)) {
      out += {'\\', quote};
    } else if (!is_bad && is_printable(rune.code) && (!ascii || rune.code < 0x80)) {
      out += text.substr(0, rune.length);
    } else {
      append_escaped(out, rune, static_cast<unsigned char>(text.front()));
    }
    text.remove_prefix(rune.length);
  }
  return out += quote;
}

}  // namespace writ::rego
