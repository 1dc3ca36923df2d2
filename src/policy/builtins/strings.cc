// Strings: search, parts, letters. A string is counted in code points.
#include <algorithm>
#include <cmath>

#include "policy/builtins/bounded_text.h"
#include "policy/builtins/families.h"
#include "policy/builtins/operands.h"
#include "policy/builtins/radix.h"
#include "policy/builtins/runes.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

constexpr auto kNowhere = std::string_view::npos;

Term count_term(std::size_t n) { return Term::integer(static_cast<std::int64_t>(n)); }

Outcome concat(Call& call) {
  const Term& list = call.arg(1);
  if (!list.is_array() && !list.is_set()) return call.wrong_type(1, "one of {set, array}");
  BoundedText out(call);
  bool first = true;
  for (const Term& item : list.items()) {
    if (!item.is_string()) return wrong_element(call, 1, item, "string");
    if (!first && !out.append(call.arg(0).text())) return Outcome::undefined();
    if (!out.append(item.text())) return Outcome::undefined();
    first = false;
  }
  return out.term();
}

Outcome contains(Call& call) {
  return Term::boolean(find_bytes(call.arg(0).text(), call.arg(1).text()) != kNowhere);
}

Outcome starts_with(Call& call) {
  return Term::boolean(call.arg(0).text().starts_with(call.arg(1).text()));
}

Outcome ends_with(Call& call) {
  return Term::boolean(call.arg(0).text().ends_with(call.arg(1).text()));
}

Outcome format_int(Call& call) {
  const auto base = to_int64(call.arg(1)).value_or(0);
  if (base != 2 && base != 8 && base != 10 && base != 16) {
    return call.bad_operand(1, "must be one of {2, 8, 10, 16}");
  }
  auto whole = to_big_integer(call.arg(0));
  if (!whole) {
    const long double real = std::trunc(to_real(call.arg(0)));
    if (!std::isfinite(real)) return call.error("number too large");
    whole = BigInteger(real);
  }
  const std::string digits = magnitude_digits(*whole, static_cast<unsigned>(base));
  return call.string(*whole < 0 ? '-' + digits : digits);
}

Outcome index_of(Call& call) {
  const std::string_view text = call.arg(0).text();
  const std::string_view needle = call.arg(1).text();
  if (needle.empty()) return call.error("empty search character");
  const std::size_t at = find_bytes(text, needle);
  if (at == kNowhere) return Term::integer(-1);
  return count_term(code_points(text.substr(0, at)));
}

// For each prefix of `needle` the length of the longest border it has (Knuth, Morris, Pratt).
std::vector<std::size_t> borders(std::string_view needle) {
  std::vector<std::size_t> out(needle.size() + 1, 0);
  std::size_t length = 0;
  for (std::size_t i = 1; i < needle.size(); ++i) {
    while (length > 0 && needle[i] != needle[length]) length = out[length];
    if (needle[i] == needle[length]) ++length;
    out[i + 1] = length;
  }
  return out;
}

// Places overlap: indexof_n("aaa", "aa") is [0, 1].
Outcome index_of_all(Call& call) {
  const std::string_view text = call.arg(0).text();
  const std::string_view needle = call.arg(1).text();
  if (needle.empty()) return call.error("empty search character");
  const auto border = borders(needle);
  std::vector<Term> places;
  std::size_t matched = 0;
  std::size_t counted = 0;  // bytes before which `runes` code points stand
  std::size_t runes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (matched > 0 && text[i] != needle[matched]) matched = border[matched];
    if (text[i] == needle[matched]) ++matched;
    if (matched < needle.size()) continue;
    const std::size_t begin = i + 1 - needle.size();
    runes += code_points(text.substr(counted, begin - counted));
    counted = begin;
    places.push_back(count_term(runes));
    matched = border[matched];
  }
  return make_array(call.arena(), places);
}

