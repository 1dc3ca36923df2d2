#include "policy/load/load.h"

#include <algorithm>

#include "base/file.h"
#include "policy/bundle/bundle.h"
#include "policy/bundle/data_tree.h"
#include "policy/bundle/folder.h"
#include "policy/parse/parser.h"
#include "policy/term/json_file.h"

namespace writ::rego {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = std::size_t{1} << 30;
constexpr std::size_t kDeepestFolder = 100;

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options) {}

  Result<void> add_path(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return add_folder(path, {});
    if (!fs::exists(path, error)) {
      return fail(Code::not_found, "there is no file or folder " + path.string());
    }
    return add_file(path, {});
  }

  // Packed, or a folder: data and modules as the manifest and the signature say.
  Result<void> add_bundle(const fs::path& path) {
    std::error_code error;
    const bool is_folder = fs::is_directory(path, error);
    WRIT_TRY(std::vector<ArchiveFile> files, bundle_files(path, options_.ignored));
    auto bundle =
        make_verified_bundle(std::move(files), options_.verification, options_.signatures);
    if (!bundle) {
      return std::unexpected(std::move(bundle).error().context("reading " + path.string()));
    }
    if (bundle->is_delta) return fail(Code::unsupported, path.string() + " is a delta bundle");
    for (const BundleModule& module : bundle->modules) {
      const std::string name = is_folder ? (path / module.path).string() : module.path;
      parse(name, module.text, module.rego_version == 0 || options_.is_v0);
    }
    out_.arenas.push_back(bundle->arena);
    return tree_.put({}, bundle->data);
  }

  Result<Loaded> finish() {
    auto arena = std::make_shared<Arena>();
    out_.data = tree_.document(*arena);
    out_.arenas.push_back(std::move(arena));
    return std::move(out_);
  }

 private:
  Result<void> add_folder(const fs::path& folder, const std::vector<std::string>& place) {
    if (place.size() > kDeepestFolder) {
      return fail(Code::invalid_input, folder.string() + " is nested too deeply");
    }
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      entries.push_back(at->path());
    }
    if (error) return fail(Code::not_found, "cannot read " + folder.string());
    std::ranges::sort(entries);
    for (const fs::path& entry : entries) {
      const std::string name = entry.filename().string();
      if (is_ignored(options_.ignored, name)) continue;
      if (fs::is_directory(entry, error)) {
        if (name.starts_with('.')) continue;
        std::vector<std::string> inner = place;
        inner.push_back(name);
        WRIT_CHECK(add_folder(entry, inner));
      } else if (is_wanted(entry)) {
        WRIT_CHECK(add_file(entry, place));
      }
    }
    return {};
  }

  static bool is_wanted(const fs::path& path) {
    const std::string extension = path.extension().string();
    const bool is_data = extension == ".json" || extension == ".yaml" || extension == ".yml";
    return extension == ".rego" || (is_data && !path.filename().string().starts_with('.'));
  }

  Result<void> add_file(const fs::path& path, const std::vector<std::string>& place) {
    WRIT_TRY(const std::string text, read_file(path, kLargestFile));
    if (path.extension() == ".rego") {
      parse(path.string(), text, options_.is_v0);
      return {};
    }
    auto arena = std::make_shared<Arena>();
    auto data = parse_data_file(*arena, text, path.string());
    if (!data) return std::unexpected(std::move(data).error());
    if (place.empty() && !data->is_object()) {
      return fail(Code::invalid_input, path.string() + ": data must be an object");
    }
    out_.arenas.push_back(std::move(arena));
    return tree_.put(place, *data);
  }

  void parse(const std::string& file, std::string_view text, bool is_v0) {
    auto module = parse_module(file, text, {.is_v0 = is_v0});
    if (module) {
      out_.modules.push_back(*std::move(module));
    } else {
      out_.errors.insert(out_.errors.end(), module.error().begin(), module.error().end());
    }
  }

  const LoadOptions& options_;
  DataTree tree_;
  Loaded out_;
};

}  // namespace

Result<std::vector<ArchiveFile>> bundle_files(const fs::path& path,
                                              const std::vector<std::string>& ignored) {
  std::error_code error;
  if (fs::is_directory(path, error)) return read_folder(path, ignored);
  WRIT_TRY(const std::string bytes, read_file(path, kLargestFile));
  auto files = read_archive(bytes);
  if (!files) {
    return std::unexpected(std::move(files).error().context("reading " + path.string()));
  }
  std::erase_if(*files, [&](const ArchiveFile& file) { return is_ignored(ignored, file.path); });
  return files;
}

Result<Loaded> load_policies(const std::vector<fs::path>& paths,
                             const std::vector<fs::path>& bundles, const LoadOptions& options) {
  Loader loader(options);
  for (const fs::path& path : paths) WRIT_CHECK(loader.add_path(path));
  for (const fs::path& path : bundles) WRIT_CHECK(loader.add_bundle(path));
  return loader.finish();
}

Result<std::vector<fs::path>> policy_files(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return fail(Code::not_found, "there is no file or folder " + path.string());
  }
  if (!fs::is_directory(path, error)) return std::vector<fs::path>{path};
  std::vector<fs::path> out;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    const bool is_hidden = at->path().filename().string().starts_with('.');
    if (at->is_directory(error) && is_hidden) at.disable_recursion_pending();
    if (at->is_regular_file(error) && at->path().extension() == ".rego") out.push_back(at->path());
  }
  if (error) return fail(Code::not_found, "cannot read " + path.string());
  std::ranges::sort(out);
  return out;
}

}  // namespace writ::rego
