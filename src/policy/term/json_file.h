#pragma once
// JSON and YAML of a file: what is wrong with it names the file.
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/term/term.h"

namespace writ::rego {

class Arena;

// As parse_json (term/json.h). Errors: invalid_input with `file` and the position.
Result<Term> parse_json_file(Arena& arena, std::string_view text, const std::string& file);
// The same of a file that is YAML unless its name ends in .json.
Result<Term> parse_data_file(Arena& arena, std::string_view text, const std::string& file);

}  // namespace writ::rego
