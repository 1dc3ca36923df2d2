#include "protocol/rule_names.h"

#include <algorithm>

#include "base/units.h"

namespace writ::protocol {
namespace {

constexpr RuleRow kRules[] = {
    {"ambiguity", "string", Stricter::stop, "assume or stop where the documents leave a choice"},
    {"architecture.*", "imports", Stricter::none, "which folder may import from which"},
    {"budget.active", "duration", Stricter::lower, "time at work of the whole run"},
    {"budget.max_files", "integer", Stricter::lower, "files that the change may touch"},
    {"budget.max_iterations", "integer", Stricter::lower, "attempts of any one step"},
    {"budget.max_lines_per_file", "integer", Stricter::lower, "lines of any changed file"},
    {"budget.max_tokens", "integer", Stricter::lower,
     "tokens that steps say they spent, in usage evidence"},
    {"budget.max_total_lines", "integer", Stricter::lower, "lines added by the whole change"},
    {"budget.max_usd", "amount", Stricter::lower,
     "US dollars that steps say they spent, in usage evidence"},
    {"docs.required", "boolean", Stricter::is_true,
     "the work brings its documentation: phases with `when: {rule: docs.required}` apply"},
    {"forbid.*", "boolean", Stricter::is_true, "a scan rule whose pattern is forbidden"},
    {"imports.*", "imports", Stricter::none, "what sources must and must not import"},
    {"sequential", "boolean", Stricter::is_true, "one file a step"},
    {"words.*", "string", Stricter::none, "law in words, for people and agents to read"},
};

// A number or a duration as a number.
double amount(const Value& value) {
  if (value.is_number()) return value.as_number();
  const auto duration = parse_duration(value.as_string());
  return duration ? static_cast<double>(duration->count()) : 0;
}

int order(double a, double b) { return a < b ? -1 : (a > b ? 1 : 0); }

}  // namespace

std::span<const RuleRow> rule_table() { return kRules; }

const RuleRow* find_rule(std::string_view name) {
  for (const RuleRow& row : kRules) {
    if (row.name == name && !name.ends_with('*')) return &row;
    const std::string_view stem = row.name.substr(0, row.name.size() - 1);
    if (row.name.ends_with('*') && name.starts_with(stem) && name.size() > stem.size()) return &row;
  }
  return nullptr;
}

bool has_rule_type(const RuleRow& row, const Value& value) {
  if (row.type == "boolean") return value.is_bool();
  if (row.type == "integer") return value.is_integer() && value.as_integer() >= 0;
  if (row.type == "amount") return value.is_number() && value.as_number() >= 0;
  if (row.type == "duration") return value.is_string() && parse_duration(value.as_string());
  if (row.type == "imports") return value.is_object() || value == Value(false);
  if (row.stricter != Stricter::stop) return value.is_string();
  return value.is_string() && (value.as_string() == "stop" || value.as_string() == "assume");
}

int compare_strictness(const RuleRow& row, const Value& a, const Value& b) {
  if (a == b) return 0;
  switch (row.stricter) {
    case Stricter::is_true:
      return a.as_bool() ? -1 : 1;
    case Stricter::lower:
      return order(amount(a), amount(b));
    case Stricter::stop:
      return a.as_string() == "stop" ? -1 : 1;
    case Stricter::none:
      break;
  }
  return 1;
}

}  // namespace writ::protocol
