#pragma once
// Which of a document's rules need to run at all. Private to policy/compile.
#include "policy/compile/program.h"

namespace writ::rego {

// Sets `index` and `has_one_value`. Requires: `all` is filled in.
void index_rules(RuleSet& rules);

}  // namespace writ::rego
