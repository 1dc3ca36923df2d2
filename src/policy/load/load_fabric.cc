#include "policy/load/load_fabric.h"

#include <string>
#include <system_error>
#include <utility>

namespace writ::rego {
namespace {

namespace fs = std::filesystem;

// As the user would name it.
std::string shown_name(const fs::path& path, const fs::path& directory) {
  const fs::path relative = path.lexically_relative(directory);
  const bool is_below = !relative.empty() && *relative.begin() != "..";
  return is_below ? relative.string() : path.string();
}

Result<void> load_files(const FabricSources& sources, Fabric& fabric) {
  WRIT_TRY(Loaded loaded, load_policies(sources.files, {}, sources.loading));
  for (PolicyError& error : loaded.errors) error.file = shown_name(error.file, sources.directory);
  if (!loaded.errors.empty()) return fail(loaded.errors);
  Seed seed;
  for (ast::Module& module : loaded.modules) {
    seed.policies[shown_name(module.file, sources.directory)] = {
        std::move(module.source), sources.loading.is_v0 ? 0 : 1, {}, {}};
  }
  seed.data = loaded.data;
  seed.arenas = std::move(loaded.arenas);
  return fabric.seed(std::move(seed));
}

Result<Bundle> load_bundle(const fs::path& path, const LoadOptions& loading) {
  WRIT_TRY(std::vector<ArchiveFile> files, bundle_files(path, loading.ignored));
  WRIT_TRY(Bundle bundle,
           make_verified_bundle(std::move(files), loading.verification, loading.signatures));
  std::error_code is_folder;
  const std::uintmax_t size = fs::file_size(path, is_folder);
  if (!is_folder) bundle.size = size;
  return bundle;
}

Result<void> load_bundles(const FabricSources& sources, Fabric& fabric) {
  std::vector<Bundle> bundles;
  for (const fs::path& path : sources.bundles) {
    auto bundle = load_bundle(path, sources.loading);
    if (!bundle) {
      return std::unexpected(
          std::move(bundle).error().context("bundle " + shown_name(path, sources.directory)));
    }
    bundles.push_back(*std::move(bundle));
  }
  std::vector<NamedBundle> named;
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    named.push_back({shown_name(sources.bundles[i], sources.directory), &bundles[i], ""});
  }
  if (named.empty()) return {};
  return fabric.activate(named);
}

}  // namespace

Result<void> load_fabric(const FabricSources& sources, Fabric& fabric) {
  WRIT_CHECK(load_files(sources, fabric));
  return load_bundles(sources, fabric);
}

}  // namespace writ::rego
