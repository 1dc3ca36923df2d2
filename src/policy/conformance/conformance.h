#pragma once
// Runs OPA's conformance cases: files of cases in folders by category, found when they are run.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace writ::rego {

struct ConformanceFailure {
  std::string category;
  std::string name;    // "file.json#2 note"
  std::string reason;  // what was wanted, what came
};

struct ConformanceReport {
  struct Count {
    std::size_t passed = 0;
    std::size_t failed = 0;
  };
  std::map<std::string, Count> categories;
  std::vector<ConformanceFailure> failures;
  std::size_t passed = 0;

  std::size_t failed() const { return failures.size(); }
};

// What a module's text is replaced by before it is parsed.
using ModuleRewrite = std::function<std::string(std::string_view text)>;

// Runs every case of every `*.json` below `directory`; `only` restricts to categories whose name
// contains it. Errors: not_found, invalid_input (a file that is no file of cases).
Result<ConformanceReport> run_conformance(const std::filesystem::path& directory,
                                          std::string_view only = {},
                                          const ModuleRewrite& rewrite = {});

}  // namespace writ::rego
