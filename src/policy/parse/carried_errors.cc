#include "policy/parse/carried_errors.h"

namespace writ::rego {

PolicyErrors carried_errors(const Error& error) {
  PolicyErrors out;
  for (const Diagnostic& diagnostic : error.diagnostics) {
    PolicyError& row = out.emplace_back();
    const std::size_t colon = diagnostic.message.find(": ");
    const bool has_code =
        colon != std::string::npos && diagnostic.message.compare(0, 5, "rego_") == 0;
    row.code = has_code ? diagnostic.message.substr(0, colon) : std::string(kCompileError);
    row.message = has_code ? diagnostic.message.substr(colon + 2) : diagnostic.message;
    row.file = diagnostic.file;
    row.at = diagnostic.at;
  }
  return out;
}

}  // namespace writ::rego
