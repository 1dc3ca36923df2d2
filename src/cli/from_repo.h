#pragma once
// A first spec for a repository from what it finds there: CMake, npm, Cargo, Python, Go.
#include <filesystem>
#include <string>

#include "base/result.h"

namespace writ::cli {

struct FirstSpec {
  std::string text;        // spec.yaml
  std::string build_tool;  // "CMake": what it was made from
};

// Errors: not_found (none of the build tools it knows), naming what it looked for.
Result<FirstSpec> spec_from_repo(const std::filesystem::path& root);

}  // namespace writ::cli
