#include "policy/term/json_file.h"

#include <utility>

#include "base/yaml.h"
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

Result<Term> parse_data_file(Arena& arena, std::string_view text, const std::string& file) {
  if (file.ends_with(".json")) return parse_json_file(arena, text, file);
  WRIT_TRY(const Value value, parse_yaml(text, file));
  return from_value(arena, value);
}

}  // namespace writ::rego
