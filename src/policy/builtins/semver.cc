// Semantic versions (semver.org), compared by their precedence.
#include <algorithm>
#include <charconv>

#include "policy/builtins/families.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

struct Version {
  std::int64_t numbers[3] = {};
  std::string_view pre_release;
};

// What stands before `separator` is taken off `text`, with the separator.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view head = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(head.size() + 1, text.size()));
  return head;
}

bool is_identifier(std::string_view text) {
  constexpr std::string_view kAllowed =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

// Dot-separated identifiers, or nothing at all.
bool are_identifiers(std::string_view text) {
  if (text.empty()) return true;
  if (text.ends_with('.')) return false;
  while (!text.empty()) {
    if (!is_identifier(take_until(text, '.'))) return false;
  }
  return true;
}

std::optional<Version> read_version(std::string_view text) {
  Version version;
  if (text.starts_with('v')) text.remove_prefix(1);
  std::string_view metadata = text;
  text = take_until(metadata, '+');
  version.pre_release = text;
  std::string_view numbers = take_until(version.pre_release, '-');
  if (!are_identifiers(metadata) || !are_identifiers(version.pre_release)) return std::nullopt;
  if (std::ranges::count(numbers, '.') != 2) return std::nullopt;
  for (std::int64_t& number : version.numbers) {
    const std::string_view digits = take_until(numbers, '.');
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number < 0) return std::nullopt;
  }
  return version;
}

bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view without_zeros(std::string_view number) {
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

// Numbers come before words.
std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_is_number = is_number(a);
  if (a_is_number != is_number(b)) {
    return a_is_number ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (!a_is_number) return a <=> b;
  a = without_zeros(a);
  b = without_zeros(b);
  return a.size() != b.size() ? a.size() <=> b.size() : a <=> b;
}

// A release comes after its pre-releases, fewer identifiers before more.
std::strong_ordering compare_pre_releases(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  while (!a.empty() && !b.empty()) {
    const auto order = compare_identifiers(take_until(a, '.'), take_until(b, '.'));
    if (order != 0) return order;
  }
  return b.empty() <=> a.empty();
}

Outcome is_valid(Call& call) {
  const Term& text = call.arg(0);
  return Term::boolean(text.is_string() && read_version(text.text()).has_value());
}

Outcome compare_versions(Call& call) {
  const auto refuse = [&](std::size_t i) {
    return call.error("operand " + std::to_string(i + 1) + ": string " + to_rego(call.arg(i)) +
                      " is not a valid SemVer");
  };
  const auto a = read_version(call.arg(0).text());
  if (!a) return refuse(0);
  const auto b = read_version(call.arg(1).text());
  if (!b) return refuse(1);
  auto order = std::lexicographical_compare_three_way(std::begin(a->numbers), std::end(a->numbers),
                                                      std::begin(b->numbers), std::end(b->numbers));
  if (order == 0) order = compare_pre_releases(a->pre_release, b->pre_release);
  return Term::integer(order < 0 ? -1 : order > 0 ? 1 : 0);
}

constexpr Builtin kSemver[] = {
    {"semver.compare", "(a: string, b: string) => (result: number)", &compare_versions},
    {"semver.is_valid", "(vsn: any) => (result: boolean)", &is_valid},
};

}  // namespace

std::span<const Builtin> semver_builtins() { return kSemver; }

}  // namespace writ::rego
