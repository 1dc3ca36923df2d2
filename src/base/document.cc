#include "base/document.h"

#include <optional>

#include "base/file.h"
#include "base/json.h"
#include "base/yaml.h"

namespace writ {

Diagnostic Document::diagnostic(Position at, std::string message, std::string remedy) const {
  return {name, at, std::move(message), std::move(remedy)};
}

Result<Document> parse_document(std::string name, std::string text, const DocumentLimits& limits) {
  const auto parse = std::string_view(name).ends_with(".json") ? parse_json : parse_yaml;
  WRIT_TRY(Value root, parse(text, name, limits));
  return Document{std::move(name), std::move(text), std::move(root)};
}

Result<Document> load_document(const std::filesystem::path& path, const DocumentLimits& limits) {
  auto text = read_file(path, limits.max_bytes);
  if (!text) {
    Error error = std::move(text).error();
    if (error.code == Code::invalid_input) {
      // As a whole: where reading would have begun.
      error.diagnostics = {{path.string(), {1, 1}, error.message, error.remediation}};
    }
    return std::unexpected(std::move(error));
  }
  return parse_document(path.string(), *std::move(text), limits);
}

}  // namespace writ
