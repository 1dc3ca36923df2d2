#include "policy/parse/policy_error.h"

#include <fmt/format.h>

namespace writ::rego {

std::string PolicyError::text() const {
  std::string out;
  if (!file.empty() || at.is_known()) out = fmt::format("{}:{}: ", file, at.line);
  out += code + ": " + message;
  if (!line.empty()) {
    const std::size_t before = at.column > 0 ? at.column - 1 : 0;
    std::string caret;
    for (std::size_t i = 0; i < before && i < line.size(); ++i)
      caret += line[i] == '\t' ? '\t' : ' ';
    out += "\n\t" + line + "\n\t" + caret + "^";
  }
  return out;
}

std::string to_text(const PolicyErrors& errors) {
  if (errors.size() == 1) return "1 error occurred: " + errors.front().text();
  std::string out = fmt::format("{} errors occurred:", errors.size());
  for (const PolicyError& error : errors) out += "\n" + error.text();
  return out;
}

std::unexpected<Error> fail(const PolicyErrors& errors) {
  std::vector<Diagnostic> diagnostics;
  for (const PolicyError& error : errors) {
    diagnostics.push_back({.file = error.file,
                           .at = error.at,
                           .message = error.code + ": " + error.message,
                           .remedy = {}});
  }
  return writ::fail(std::move(diagnostics));
}

}  // namespace writ::rego
