#pragma once
// One condition of a gate: `tests.failed == 0 and (scan.violations == 0 or approval.count >= 1)`.
// Parsed from text with positions, type-checked against the fact table, evaluated in three-valued
// logic, printed back as text and as canonical JSON. The grammar is in docs/formats/rule-table.md.
//
// An Expression is a regular value and never changes once it is part of a rule.
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "policy/facts.h"

namespace writ::policy {

enum class Comparison : std::uint8_t { eq, ne, lt, le, gt, ge };

// Kleene's three values. Only `yes` ever opens anything.
enum class Truth : std::uint8_t { no, unknown, yes };

struct Expression {
  enum class Kind : std::uint8_t {
    literal,     // `literal`: number, string, boolean; a duration holds milliseconds
    fact,        // `name`
    comparison,  // args[0] `comparison` args[1]
    membership,  // args[0] in the literals args[1..]
    negation,    // args[0]
    all_of,      // every one of args, at least two, none an all_of
    any_of,      // at least one of args, at least two, none an any_of
  };
  Kind kind = Kind::literal;
  Comparison comparison = Comparison::eq;
  bool is_duration = false;
  std::string name;
  Value literal;
  std::vector<Expression> args;
  std::uint32_t offset = 0;  // in the text it was parsed from; no part of what it means
};

// What outside text may make the parser do at most.
inline constexpr std::size_t kExpressionMaxBytes = std::size_t{16} * 1024;
inline constexpr std::size_t kExpressionMaxNodes = 2'000;
inline constexpr std::size_t kExpressionMaxDepth = 64;

// Something wrong in an expression's text, `offset` bytes into it.
struct ExpressionProblem {
  std::size_t offset = 0;
  std::string message;
  std::string remedy;
};

// A syntax problem ends the parse and is the only one; otherwise every unknown fact and type
// mismatch is reported. Nothing is returned unless `problems` stayed as it was.
std::optional<Expression> parse_expression(std::string_view text,
                                           std::vector<ExpressionProblem>& problems);

// Unknown facts, and operands of types that cannot be compared.
void check_types(const Expression& expression, std::vector<ExpressionProblem>& problems);

// The text that parses to an equal expression, with no parentheses that are not needed.
std::string expression_text(const Expression& expression);
// Canonical form, and back (limits and types checked). Errors of the latter: invalid_input.
Value expression_value(const Expression& expression);
Result<Expression> expression_from_value(const Value& value);

void collect_facts(const Expression& expression, std::set<std::string, std::less<>>& names);

Truth evaluate_expression(const Expression& expression, const Facts& facts);

// The fewest comparisons that would have to come out differently for `expression` to be `wanted`
// (yes or no), each as the text that should hold: {"tests.failed == 0"}. Empty when it is so.
struct Wanted {
  std::string text;                // "tests.failed == 0"
  std::vector<std::string> facts;  // that it looks at
};
std::vector<Wanted> what_is_wanted(const Expression& expression, Truth wanted, const Facts& facts);

// The one form of a number: an integer where `number` is one exactly, else a real.
Value plain_number(double number);

// -1, 0, 1 by mathematical value, exact between integers and reals. Requires: two numbers.
int compare_numbers(const Value& a, const Value& b);

// A value as an expression would spell it; long strings are cut.
std::string value_text(const Value& value);

}  // namespace writ::policy
