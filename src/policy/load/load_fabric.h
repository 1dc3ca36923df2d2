#pragma once
// What a program begins to decide from: policies, data and bundles from disk, into a fabric.
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "policy/fabric/fabric.h"
#include "policy/load/load.h"

namespace writ::rego {

struct FabricSources {
  std::vector<std::filesystem::path> files;  // policies and data: files, and folders of such
  std::vector<std::filesystem::path> bundles;
  // What both are named from where they are shown: ids of policies, names of bundles.
  std::filesystem::path directory;
  LoadOptions loading;  // the dialect, and what bundles are held to
};

// All files in one change, then all bundles in one: policies of one bundle may need another.
// Errors: invalid_input with a diagnostic for each thing that is wrong, not_found, conflict
// (bundles whose roots overlap), signature_bad.
Result<void> load_fabric(const FabricSources& sources, Fabric& fabric);

}  // namespace writ::rego
