#pragma once
// The line of a document that a diagnostic points at, for the terminal.
#include <filesystem>
#include <string>

#include "base/result.h"

namespace writ::cli {

// "    3 | allow if x\n      |          ^\n", or nothing where the file cannot be read again, the
// position is unknown, or it is one of Writ's own below .writ, which may hold secrets.
// `directory`: what the file's name is relative to.
std::string source_line(const std::filesystem::path& directory, const Diagnostic& diagnostic);

}  // namespace writ::cli
