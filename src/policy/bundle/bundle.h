#pragma once
// An OPA bundle: policies and data that belong together, under one revision. Snapshot bundles hold
// everything below their roots, delta bundles changes of data alone.
// Format: https://www.openpolicyagent.org/docs/management-bundles
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/bundle/archive.h"
#include "policy/bundle/manifest.h"
#include "policy/bundle/patch.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

struct BundleModule {
  std::string path;  // "app/policy.rego"
  std::string text;
  int rego_version = 1;
};

struct Bundle {
  Manifest manifest;
  std::vector<BundleModule> modules;
  Term data;                 // an object; of a delta bundle undefined
  std::vector<Patch> patch;  // of a delta bundle
  bool is_delta = false;
  std::uint64_t size = 0;              // packed
  std::shared_ptr<const Arena> arena;  // owns data and patch; shared with stores that keep them
};

// Errors: invalid_input (no bundle; data outside its roots; two files for one place in data),
// overloaded (over a limit).
Result<Bundle> read_bundle(std::string_view bytes, const ArchiveLimits& limits = {});

// The same out of files that were not packed: a directory, or what `build` gathered.
Result<Bundle> make_bundle(std::vector<ArchiveFile> files);

// As files to be packed: all data in one data.json, modules as they are, the manifest.
std::vector<ArchiveFile> to_files(const Bundle& bundle);

// Errors: invalid_input where `package` ("app/sub") lies outside the roots.
Result<void> expect_owned_package(const Manifest& manifest, std::string_view package,
                                  std::string_view module);
// Errors: conflict where two bundles own overlapping parts of data, naming both.
struct NamedManifest {
  std::string name;
  const Manifest* manifest;
};
Result<void> expect_disjoint(const std::vector<NamedManifest>& bundles);

}  // namespace writ::rego
