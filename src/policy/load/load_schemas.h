#pragma once
// JSON Schemas from disk, as OPA's --schema takes them.
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "policy/types/schemas.h"

namespace writ::rego {

// A file is the schema of input. In a folder each file, JSON or YAML, is a schema by its path
// without the extension: acl/users.json is schema.acl.users.
// Errors: not_found, invalid_input (what is neither JSON nor YAML, two files of one name).
Result<std::unique_ptr<types::Schemas>> load_schemas(const std::filesystem::path& path);

}  // namespace writ::rego
