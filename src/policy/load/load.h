#pragma once
// Policies and data from files, folders and bundles, as OPA's command line takes them.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/parse/ast.h"
#include "policy/parse/policy_error.h"
#include "policy/term/term.h"

namespace writ::rego {

struct LoadOptions {
  bool is_v0 = false;
};

struct Loaded {
  std::vector<ast::Module> modules;
  Term data;                                         // an object
  std::vector<std::shared_ptr<const Arena>> arenas;  // own data
  PolicyErrors errors;                               // modules that do not parse
};

// `paths`: *.rego, *.json, *.yaml and *.yml files, and folders of such. A data file is an object
// and is merged; in a folder it stands below the names of the folders between. `bundles`: packed
// or as folders. Errors: not_found, invalid_input (data that is no JSON, that collides), those of
// reading.
Result<Loaded> load_policies(const std::vector<std::filesystem::path>& paths,
                             const std::vector<std::filesystem::path>& bundles,
                             const LoadOptions& options = {});

// The `.rego` files in `path`, sorted, or `path` itself when it is a file. Errors: not_found.
Result<std::vector<std::filesystem::path>> policy_files(const std::filesystem::path& path);

}  // namespace writ::rego
