#include <algorithm>
#include <array>
#include <utility>

#include "policy/bundle/bundle.h"
#include "policy/bundle/data_tree.h"
#include "policy/term/build.h"
#include "policy/term/json.h"
#include "policy/term/json_file.h"

namespace writ::rego {
namespace {

constexpr std::string_view kManifest = ".manifest";
constexpr std::string_view kPatch = "patch.json";

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::string> folders_of(std::string_view path) {
  std::vector<std::string> out;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/')) {
    out.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  return out;
}

bool is_data(std::string_view name) {
  constexpr std::array<std::string_view, 3> kNames = {"data.json", "data.yaml", "data.yml"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Every place of data must be below a root; objects above a root only lead to it.
Result<void> expect_owned(const Manifest& manifest, const Term& data, const std::string& path) {
  if (is_owned(manifest.roots, path)) return {};
  const bool leads_to_root =
      data.is_object() &&
      std::any_of(manifest.roots.begin(), manifest.roots.end(),
                  [&](const std::string& root) { return roots_overlap(root, path); });
  if (!leads_to_root) {
    std::string roots;
    for (const std::string& root : manifest.roots) roots += (roots.empty() ? "" : ", ") + root;
    return fail(Code::invalid_input, "manifest roots [" + roots +
                                         "] do not permit data at path '/" + path +
                                         "' (hint: check bundle directory structure)");
  }
  for (std::size_t i = 0; i < data.size(); ++i) {
    const Term& key = data.keys()[i];
    const std::string below =
        path.empty() ? std::string(key.text()) : path + "/" + std::string(key.text());
    WRIT_CHECK(expect_owned(manifest, data.values()[i], below));
  }
  return {};
}

Result<Patch> parse_patch(const Term& term) {
  constexpr std::array<std::pair<std::string_view, Patch::Operation>, 3> kOperations = {
      {{"upsert", Patch::Operation::upsert},
       {"remove", Patch::Operation::remove},
       {"replace", Patch::Operation::replace}}};
  const auto bad = [](const std::string& what) {
    return fail(Code::invalid_input, "patch.json: " + what);
  };
  if (!term.is_object()) return bad("an operation must be an object");
  const Term* const op = term.find("op");
  const Term* const path = term.find("path");
  if (op == nullptr || !op->is_string() || path == nullptr || !path->is_string()) {
    return bad("an operation needs `op` and `path`");
  }
  Patch patch;
  const auto* const known = std::find_if(kOperations.begin(), kOperations.end(),
                                         [&](const auto& row) { return row.first == op->text(); });
  if (known == kOperations.end()) return bad("bad patch operation: " + std::string(op->text()));
  patch.operation = known->second;
  WRIT_TRY(patch.path, parse_pointer(path->text()));
  const Term* const value = term.find("value");
  if (value != nullptr) patch.value = *value;
  if (value == nullptr && patch.operation != Patch::Operation::remove) {
    return bad(std::string(op->text()) + " needs a value");
  }
  return patch;
}

// Puts a bundle together file by file.
class Assembly {
 public:
  Result<Bundle> assemble(std::vector<ArchiveFile> files) {
    WRIT_CHECK(find_manifest(files));
    for (ArchiveFile& file : files) WRIT_CHECK(take(std::move(file)));
    return finish();
  }

 private:
  Result<void> find_manifest(const std::vector<ArchiveFile>& files) {
    for (const ArchiveFile& file : files) {
      if (file.path != kManifest) continue;
      WRIT_TRY(bundle_.manifest, parse_manifest(file.bytes));
    }
    return {};
  }

  Result<void> take(ArchiveFile file) {
    const std::string_view name = name_of(file.path);
    if (file.path == kPatch) return take_patch(file);
    if (is_data(name)) {
      has_content_ = true;
      WRIT_TRY(const Term value, parse_data_file(*arena_, file.bytes, file.path));
      const std::vector<std::string> place = folders_of(file.path);
      if (place.empty() && !value.is_object()) {
        return fail(Code::invalid_input, file.path + " at the top must hold an object");
      }
      WRIT_CHECK(data_.put(place, value));
    } else if (name.ends_with(".rego")) {
      has_content_ = true;
      const auto own = bundle_.manifest.file_rego_versions.find(file.path);
      const int version = own != bundle_.manifest.file_rego_versions.end()
                              ? own->second
                              : bundle_.manifest.rego_version;
      bundle_.modules.push_back({std::move(file.path), std::move(file.bytes), version});
    }
    return {};
  }

  Result<void> take_patch(const ArchiveFile& file) {
    bundle_.is_delta = true;
    WRIT_TRY(const Term patch, parse_json_file(*arena_, file.bytes, file.path));
    const Term* const rows = patch.is_object() ? patch.find("data") : nullptr;
    if (rows == nullptr || !rows->is_array()) {
      return fail(Code::invalid_input, "patch.json must have an array `data`");
    }
    for (const Term& row : rows->items()) {
      WRIT_TRY(Patch change, parse_patch(row));
      bundle_.patch.push_back(std::move(change));
    }
    return {};
  }

  Result<Bundle> finish() {
    if (bundle_.is_delta && has_content_) {
      return fail(Code::invalid_input, "a delta bundle holds a patch of data and nothing else");
    }
    if (!bundle_.is_delta) bundle_.data = data_.document(*arena_);
    if (!bundle_.is_delta) WRIT_CHECK(expect_owned(bundle_.manifest, bundle_.data, ""));
    for (const Patch& patch : bundle_.patch) {
      std::string path;
      for (const std::string& key : patch.path) path += (path.empty() ? "" : "/") + key;
      WRIT_CHECK(expect_owned(bundle_.manifest, Term(), path));
    }
    bundle_.arena = std::move(arena_);
    return std::move(bundle_);
  }

  Bundle bundle_;
  DataTree data_;
  std::shared_ptr<Arena> arena_ = std::make_shared<Arena>();  // becomes the bundle's
  bool has_content_ = false;
};

}  // namespace

Result<Bundle> make_bundle(std::vector<ArchiveFile> files) {
  return Assembly().assemble(std::move(files));
}

Result<Bundle> read_bundle(std::string_view bytes, const ArchiveLimits& limits) {
  WRIT_TRY(std::vector<ArchiveFile> files, read_archive(bytes, limits));
  WRIT_TRY(Bundle bundle, make_bundle(std::move(files)));
  bundle.size = bytes.size();
  return bundle;
}

std::vector<ArchiveFile> to_files(const Bundle& bundle) {
  std::vector<ArchiveFile> out;
  if (bundle.data.is_defined()) out.push_back({"data.json", to_json(bundle.data)});
  for (const BundleModule& module : bundle.modules) out.push_back({module.path, module.text});
  out.push_back({std::string(kManifest), to_json(bundle.manifest)});
  return out;
}

Result<void> expect_owned_package(const Manifest& manifest, std::string_view package,
                                  std::string_view module) {
  if (is_owned(manifest.roots, package)) return {};
  std::string roots;
  for (const std::string& root : manifest.roots) roots += (roots.empty() ? "" : ", ") + root;
  std::string dotted(package);
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  return fail(Code::invalid_input, "manifest roots [" + roots + "] do not permit 'package " +
                                       dotted + "' in module '" + std::string(module) + "'");
}

Result<void> expect_disjoint(const std::vector<NamedManifest>& bundles) {
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    for (std::size_t j = i + 1; j < bundles.size(); ++j) {
      for (const std::string& a : bundles[i].manifest->roots) {
        for (const std::string& b : bundles[j].manifest->roots) {
          if (!roots_overlap(a, b)) continue;
          return fail(Code::conflict,
                      "detected overlapping roots in manifests for these bundles: [" +
                          bundles[i].name + ", " + bundles[j].name + "] (" + (a.empty() ? "/" : a) +
                          " overlaps " + (b.empty() ? "/" : b) + ")");
        }
      }
    }
  }
  return {};
}

}  // namespace writ::rego
