#pragma once
// A first spec for a repository from what it finds there: CMake, Cargo, Go, Python, npm (pnpm,
// yarn), make. Wherever the tests can leave a report the gate asks for it, so that no tests never
// count as passed tests.
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace writ::cli {

struct FirstSpec {
  std::string text;                // spec.yaml
  std::string build_tool;          // "CMake": what it was made from
  std::vector<std::string> notes;  // what was guessed, and what to look at; a line each
};

// Errors: not_found (none of the build tools it knows), naming what it looked for.
Result<FirstSpec> spec_from_repo(const std::filesystem::path& root);

}  // namespace writ::cli
