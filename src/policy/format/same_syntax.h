#pragma once
// Whether two modules say the same, wherever their parts stand.
#include <string_view>

#include "policy/parse/ast.h"

namespace writ::rego {

// Compared are packages, imports and rules in order, annotations, and the comments' texts. What
// formatting may change counts as equal: the order of imports, `=` and `:=` in a head, a body that
// is `true`, the value `true` of a rule that has a body.
bool is_same_syntax(const ast::Module& a, const ast::Module& b);

// A comment without the white space that it ends in, carriage returns included.
std::string_view trimmed_comment(std::string_view text);

// Whether the statement is the word `true` and nothing else.
bool is_constant_true(const ast::Statement& statement);

}  // namespace writ::rego
