#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace writ {

Error Error::context(std::string what) && {
  contexts.push_back(std::move(what));
  return std::move(*this);
}

std::string_view Error::remedy() const {
  return remediation.empty() ? error_row(code).remediation : std::string_view(remediation);
}

std::string Error::text() const {
  std::string out(error_row(code).name);
  out += ": " + message;
  for (const std::string& context : contexts) out += " (while " + context + ")";
  for (const Diagnostic& d : diagnostics) {
    out += "\n  " + d.file;
    if (d.at.is_known()) {
      out += ":" + std::to_string(d.at.line) + ":" + std::to_string(d.at.column);
    }
    out += ": " + d.message;
    if (!d.remedy.empty()) out += " (" + d.remedy + ")";
  }
  return out;
}

std::unexpected<Error> fail(Code code, std::string message, std::string remediation,
                            std::source_location where) {
  return std::unexpected(Error{code, std::move(message), std::move(remediation), {}, {}, where});
}

std::unexpected<Error> fail(std::vector<Diagnostic> diagnostics, std::source_location where) {
  WRIT_ASSERT(!diagnostics.empty());
  std::string message = diagnostics.front().message;
  std::string remedy = diagnostics.front().remedy;
  return std::unexpected(Error{Code::invalid_input,
                               std::move(message),
                               std::move(remedy),
                               std::move(diagnostics),
                               {},
                               where});
}

void assertion_failed(const char* expression, std::source_location where) {
  std::fprintf(stderr, "%s:%u: assertion failed: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), expression);
  std::abort();
}

}  // namespace writ
