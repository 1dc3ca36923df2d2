#include "policy/builtins/time_layout.h"

#include <algorithm>
#include <utility>

#include "policy/builtins/time_chunk.h"

namespace writ::rego {
namespace {

constexpr std::pair<std::string_view, std::string_view> kNamed[] = {
    {"ANSIC", "Mon Jan _2 15:04:05 2006"},
    {"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},
    {"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
    {"RFC3339", "2006-01-02T15:04:05Z07:00"},
    {"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"},
    {"RFC822", "02 Jan 06 15:04 MST"},
    {"RFC822Z", "02 Jan 06 15:04 -0700"},
    {"RFC850", "Monday, 02-Jan-06 15:04:05 MST"},
    {"RubyDate", "Mon Jan 02 15:04:05 -0700 2006"},
    {"UnixDate", "Mon Jan _2 15:04:05 MST 2006"},
};

struct Spelling {
  std::string_view text;
  Element element;
  bool ends_word = false;  // not before a lower-case letter: "Month" has no "Mon" in it
};

// Of spellings that begin alike the longer one comes first.
constexpr Spelling kSpellings[] = {
    {"-07:00:00", Element::zone},
    {"-07:00", Element::zone},
    {"-070000", Element::zone},
    {"-0700", Element::zone},
    {"-07", Element::zone},
    {"002", Element::zero_year_day},
    {"01", Element::zero_month},
    {"02", Element::zero_day},
    {"03", Element::zero_hour12},
    {"04", Element::zero_minute},
    {"05", Element::zero_second},
    {"06", Element::year},
    {"15", Element::hour},
    {"1", Element::num_month},
    {"2006", Element::long_year},
    {"2", Element::day},
    {"3", Element::hour12},
    {"4", Element::minute},
    {"5", Element::second},
    {"January", Element::long_month},
    {"Jan", Element::month, true},
    {"Monday", Element::long_weekday},
    {"Mon", Element::weekday, true},
    {"MST", Element::zone_name},
    {"PM", Element::upper_pm},
    {"Z07:00:00", Element::zone},
    {"Z07:00", Element::zone},
    {"Z070000", Element::zone},
    {"Z0700", Element::zone},
    {"Z07", Element::zone},
    {"__2", Element::under_year_day},
    {"_2", Element::under_day},
    {"pm", Element::lower_pm},
};

// ".000" or ",999": a separator and one repeated digit, with no other digit behind.
std::size_t fraction_size(std::string_view at) {
  if ((at[0] != '.' && at[0] != ',') || at.size() < 2 || (at[1] != '0' && at[1] != '9')) return 0;
  const std::size_t end = std::min(at.find_first_not_of(at[1], 1), at.size());
  return is_digit_at(at, end) ? 0 : end;
}

const Spelling* spelling_at(std::string_view at) {
  for (const Spelling& spelling : kSpellings) {
    if (!at.starts_with(spelling.text)) continue;
    const std::string_view behind = at.substr(spelling.text.size());
    if (spelling.ends_word && !behind.empty() && behind[0] >= 'a' && behind[0] <= 'z') continue;
    return &spelling;
  }
  return nullptr;
}

}  // namespace

std::string_view named_layout(std::string_view name) {
  const auto* const found =
      std::ranges::find(kNamed, name, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(kNamed) ? name : found->second;
}

Chunk next_chunk(std::string_view layout) {
  const auto cut = [&](std::size_t at, Element element, std::size_t size) {
    return Chunk{layout.substr(0, at), element, layout.substr(at, size), layout.substr(at + size)};
  };
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const std::string_view at = layout.substr(i);
    if (const std::size_t size = fraction_size(at)) {
      return cut(i, at[1] == '0' ? Element::fraction_fixed : Element::fraction_as_is, size);
    }
    // "_2006" is an underscore and a year.
    if (at.starts_with("_2006")) return cut(i + 1, Element::long_year, 4);
    if (const Spelling* spelling = spelling_at(at)) {
      return cut(i, spelling->element, spelling->text.size());
    }
  }
  return {layout, Element::none, {}, {}};
}

ZoneForm zone_form(std::string_view spelled) {
  const auto digits = std::ranges::count_if(spelled, [](char c) { return c == '0' || c == '7'; });
  return {spelled[0] == 'Z', spelled.contains(':'), static_cast<int>(digits / 2)};
}

std::string go_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) >= 0x80 || static_cast<unsigned char>(c) < ' ') {
      static constexpr char kHex[] = "0123456789abcdef";
      out += "\\x";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace writ::rego
