// replace and strings.replace_n: texts replaced from left to right, without overlaps.
#include <algorithm>

#include "policy/builtins/bounded_text.h"
#include "policy/builtins/families.h"
#include "policy/builtins/runes.h"

namespace writ::rego {
namespace {

struct Replacement {
  std::string_view from;
  std::string_view to;
};

// At each place the first of the sorted replacements whose text stands there is made: if one is
// the beginning of another, the shorter one. An empty text stands before and after each code
// point.
class Replacer {
 public:
  Replacer(Call& call, std::span<const Replacement> sorted) : sorted_(sorted), out_(call) {
    if (!sorted_.empty() && sorted_.front().from.empty()) {
      inserted_ = &sorted_.front();
      sorted_ = sorted_.subspan(1);
    }
  }

  Outcome run(std::string_view text) {
    std::size_t kept = 0;  // bytes that are in the output
    for (std::size_t at = 0; at <= text.size();) {
      if (inserted_ != nullptr && !write(text, kept, at, *inserted_)) return Outcome::undefined();
      if (const Replacement* found = find(text.substr(at))) {
        if (!write(text, kept, at, *found)) return Outcome::undefined();
        kept = at += found->from.size();
      } else {
        at += std::max<std::size_t>(first_rune(text.substr(at)).length, 1);
      }
    }
    if (!out_.append(text.substr(kept))) return Outcome::undefined();
    return out_.term();
  }

 private:
  bool write(std::string_view text, std::size_t& kept, std::size_t at, const Replacement& by) {
    if (!out_.append(text.substr(kept, at - kept)) || !out_.append(by.to)) return false;
    kept = at;
    return true;
  }

  // The shortest replacement that `rest` begins with: narrows the sorted ones byte by byte.
  const Replacement* find(std::string_view rest) const {
    auto begin = sorted_.begin();
    auto end = sorted_.end();
    for (std::size_t i = 0; begin != end; ++i) {
      if (begin->from.size() == i) return &*begin;
      if (i == rest.size()) return nullptr;
      const auto byte = static_cast<unsigned char>(rest[i]);
      const auto at = [i](const Replacement& r) { return static_cast<unsigned char>(r.from[i]); };
      begin = std::ranges::lower_bound(begin, end, byte, {}, at);
      end = std::ranges::upper_bound(begin, end, byte, {}, at);
    }
    return nullptr;
  }

  std::span<const Replacement> sorted_;
  const Replacement* inserted_ = nullptr;
  BoundedText out_;
};

Outcome replace(Call& call) {
  const Replacement one[] = {{call.arg(1).text(), call.arg(2).text()}};
  return Replacer(call, one).run(call.arg(0).text());
}

Outcome replace_n(Call& call) {
  const Term& patterns = call.arg(0);
  std::vector<Replacement> all;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const Term& from = patterns.keys()[i];
    const Term& to = patterns.values()[i];
    if (!from.is_string()) return call.bad_operand(0, "non-string key found in pattern object");
    if (!to.is_string()) return call.bad_operand(0, "non-string value found in pattern object");
    all.push_back({from.text(), to.text()});
  }
  return Replacer(call, all).run(call.arg(1).text());
}

constexpr Builtin kReplacing[] = {
    {"replace", "(x: string, old: string, new: string) => (y: string)", &replace},
    {"strings.replace_n", "(patterns: object[string: string], value: string) => (output: string)",
     &replace_n},
};

}  // namespace

std::span<const Builtin> replacing_builtins() { return kReplacing; }

}  // namespace writ::rego
