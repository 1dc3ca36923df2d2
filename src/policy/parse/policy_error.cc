#include "policy/parse/policy_error.h"

#include <fmt/format.h>

namespace writ::rego {

std::string PolicyError::text() const {
  std::string out;
  if (!file.empty()) {
    out = fmt::format("{}:{}: ", file, at.line);
  } else if (at.is_known()) {
    out = fmt::format("{}:{}: ", at.line, at.column);
  }
  out += code + ": " + message;
  if (!line.empty()) {
    const std::size_t before = at.column > 0 ? at.column - 1 : 0;
    std::string caret;
    for (std::size_t i = 0; i < before && i < line.size(); ++i)
      caret += line[i] == '\t' ? '\t' : ' ';
    out += "\n\t" + line + "\n\t" + caret + "^";
  }
  for (const std::string& detail : details) out += "\n\t" + detail;
  return out;
}

std::string to_text(const PolicyErrors& errors) {
  if (errors.size() == 1) return "1 error occurred: " + errors.front().text();
  std::string out = fmt::format("{} errors occurred:", errors.size());
  for (const PolicyError& error : errors) out += "\n" + error.text();
  return out;
}

namespace {

std::string with_details(const PolicyError& error) {
  std::string out = error.message;
  for (const std::string& detail : error.details) out += "; " + detail;
  return out;
}

}  // namespace

std::unexpected<Error> fail(const PolicyErrors& errors) {
  std::vector<Diagnostic> diagnostics;
  for (const PolicyError& error : errors) {
    diagnostics.push_back({.file = error.file,
                           .at = error.at,
                           .message = error.code + ": " + with_details(error),
                           .remedy = {}});
  }
  return writ::fail(std::move(diagnostics));
}

}  // namespace writ::rego