Outcome count_of(Call& call) {
  const std::string_view text = call.arg(0).text();
  const std::string_view needle = call.arg(1).text();
  if (needle.empty()) return count_term(code_points(text) + 1);
  std::size_t count = 0;
  for (std::size_t at = find_bytes(text, needle); at != kNowhere; ++count) {
    at = find_bytes(text, needle, at + needle.size());
  }
  return count_term(count);
}

template <char32_t (*map)(char32_t)>
Outcome map_letters(Call& call) {
  std::string out;
  for (std::string_view rest = call.arg(0).text(); !rest.empty();) {
    const Rune rune = first_rune(rest);
    append_rune(out, map(rune.code));
    rest.remove_prefix(rune.length);
  }
  return out == call.arg(0).text() ? Outcome(call.arg(0)) : call.string(out);
}

// The bytes of `text` with its code points in the other order.
Outcome reverse(Call& call) {
  const std::string_view text = call.arg(0).text();
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = text.size(); at > 0;) {
    std::size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 && (text[begin] & 0xc0) == 0x80) --begin;
    const Rune rune = first_rune(text.substr(begin, at - begin));
    if (rune.length != at - begin) begin = at - 1;
    append_rune(out, rune.length == at - begin ? rune.code : kBadRune);
    at = begin;
  }
  return call.string(out);
}

Outcome split(Call& call) {
  const std::string_view text = call.arg(0).text();
  const std::string_view delimiter = call.arg(1).text();
  std::vector<Term> parts;
  if (delimiter.empty()) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = first_rune(text.substr(at)).length;
      parts.push_back(call.string(text.substr(at, length)));
      at += length;
    }
    return make_array(call.arena(), parts);
  }
  std::size_t begin = 0;
  for (std::size_t at = find_bytes(text, delimiter); at != kNowhere;) {
    parts.push_back(call.string(text.substr(begin, at - begin)));
    begin = at + delimiter.size();
    at = find_bytes(text, delimiter, begin);
  }
  parts.push_back(begin == 0 ? call.arg(0) : call.string(text.substr(begin)));
  return make_array(call.arena(), parts);
}

Outcome substring(Call& call) {
  const auto offset = call.integer(1);
  const auto length = offset ? call.integer(2) : std::nullopt;
  if (!length) return call.failed();
  if (*offset < 0) return call.error("negative offset");
  std::string_view text = call.arg(0).text();
  text.remove_prefix(bytes_of_runes(text, static_cast<std::size_t>(*offset)));
  if (*length >= 0) {
    text = text.substr(0, bytes_of_runes(text, static_cast<std::size_t>(*length)));
  }
  return text.size() == call.arg(0).text().size() ? Outcome(call.arg(0)) : call.string(text);
}

constexpr std::string_view kSearch = "(haystack: string, needle: string) => (result: boolean)";
constexpr std::string_view kAffix = "(search: string, base: string) => (result: boolean)";
constexpr std::string_view kMap = "(x: string) => (y: string)";
constexpr Builtin kStrings[] = {
    {"concat",
     "(delimiter: string, collection: any<array[string], set[string]>) => (output: string)",
     &concat},
    {"contains", kSearch, &contains},
    {"endswith", kAffix, &ends_with},
    {"format_int", "(number: number, base: number) => (output: string)", &format_int},
    {"indexof", "(haystack: string, needle: string) => (output: number)", &index_of},
    {"indexof_n", "(haystack: string, needle: string) => (output: array[number])", &index_of_all},
    {"lower", kMap, &map_letters<to_lower>},
    {"split", "(x: string, delimiter: string) => (ys: array[string])", &split},
    {"startswith", kAffix, &starts_with},
    {"strings.count", "(search: string, substring: string) => (output: number)", &count_of},
    {"strings.reverse", kMap, &reverse},
    {"substring", "(value: string, offset: number, length: number) => (output: string)",
     &substring},
    {"upper", kMap, &map_letters<to_upper>},
};

}  // namespace

std::span<const Builtin> string_builtins() { return kStrings; }

}  // namespace writ::rego
