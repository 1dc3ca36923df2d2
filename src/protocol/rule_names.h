#pragma once
// The rules that a law may state, what is stricter, and who holds to them. A rule that nothing
// enforces is refused: words go under `words.<name>`, and are shown as words.
#include <cstdint>
#include <span>
#include <string_view>

#include "base/value.h"

namespace writ::protocol {

enum class Stricter : std::uint8_t { is_true, lower, stop, none };

struct RuleRow {
  std::string_view name;  // the last segment `*` stands for any name
  std::string_view type;  // boolean, integer, amount, duration, string, imports
  Stricter stricter;
  std::string_view meaning;
};

// Sorted by name.
std::span<const RuleRow> rule_table();
const RuleRow* find_rule(std::string_view name);

// Whether `value` has the row's type.
bool has_rule_type(const RuleRow& row, const Value& value);
// Below 0: `a` is stricter than `b`; 0: as strict; above: looser. Rules without an order are
// looser unless they are equal. Requires: both have the row's type.
int compare_strictness(const RuleRow& row, const Value& a, const Value& b);

}  // namespace writ::protocol
