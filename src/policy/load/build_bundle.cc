#include "policy/load/build_bundle.h"

#include <algorithm>
#include <set>

#include "policy/bundle/data_tree.h"
#include "policy/compile/compiler.h"
#include "policy/compile/rule_tree.h"
#include "policy/fabric/find_conflicts.h"
#include "policy/parse/parser.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

namespace fs = std::filesystem;

// Below `base` where that is possible; never with `..` or a leading slash.
std::string name_in_bundle(const fs::path& base, const std::string& file) {
  const fs::path path(file);
  const fs::path relative =
      path.is_absolute() && !base.empty() ? path.lexically_relative(base) : path.lexically_normal();
  fs::path out;
  for (const fs::path& part : relative) {
    const std::string name = part.generic_string();
    if (name != ".." && name != "." && name != "/") out /= part;
  }
  return out.generic_string();
}

// Where data.a.b stands for the entrypoint "a/b" (or "data.a.b").
std::vector<Term> place_of(Arena& arena, std::string_view entrypoint) {
  const char separator = entrypoint.starts_with("data.") ? '.' : '/';
  if (separator == '.') entrypoint.remove_prefix(5);
  std::vector<Term> out;
  while (!entrypoint.empty()) {
    const std::size_t end = std::min(entrypoint.find(separator), entrypoint.size());
    out.push_back(make_string(arena, entrypoint.substr(0, end)));
    entrypoint.remove_prefix(std::min(end + 1, entrypoint.size()));
  }
  return out;
}

// Bundles and loose files, put together.
class Gathering {
 public:
  explicit Gathering(const BuildOptions& options) : options_(options) {}

  Result<void> add_files(const std::vector<fs::path>& paths) {
    WRIT_TRY(loaded_, load_policies(paths, {}, options_.load));
    for (const ast::Module& module : loaded_.modules) {
      const std::string name = name_in_bundle(options_.base, module.file);
      WRIT_CHECK(add_module({name, module.source, options_.load.is_v0 ? 0 : 1}));
    }
    bundle_.manifest.rego_version = options_.load.is_v0 ? 0 : 1;
    errors_ = loaded_.errors;
    return tree_.put({}, loaded_.data);
  }

  Result<void> add_bundles(const std::vector<fs::path>& paths) {
    for (const fs::path& path : paths) {
      WRIT_TRY(std::vector<ArchiveFile> files, bundle_files(path, options_.load.ignored));
      auto bundle = make_verified_bundle(std::move(files), options_.load.verification,
                                         options_.load.signatures);
      if (!bundle) {
        return std::unexpected(std::move(bundle).error().context("reading " + path.string()));
      }
      if (bundle->is_delta) return fail(Code::unsupported, path.string() + " is a delta bundle");
      bundles_.push_back({path.string(), *std::move(bundle)});
    }
    std::vector<NamedManifest> manifests;
    for (const auto& [name, bundle] : bundles_) manifests.push_back({name, &bundle.manifest});
    WRIT_CHECK(expect_disjoint(manifests));
    return merge();
  }

  Result<BuiltBundle> finish() {
    auto arena = std::make_shared<Arena>();
    bundle_.data = tree_.document(*arena);
    bundle_.arena = arena;
    if (!options_.revision.empty()) bundle_.manifest.revision = options_.revision;
    WRIT_CHECK(check());
    if (!errors_.empty()) return BuiltBundle{{}, std::move(errors_)};
    std::vector<ArchiveFile> files = to_files(bundle_);
    if (options_.signing) {
      WRIT_TRY(ArchiveFile signatures, sign_bundle(files, *options_.signing));
      files.push_back(std::move(signatures));
    }
    WRIT_TRY(std::string bytes, write_archive(files));
    return BuiltBundle{std::move(bytes), {}};
  }

 private:
  Result<void> add_module(BundleModule module) {
    if (!names_.insert(module.path).second) {
      return fail(Code::conflict, "two modules are named " + module.path);
    }
    bundle_.modules.push_back(std::move(module));
    return {};
  }

  Result<void> merge() {
    bool is_first = true;
    for (auto& [name, bundle] : bundles_) {
      Manifest& own = bundle.manifest;
      Manifest& all = bundle_.manifest;
      if (is_first) {
        all = own;
      } else {
        all.roots.insert(all.roots.end(), own.roots.begin(), own.roots.end());
      }
      for (BundleModule& module : bundle.modules) {
        // One manifest speaks for all: what it does not say of a file is said by name.
        if (module.rego_version != all.rego_version) {
          all.file_rego_versions[module.path] = module.rego_version;
        }
        WRIT_CHECK(add_module(std::move(module)));
      }
      WRIT_CHECK(tree_.put({}, bundle.data));
      is_first = false;
    }
    return {};
  }

  Result<void> check() {
    std::vector<ast::Module> modules;
    for (const BundleModule& module : bundle_.modules) {
      auto parsed = parse_module(module.path, module.text, {.is_v0 = module.rego_version == 0});
      if (!parsed) {
        errors_.insert(errors_.end(), parsed.error().begin(), parsed.error().end());
        continue;
      }
      std::string package;
      for (const Term& part : parsed->package) {
        package += (package.empty() ? "" : "/") + std::string(part.text());
      }
      WRIT_CHECK(expect_owned_package(bundle_.manifest, package, module.path));
      modules.push_back(*std::move(parsed));
    }
    if (!errors_.empty()) return {};
    const auto program = compile(std::move(modules));
    errors_ = program ? find_conflicts(**program, bundle_.data) : program.error();
    if (!errors_.empty()) return {};
    return check_entrypoints(**program);
  }

  Result<void> check_entrypoints(const Program& program) {
    Arena arena;
    for (const std::string& entrypoint : options_.entrypoints) {
      if (package_node(program, place_of(arena, entrypoint)) != nullptr) continue;
      return fail(Code::invalid_input, "entrypoint " + entrypoint + " is no rule and no package",
                  "Name it as app/allow, for data.app.allow");
    }
    return {};
  }

  const BuildOptions& options_;
  Loaded loaded_;
  struct NamedBundle {
    std::string name;
    Bundle bundle;
  };
  std::vector<NamedBundle> bundles_;
  std::set<std::string> names_;
  DataTree tree_;
  Bundle bundle_;
  PolicyErrors errors_;
};

}  // namespace

Result<BuiltBundle> build_bundle(const std::vector<std::filesystem::path>& paths,
                                 const BuildOptions& options) {
  Gathering gathering(options);
  WRIT_CHECK(options.from_bundles ? gathering.add_bundles(paths) : gathering.add_files(paths));
  return gathering.finish();
}

}  // namespace writ::rego
