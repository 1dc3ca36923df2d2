#include "policy/fabric/draft.h"

#include <algorithm>
#include <utility>

#include "policy/fabric/find_conflicts.h"
#include "policy/parse/parser.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

// "app/sub" of `package app.sub`.
std::string package_of(const ast::Module& module) {
  std::string out;
  for (const Term& part : module.package) {
    if (!out.empty()) out += '/';
    out += part.text();
  }
  return out;
}

Result<ast::Module> parse(const std::string& id, const PolicyText& policy) {
  ParseOptions options;
  options.is_v0 = policy.rego_version == 0;
  auto module = parse_module(id, policy.text, options);
  if (!module) return fail(module.error());
  return *std::move(module);
}

std::vector<std::string> segments_of(const std::string& root) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (!root.empty() && begin <= root.size()) {
    const std::size_t slash = std::min(root.find('/', begin), root.size());
    out.push_back(root.substr(begin, slash - begin));
    begin = slash + 1;
  }
  return out;
}

}  // namespace

std::string joined(std::span<const std::string> path) {
  std::string out;
  for (const std::string& key : path) {
    if (!out.empty()) out += '/';
    out += key;
  }
  return out;
}

Result<void> Draft::apply(std::span<const Patch> patches) {
  WRIT_TRY(next_.data, apply_patches(*arena_, next_.data, patches));
  if (!next_.data.is_object()) return fail(Code::invalid_input, "data must be an object");
  return {};
}

Result<void> Draft::put(std::span<const std::string> path, const Term& value) {
  Patch patch;
  patch.path.assign(path.begin(), path.end());
  patch.value = value;
  if (path.empty()) patch.operation = Patch::Operation::replace;
  return apply(std::span(&patch, 1));
}

Result<void> Draft::clear(const std::vector<std::string>& path) {
  if (path.empty()) {
    next_.data = empty_object();
    return {};
  }
  if (!at_path(next_.data, path).is_defined()) return {};
  Patch patch;
  patch.operation = Patch::Operation::remove;
  patch.path = path;
  return apply(std::span(&patch, 1));
}

Result<void> Draft::put_policy(const std::string& id, PolicyText policy) {
  WRIT_TRY(const ast::Module module, parse(id, policy));
  policy.package = package_of(module);
  next_.policies[id] = std::move(policy);
  has_new_policies_ = true;
  return {};
}

Result<void> Draft::delete_policy(const std::string& id) {
  const auto at = next_.policies.find(id);
  if (at == next_.policies.end()) {
    return fail(Code::not_found, "storage_not_found_error: policy id \"" + id + "\"");
  }
  next_.policies.erase(at);
  has_new_policies_ = true;
  return {};
}

Result<void> Draft::seed(Seed seed) {
  std::erase_if(next_.policies, [](const auto& row) { return row.second.bundle.empty(); });
  next_.data = seed.data;
  for (auto& arena : seed.arenas) next_.arenas.push_back({std::move(arena), ""});
  for (auto& [id, policy] : seed.policies) WRIT_CHECK(put_policy(id, std::move(policy)));
  return {};
}

Result<void> Draft::erase(const std::string& name) {
  const auto at = next_.bundles.find(name);
  if (at == next_.bundles.end()) return {};
  for (const std::string& root : at->second.manifest.roots) WRIT_CHECK(clear(segments_of(root)));
  std::erase_if(next_.policies, [&](const auto& row) { return row.second.bundle == name; });
  // Its values stood below its roots and nowhere else.
  std::erase_if(next_.arenas, [&](const HeldArena& held) { return held.bundle == name; });
  next_.bundles.erase(at);
  has_new_policies_ = true;
  return {};
}

// From now on the root is a bundle's: what others had put there goes.
void Draft::drop_owned(const std::string& root) {
  std::erase_if(next_.policies, [&](const auto& row) {
    return row.second.bundle.empty() && is_owned({root}, row.second.package);
  });
}

Result<void> Draft::take(const NamedBundle& named) {
  if (named.bundle->is_delta) return take_delta(named);
  const Bundle& bundle = *named.bundle;
  next_.arenas.push_back({bundle.arena, named.name});
  for (const std::string& root : bundle.manifest.roots) {
    const std::vector<std::string> path = segments_of(root);
    drop_owned(root);
    WRIT_CHECK(clear(path));
    const Term value = at_path(bundle.data, path);
    if (!value.is_defined()) continue;
    if (path.empty()) {
      next_.data = value;
    } else {
      WRIT_CHECK(put(path, value));
    }
  }
  for (const BundleModule& module : bundle.modules) {
    const std::string id = named.name + "/" + module.path;
    WRIT_CHECK(put_policy(id, {module.text, module.rego_version, named.name, {}}));
    WRIT_CHECK(expect_owned_package(bundle.manifest, next_.policies[id].package, id));
  }
  next_.bundles[named.name] = {bundle.manifest, named.etag, false, bundle.size, {}};
  has_new_policies_ = true;
  return {};
}

Result<void> Draft::take_delta(const NamedBundle& named) {
  const auto at = next_.bundles.find(named.name);
  if (at == next_.bundles.end()) {
    return fail(Code::not_found,
                "a delta came for bundle \"" + named.name + "\", which is not active");
  }
  ActiveBundle& active = at->second;
  for (const Patch& patch : named.bundle->patch) {
    if (is_owned(active.manifest.roots, joined(patch.path))) continue;
    return fail(Code::invalid_input, "the delta of bundle \"" + named.name + "\" changes " +
                                         joined(patch.path) + ", which is not below its roots");
  }
  next_.arenas.push_back({named.bundle->arena, named.name});
  WRIT_CHECK(apply(named.bundle->patch));
  active.manifest.revision = named.bundle->manifest.revision;
  active.etag = named.etag;
  active.is_delta = true;
  active.size = named.bundle->size;
  return {};
}

Result<void> Draft::expect_free(const std::string& path) const {
  const auto owner = std::ranges::find_if(next_.bundles, [&](const auto& named) {
    return std::ranges::any_of(named.second.manifest.roots,
                               [&](const std::string& root) { return roots_overlap(root, path); });
  });
  if (owner == next_.bundles.end()) return {};
  if (path.empty()) {
    return fail(Code::conflict, "can't write to document root with bundle roots configured");
  }
  return fail(Code::conflict, "path " + path + " is owned by bundle \"" + owner->first + "\"");
}

Result<void> Draft::compile(const CompileOptions& options) {
  if (has_new_policies_) {
    std::vector<ast::Module> modules;
    for (const auto& [id, policy] : next_.policies) {
      WRIT_TRY(ast::Module module, parse(id, policy));
      modules.push_back(std::move(module));
    }
    auto program = rego::compile(std::move(modules), options);
    if (!program) return fail(program.error());
    next_.program = *std::move(program);
  }
  const PolicyErrors conflicts = find_conflicts(*next_.program, next_.data);
  if (!conflicts.empty()) return fail(conflicts);
  return {};
}

void Draft::compact(const FabricOptions& options) {
  if (arena_->used() > 0) next_.arenas.push_back({arena_, ""});
  const std::size_t count = next_.arenas.size();
  if (count <= options.most_arenas) return;
  std::size_t sum = 0;
  std::size_t largest = 0;
  for (const HeldArena& held : next_.arenas) {
    sum += held.arena->used();
    largest = std::max(largest, held.arena->used());
  }
  if (sum - largest < largest && count <= options.far_too_many_arenas) return;
  auto whole = std::make_shared<Arena>();
  next_.data = copy_term(*whole, next_.data);
  next_.arenas.assign(1, {std::move(whole), ""});
}

}  // namespace writ::rego
