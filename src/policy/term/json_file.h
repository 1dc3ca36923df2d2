#pragma once
// JSON of a file: what is wrong with it names the file.
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/term/term.h"

namespace writ::rego {

class Arena;

// As parse_json (term/json.h). Errors: invalid_input with `file` and the position.
Result<Term> parse_json_file(Arena& arena, std::string_view text, const std::string& file);

}  // namespace writ::rego
