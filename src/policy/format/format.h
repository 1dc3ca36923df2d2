#pragma once
// Rego text in the one layout that everybody's has, as `opa fmt` prints it. Comments stay, meaning
// stays, and text that has the layout already does not change.
#include <expected>
#include <string>
#include <string_view>

#include "policy/parse/parser.h"

namespace writ::rego {

inline constexpr std::string_view kFormatError = "rego_format_error";

// The module `text` formatted. What comes out has been parsed again and compared with what went in.
// Errors: those of parsing; rego_format_error when the layout does not fit (brackets nested up to
// the parser's bound, to which the layout would add parentheses).
std::expected<std::string, PolicyErrors> format_module(std::string_view file, std::string_view text,
                                                       const ParseOptions& options = {});

}  // namespace writ::rego
