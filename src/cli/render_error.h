#pragma once
// The terminal's rendering of an Error: the only one besides the wire's.
#include <string>

#include "base/result.h"
#include "cli/style.h"

namespace writ::cli {

// "error: …", every diagnostic with its place and source line, one remedy line.
std::string render_error(const Error& error, const Style& style);
// {"error": {code, message, remediation, diagnostics: […]}} for --json.
std::string error_json(const Error& error);

}  // namespace writ::cli
