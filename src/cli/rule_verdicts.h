#pragma once
// Why rules held or did not, for people and as JSON.
#include <ostream>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "policy/observe/explain.h"

namespace writ::cli {

// [{rule, file, row, outcome, statement: {text, row, values}}]
Array verdict_values(const std::vector<rego::RuleVerdict>& verdicts);

// Says so where a policy was not watched to its end. `why`: what ended it; empty: nothing did.
void print_ended_by(std::ostream& out, std::string_view why);

// `title`, and a line or more for each; nothing where there are none.
void print_verdicts(std::ostream& out, std::string_view title,
                    const std::vector<rego::RuleVerdict>& verdicts);

}  // namespace writ::cli
