// What strings begin and end with: trimming, and matching against many at once.
#include <algorithm>
#include <string>

#include "policy/builtins/families.h"
#include "policy/builtins/operands.h"
#include "policy/builtins/runes.h"

namespace writ::rego {
namespace {

Outcome result(Call& call, std::string_view text) {
  if (text.size() == call.arg(0).text().size()) return call.arg(0);
  return call.string(text);
}

template <typename IsCut>
std::string_view cut_left(std::string_view text, const IsCut& is_cut) {
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    if (!is_cut(rune.code)) break;
    text.remove_prefix(rune.length);
  }
  return text;
}

// The code point that `text` ends with.
Rune last_rune(std::string_view text) {
  for (std::size_t length = std::min<std::size_t>(text.size(), 4); length > 1; --length) {
    const Rune rune = first_rune(text.substr(text.size() - length));
    if (rune.length == length) return rune;
  }
  return first_rune(text.substr(text.size() - 1));
}

template <typename IsCut>
std::string_view cut_right(std::string_view text, const IsCut& is_cut) {
  while (!text.empty()) {
    const Rune rune = last_rune(text);
    if (!is_cut(rune.code)) break;
    text.remove_suffix(rune.length);
  }
  return text;
}

// The code points of a text, to ask for one of them.
class RuneSet {
 public:
  explicit RuneSet(std::string_view text) {
    for (; !text.empty(); text.remove_prefix(first_rune(text).length)) {
      runes_.push_back(first_rune(text).code);
    }
    std::ranges::sort(runes_);
  }
  bool operator()(char32_t c) const { return std::ranges::binary_search(runes_, c); }

 private:
  std::vector<char32_t> runes_;
};

Outcome trim(Call& call) {
  const RuneSet cutset(call.arg(1).text());
  return result(call, cut_right(cut_left(call.arg(0).text(), cutset), cutset));
}

Outcome trim_left(Call& call) {
  return result(call, cut_left(call.arg(0).text(), RuneSet(call.arg(1).text())));
}

Outcome trim_right(Call& call) {
  return result(call, cut_right(call.arg(0).text(), RuneSet(call.arg(1).text())));
}

Outcome trim_prefix(Call& call) {
  std::string_view text = call.arg(0).text();
  const std::string_view prefix = call.arg(1).text();
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  return result(call, text);
}

Outcome trim_suffix(Call& call) {
  std::string_view text = call.arg(0).text();
  const std::string_view suffix = call.arg(1).text();
  if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
  return result(call, text);
}

Outcome trim_space(Call& call) {
  return result(call, cut_right(cut_left(call.arg(0).text(), is_space), is_space));
}

// Whether one of `texts` begins with one of `prefixes`. Sorts the texts: those with one prefix
// stand together.
template <typename Text>
bool any_begins(std::vector<Text>& texts, const std::vector<Text>& prefixes) {
  std::ranges::sort(texts);
  return std::ranges::any_of(prefixes, [&](const Text& prefix) {
    const auto at = std::ranges::lower_bound(texts, prefix);
    return at != texts.end() && at->starts_with(prefix);
  });
}

Outcome any_prefix_match(Call& call) {
  auto texts = strings_of(call, 0);
  if (!texts) return call.failed();
  const auto prefixes = strings_of(call, 1);
  if (!prefixes) return call.failed();
  return Term::boolean(any_begins(*texts, *prefixes));
}

std::vector<std::string> reversed(const std::vector<std::string_view>& texts) {
  std::vector<std::string> out;
  out.reserve(texts.size());
  for (const std::string_view text : texts) out.emplace_back(text.rbegin(), text.rend());
  return out;
}

Outcome any_suffix_match(Call& call) {
  const auto texts = strings_of(call, 0);
  if (!texts) return call.failed();
  const auto suffixes = strings_of(call, 1);
  if (!suffixes) return call.failed();
  auto backwards = reversed(*texts);
  return Term::boolean(any_begins(backwards, reversed(*suffixes)));
}

constexpr std::string_view kMatch =
    "(search: any<string, array[string], set[string]>, base: any<string, array[string], "
    "set[string]>) => (result: boolean)";
constexpr std::string_view kCut = "(value: string, cutset: string) => (output: string)";
constexpr Builtin kAffixes[] = {
    {"strings.any_prefix_match", kMatch, &any_prefix_match},
    {"strings.any_suffix_match", kMatch, &any_suffix_match},
    {"trim", kCut, &trim},
    {"trim_left", kCut, &trim_left},
    {"trim_prefix", "(value: string, prefix: string) => (output: string)", &trim_prefix},
    {"trim_right", kCut, &trim_right},
    {"trim_space", "(value: string) => (output: string)", &trim_space},
    {"trim_suffix", "(value: string, suffix: string) => (output: string)", &trim_suffix},
};

}  // namespace

std::span<const Builtin> affix_builtins() { return kAffixes; }

}  // namespace writ::rego
