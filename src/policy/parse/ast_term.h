#pragma once
// Syntax as a document, in the form that OPA gives it: {"package": {"path": […]}, "rules": […]}.
#include "policy/parse/ast.h"

namespace writ::rego {

Term to_term(Arena& arena, const ast::Module& module);
// The statements of a query: [{"index": 0, "terms": …}, …].
Term to_term(Arena& arena, const ast::Body& query);

}  // namespace writ::rego
