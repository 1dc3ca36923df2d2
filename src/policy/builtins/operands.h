#pragma once
// Operands that several families read alike.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/builtins/builtin.h"

namespace writ::rego {

// eval_type_error "operand 2 must be array of strings but got array containing number".
Outcome wrong_element(Call& call, std::size_t i, const Term& element, std::string_view wanted);

// The strings of argument `i`: itself, or the members of an array or set. Without them the error
// has been prepared. The views point into the arguments.
std::optional<std::vector<std::string_view>> strings_of(Call& call, std::size_t i);

// Whether the text of `term` fits the arena: terms share parts, so that a small one may have a
// text without end. If not, the call is to end.
bool text_fits(Call& call, const Term& term);

// Whether argument `i` is a whole number. If not, the error has been prepared.
bool check_integer(Call& call, std::size_t i);

}  // namespace writ::rego
