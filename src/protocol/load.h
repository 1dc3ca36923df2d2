#pragma once
// From files to a Plan: load (documents with positions, validated against contracts/), compose
// (stages, authority, overrides, conflicts), compile (order, needs, gates). Nothing is written.
// All errors of the documents come at once, each with file, line, column and remedy.
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/result.h"
#include "protocol/plan.h"

namespace writ::protocol {

struct LoadOptions {
  std::filesystem::path root;  // of the repository: paths in documents are relative to it
  // Values given on the command line for `inputs:`, name → path.
  std::map<std::string, std::string> bound_inputs;
};

// Protocol references are `id@major` or `id@version`: looked up among `protocols/*.yaml` in the
// repository's `.writ/protocols`, then among the packs embedded in the binary; `id@v/profile`
// chooses a profile of a pack ("zero-tolerance-session@2/lite").
// Errors: invalid_input with every diagnostic; not_found.
Result<Plan> load_plan(const std::filesystem::path& spec, const LoadOptions& options);

struct PackInfo {
  std::string id;
  std::string version;
  std::string summary;
};
// The packs in the binary.
std::vector<PackInfo> embedded_packs();

}  // namespace writ::protocol
