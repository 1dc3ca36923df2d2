#pragma once
// The constructors of terms that stand in an arena. Private to policy/term.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

class TermMaker {
 public:
  static Term pointing(Kind kind, std::size_t size, const void* node) {
    return Term(kind, Term::kLong, static_cast<std::uint32_t>(size),
                reinterpret_cast<std::uint64_t>(node));
  }
  // `text` inside the term if it is short, else `text` itself, which must last.
  static Term borrowing(Kind kind, std::string_view text) {
    if (text.size() > Term::kShortest) return pointing(kind, text.size(), text.data());
    Term out(kind, static_cast<std::uint8_t>(text.size()), 0, 0);
    // An empty view may point nowhere, which memcpy does not take.
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(&out) + 2);
    return out;
  }
  static Term copying(Arena& arena, Kind kind, std::string_view text) {
    if (text.size() <= Term::kShortest) return borrowing(kind, text);
    auto* const bytes = static_cast<char*>(arena.allocate(text.size()));
    std::memcpy(bytes, text.data(), text.size());
    return pointing(kind, text.size(), bytes);
  }
  template <typename Node>
  static const Node* node(const Term& term) {
    return term.node<Node>();
  }
};

}  // namespace writ::rego
