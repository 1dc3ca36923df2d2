#include "contract/schema/unicode_property.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace writ::contract {
namespace {

struct Alias {
  std::string_view name;
  std::string_view value;
};

// Every name that ECMA-262 has for a general category RE2 knows -> RE2's name. C and Cn are
// missing: RE2 leaves unassigned code points out of C.
constexpr Alias kCategories[] = {
    {"Cc", "Cc"},
    {"Cf", "Cf"},
    {"Close_Punctuation", "Pe"},
    {"Co", "Co"},
    {"Combining_Mark", "M"},
    {"Connector_Punctuation", "Pc"},
    {"Control", "Cc"},
    {"Currency_Symbol", "Sc"},
    {"Dash_Punctuation", "Pd"},
    {"Decimal_Number", "Nd"},
    {"Enclosing_Mark", "Me"},
    {"Final_Punctuation", "Pf"},
    {"Format", "Cf"},
    {"Initial_Punctuation", "Pi"},
    {"L", "L"},
    {"Letter", "L"},
    {"Letter_Number", "Nl"},
    {"Line_Separator", "Zl"},
    {"Ll", "Ll"},
    {"Lm", "Lm"},
    {"Lo", "Lo"},
    {"Lowercase_Letter", "Ll"},
    {"Lt", "Lt"},
    {"Lu", "Lu"},
    {"M", "M"},
    {"Mark", "M"},
    {"Math_Symbol", "Sm"},
    {"Mc", "Mc"},
    {"Me", "Me"},
    {"Mn", "Mn"},
    {"Modifier_Letter", "Lm"},
    {"Modifier_Symbol", "Sk"},
    {"N", "N"},
    {"Nd", "Nd"},
    {"Nl", "Nl"},
    {"No", "No"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Open_Punctuation", "Ps"},
    {"Other_Letter", "Lo"},
    {"Other_Number", "No"},
    {"Other_Punctuation", "Po"},
    {"Other_Symbol", "So"},
    {"P", "P"},
    {"Paragraph_Separator", "Zp"},
    {"Pc", "Pc"},
    {"Pd", "Pd"},
    {"Pe", "Pe"},
    {"Pf", "Pf"},
    {"Pi", "Pi"},
    {"Po", "Po"},
    {"Private_Use", "Co"},
    {"Ps", "Ps"},
    {"Punctuation", "P"},
    {"S", "S"},
    {"Sc", "Sc"},
    {"Separator", "Z"},
    {"Sk", "Sk"},
    {"Sm", "Sm"},
    {"So", "So"},
    {"Space_Separator", "Zs"},
    {"Spacing_Mark", "Mc"},
    {"Symbol", "S"},
    {"Titlecase_Letter", "Lt"},
    {"Uppercase_Letter", "Lu"},
    {"Z", "Z"},
    {"Zl", "Zl"},
    {"Zp", "Zp"},
    {"Zs", "Zs"},
    {"cntrl", "Cc"},
    {"digit", "Nd"},
    {"punct", "P"},
};

// Short names of the scripts people write; long names are RE2's own.
constexpr Alias kScripts[] = {
    {"Arab", "Arabic"},    {"Armn", "Armenian"}, {"Beng", "Bengali"},   {"Bopo", "Bopomofo"},
    {"Cher", "Cherokee"},  {"Copt", "Coptic"},   {"Cyrl", "Cyrillic"},  {"Deva", "Devanagari"},
    {"Ethi", "Ethiopic"},  {"Geor", "Georgian"}, {"Grek", "Greek"},     {"Gujr", "Gujarati"},
    {"Guru", "Gurmukhi"},  {"Hang", "Hangul"},   {"Hani", "Han"},       {"Hebr", "Hebrew"},
    {"Hira", "Hiragana"},  {"Kana", "Katakana"}, {"Khmr", "Khmer"},     {"Knda", "Kannada"},
    {"Laoo", "Lao"},       {"Latn", "Latin"},    {"Mlym", "Malayalam"}, {"Mong", "Mongolian"},
    {"Mymr", "Myanmar"},   {"Orya", "Oriya"},    {"Sinh", "Sinhala"},   {"Syrc", "Syriac"},
    {"Taml", "Tamil"},     {"Telu", "Telugu"},   {"Thai", "Thai"},      {"Tibt", "Tibetan"},
    {"Zinh", "Inherited"}, {"Zyyy", "Common"},
};

struct Binary {
  std::string_view name;
  std::string_view members;
  std::string_view others;
};

constexpr Binary kBinaries[] = {
    {"AHex", "0-9A-Fa-f", "\\x{0}-/:-@G-`g-\\x{10ffff}"},
    {"ASCII", "\\x{0}-\\x{7f}", "\\x{80}-\\x{10ffff}"},
    {"ASCII_Hex_Digit", "0-9A-Fa-f", "\\x{0}-/:-@G-`g-\\x{10ffff}"},
    {"Any", "\\x{0}-\\x{10ffff}", ""},
};

std::string_view find_alias(std::string_view name, const Alias* begin, const Alias* end) {
  const Alias* row = std::lower_bound(
      begin, end, name, [](const Alias& a, std::string_view wanted) { return a.name < wanted; });
  return row != end && row->name == name ? row->value : std::string_view();
}

bool is_script_name(std::string_view name) {
  return !name.empty() && name.front() >= 'A' && name.front() <= 'Z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

std::optional<std::string> unicode_property_class(std::string_view property, bool negated) {
  const auto equals = property.find('=');
  const std::string_view key = equals == property.npos ? "" : property.substr(0, equals);
  const std::string_view name = equals == property.npos ? property : property.substr(equals + 1);
  std::string_view value;
  if (key.empty()) {
    for (const Binary& binary : kBinaries) {
      if (binary.name != name) continue;
      if (negated && binary.others.empty()) return std::nullopt;  // matches nothing at all
      return std::string(negated ? binary.others : binary.members);
    }
    value = find_alias(name, std::begin(kCategories), std::end(kCategories));
  } else if (key == "gc" || key == "General_Category") {
    value = find_alias(name, std::begin(kCategories), std::end(kCategories));
  } else if (key == "sc" || key == "Script") {
    value = find_alias(name, std::begin(kScripts), std::end(kScripts));
    // A name that RE2 does not know is refused when it compiles the whole.
    if (value.empty() && is_script_name(name)) value = name;
  }
  if (value.empty()) return std::nullopt;
  return std::string(negated ? "\\P{" : "\\p{").append(value).append("}");
}

}  // namespace writ::contract
