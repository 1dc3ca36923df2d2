#pragma once
// ECMA-262 patterns (Unicode mode, with the few lenient forms that JSON Schemas in the wild rely
// on) rewritten in RE2's syntax.
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::contract {

// Errors: invalid_input with the offset of what ECMA-262 does not allow; unsupported for
// look-around and back-references, which need more than linear time.
Result<std::string> translate_ecma_regex(std::string_view pattern);

// Whether `pattern` is an ECMA-262 pattern, look-around and back-references included.
bool is_ecma_regex(std::string_view pattern);

}  // namespace writ::contract
