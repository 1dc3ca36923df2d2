#include "policy/term/json_file.h"

#include <utility>

#include "policy/term/json.h"

namespace writ::rego {

Result<Term> parse_json_file(Arena& arena, std::string_view text, const std::string& file) {
  auto parsed = parse_json(arena, text);
  if (parsed) return parsed;
  Error error = std::move(parsed).error();
  for (Diagnostic& diagnostic : error.diagnostics) {
    if (diagnostic.file.empty()) diagnostic.file = file;
  }
  return std::unexpected(std::move(error).context("reading " + file));
}

}  // namespace writ::rego
