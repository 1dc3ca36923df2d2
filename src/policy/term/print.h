#pragma once
// Terms as Rego source spells them: {"a": [1, "x"]}, {1, 2}, set(). undefined prints as such.
#include <string>
#include <string_view>

#include "policy/term/term.h"

namespace writ::rego {

std::string to_rego(const Term& term);
void append_rego(std::string& out, const Term& term);
// `text` as a string literal of Rego.
void append_quoted(std::string& out, std::string_view text);

}  // namespace writ::rego
