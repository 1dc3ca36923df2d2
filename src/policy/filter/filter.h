#pragma once
// What remains of a decision as a condition on the rows of a table: `input.fruits.price > 3` is
// the column price of the table fruits. For lists: the rows that a WHERE clause lets through are
// those that the policy allows.
//
// A row is an input whose NULL columns are not there, so that, as in SQL, no comparison with them
// holds and every `not` of one does. `== null` and `!= null` are IS NULL and IS NOT NULL.
#include <expected>
#include <string>
#include <vector>

#include "policy/partial/partial.h"

namespace writ::rego {

// Owned by the partial answer's arena are the values.
struct Filter {
  enum class Kind : std::uint8_t {
    always,
    never,
    compare,  // field, operation, value or other_field
    all,      // parts
    any,      // parts
    none,     // not parts[0]
  };
  // Named as in UCAST.
  enum class Operation : std::uint8_t {
    eq,
    ne,
    lt,
    lte,
    gt,
    gte,
    in,
    startswith,
    endswith,
    contains
  };

  Kind kind = Kind::always;
  Operation operation = Operation::eq;
  std::vector<std::string> field;        // "fruits", "price"; or a column alone
  Term value;                            // a scalar; an array for `in`
  std::vector<std::string> other_field;  // instead of a value
  std::vector<Filter> parts;
};

std::string_view name_of(Filter::Operation operation);

// Errors: pe_fragment_error for each expression that is no condition on columns, naming it.
std::expected<Filter, PolicyErrors> to_filter(const PartialAnswer& answer);

inline constexpr std::string_view kFragmentError = "pe_fragment_error";

}  // namespace writ::rego
