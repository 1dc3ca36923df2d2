#pragma once
// `opa build`: policies and data into one bundle that compiles.
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/bundle/signature.h"
#include "policy/load/load.h"

namespace writ::rego {

struct BuildOptions {
  LoadOptions load = {};
  bool from_bundles = false;                  // the paths are bundles, which bring their manifests
  std::filesystem::path base;                 // names in the bundle begin below it
  std::string revision = {};                  // empty: as the bundles say
  std::vector<std::string> entrypoints = {};  // "app/allow": must be rules or packages
  std::optional<BundleSigning> signing = {};
};

struct BuiltBundle {
  std::string bytes;    // the gzipped tar; empty where there are errors
  PolicyErrors errors;  // modules that do not parse or compile
};

// Errors: those of loading; conflict (bundles with overlapping roots); invalid_input (a module
// outside the roots, an entrypoint that is none, a signing key that does not fit).
Result<BuiltBundle> build_bundle(const std::vector<std::filesystem::path>& paths,
                                 const BuildOptions& options);

}  // namespace writ::rego
