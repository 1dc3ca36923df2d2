#pragma once
// One assertion macro, judged by its tokens. Private to the module.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/token.h"

namespace writ::evidence {

using Tokens = std::span<const syntax::Token>;

// EXPECT_…, ASSERT_…, RC_ASSERT…, FAIL and ADD_FAILURE.
bool is_assertion_macro(std::string_view word);

// Whether the assertion looks at no more than a flag: docs/formats/test-evidence.md.
bool looks_at_status_only(std::string_view macro, Tokens arguments);

// Members (`.x`, `->x`) and keys (`["x"]`, `find("x")`) that the arguments name, sorted.
std::vector<std::string> asserted_fields(Tokens arguments);

}  // namespace writ::evidence
