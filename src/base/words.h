#pragma once
// A command line as its words, for commands that are started without a shell.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ {

// Splits as a POSIX shell would (quotes, backslashes) but expands nothing.
// Errors: invalid_input (unclosed quote; an unquoted | > < & ; * ? ` or $ that only a shell
// understands, with the remedy `shell: true`).
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace writ
