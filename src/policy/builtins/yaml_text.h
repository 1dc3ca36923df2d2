#pragma once
// YAML text to terms and back, as OPA's builtins read and write it: YAML 1.1 with its words for
// truth values, as far as JSON can say the same.
#include <optional>
#include <string>
#include <string_view>

#include "policy/builtins/bounded_text.h"

namespace writ::rego {

// The first document. Without one `problem` says what is wrong: "yaml: line 1: …".
std::optional<Term> read_yaml(Arena& arena, std::string_view text, std::string& problem);

// What a plain scalar means; undefined where JSON has no such value.
Term plain_yaml_value(Arena& arena, std::string_view text);

// In block style, with a line end. False when the call is to end.
bool write_yaml(BoundedText& out, const Term& term);

}  // namespace writ::rego
