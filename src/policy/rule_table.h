#pragma once
// A gate: rules read from the top, the first that matches decides, nothing matching is shut.
// Expressions and lists of a document both compile to this one form
// (docs/formats/rule-table.md), which is kept in the plan and replays for ever.
//
// Expressions: facts, numbers, strings, true/false, durations ("250ms" compares as ms), and or
// not, == != < <= > >=, in [..], parentheses. An absent fact makes what needs it unknown; unknown
// never opens anything (three-valued logic; only `true` matches an `open` row, and an unknown
// `shut` row shuts).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/result.h"
#include "base/value.h"
#include "policy/facts.h"

namespace writ::policy {

struct Expression;  // policy/expression.h

struct Rule {
  std::shared_ptr<const Expression> when;  // shared: plans are copied, expressions never change
  bool opens = false;
  std::string message;  // of a `shut` row, for people
};

struct RuleTable {
  std::vector<Rule> rules;

  // Sorted, unique.
  std::vector<std::string> fact_names() const;
  // Canonical form, and back. Errors of from_value: invalid_input.
  Value to_value() const;
  static Result<RuleTable> from_value(const Value& value);
  // "tests.failed == 0 and tests.passed >= 12": one line for people.
  std::string text() const;
};

// `gate` as it stands in a document: a string, or a list of {when, shut: message | open: true}.
// Problems (syntax, unknown fact with "did you mean", type mismatch) go to `diagnostics` with
// their positions; then nothing is returned.
std::optional<RuleTable> compile_gate(const Document& document, const Value& gate,
                                      std::vector<Diagnostic>& diagnostics);

struct Operand {
  std::string fact;
  std::optional<Value> value;  // nothing: absent
  std::string note;            // why it is absent, or where it came from
};

struct Decision {
  bool open = false;
  // Which rule decided; nothing: none matched.
  std::optional<std::size_t> rule;
  std::string reason;             // "tests.failed is 2, the gate wants tests.failed == 0"
  std::vector<Operand> operands;  // every fact the table names, sorted
  // What would open it, as text: the failing comparisons of the nearest `open` row.
  std::vector<std::string> wanted;
  // Of gates in Rego alone (gate/rego_gate.h): how the module answered, and what it said.
  std::string outcome = {};
  std::vector<std::string> reasons = {};

  Value to_value() const;
};

// Pure: the same table and facts give the same decision, always.
Decision evaluate(const RuleTable& table, const Facts& facts);

}  // namespace writ::policy
