#pragma once
// The terminal's rendering of an Error: the only one besides the wire's.
#include <filesystem>
#include <string>

#include "base/result.h"
#include "cli/style.h"

namespace writ::cli {

// "error: …", every diagnostic with its place, its source line and a remedy. `directory` is what
// names of files are relative to; where it is empty, or a file is gone, there are no source lines.
std::string render_error(const Error& error, const Style& style,
                         const std::filesystem::path& directory = {});
// {"error": {code, message, remediation, diagnostics: […]}} for --json.
std::string error_json(const Error& error);

}  // namespace writ::cli
