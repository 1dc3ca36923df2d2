#pragma once
// Policies and data from files, folders and bundles, as OPA's command line takes them.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/bundle/signature.h"
#include "policy/parse/ast.h"
#include "policy/parse/policy_error.h"
#include "policy/term/term.h"

namespace writ::rego {

struct LoadOptions {
  bool is_v0 = false;
  // Files and folders that are left out: globs of paths or names.
  std::vector<std::string> ignored = {};
  // What bundles are held to. Signed ones are refused without it, unless signatures are ignored.
  std::optional<BundleVerification> verification = {};
  Signatures signatures = Signatures::checked;
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

// The files of a bundle, packed or as a folder. Errors: not_found, those of reading.
Result<std::vector<ArchiveFile>> bundle_files(const std::filesystem::path& path,
                                              const std::vector<std::string>& ignored = {});

// The `.rego` files in `path`, sorted, or `path` itself when it is a file. Errors: not_found.
Result<std::vector<std::filesystem::path>> policy_files(const std::filesystem::path& path);

}  // namespace writ::rego
