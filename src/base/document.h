#pragma once
// A text file of a user's as a Value with a position for everything in it, and the text kept so
// that errors can show the line. JSON by `.json`, YAML (1.2 core schema, a JSON-compatible
// subset) otherwise.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace writ {

// What any parser of outside text may be made to do at most.
struct DocumentLimits {
  std::size_t max_bytes = 8u << 20;
  std::size_t max_depth = 100;  // beyond 400 no parser goes, whatever is asked for
  // Nodes after aliases are expanded: stops alias bombs.
  std::size_t max_nodes = 500'000;
};

struct Document {
  std::string name;  // how errors name it: the path as the user gave it
  std::string text;
  Value root;

  // A diagnostic at `at` in this document.
  Diagnostic diagnostic(Position at, std::string message, std::string remedy = {}) const;
};

// Errors: invalid_input with position and remedy (malformed text, NUL byte, invalid UTF-8,
// duplicate key, tags and other YAML that JSON cannot say, a limit passed).
Result<Document> parse_document(std::string name, std::string text,
                                const DocumentLimits& limits = {});

// Reads a regular file; never more than limits.max_bytes. `name` is `path` as given.
// Errors: not_found, invalid_input, storage_failed (unreadable).
Result<Document> load_document(const std::filesystem::path& path,
                               const DocumentLimits& limits = {});

}  // namespace writ
