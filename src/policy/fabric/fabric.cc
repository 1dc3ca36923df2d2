#include "policy/fabric/fabric.h"

#include <utility>

#include "policy/fabric/draft.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

Result<void> expect_own(const Snapshot& snapshot, const std::string& id) {
  const auto at = snapshot.policies.find(id);
  if (at == snapshot.policies.end() || at->second.bundle.empty()) return {};
  return fail(Code::conflict, "policy " + id + " is owned by bundle \"" + at->second.bundle + "\"");
}

}  // namespace

Fabric::Fabric(const FabricOptions& options) : options_(options) {
  auto empty = std::make_shared<Snapshot>();
  auto program = compile({}, options_.compile);
  WRIT_ASSERT(program.has_value());  // nothing to compile
  empty->program = *std::move(program);
  current_ = std::move(empty);
}

std::shared_ptr<const Snapshot> Fabric::snapshot() const {
  const std::lock_guard lock(pointer_);
  return current_;
}

template <typename Change>
Result<void> Fabric::edit(Change&& change) {
  const std::lock_guard edits(edits_);
  Draft draft(*snapshot());
  WRIT_CHECK(std::forward<Change>(change)(draft));
  WRIT_CHECK(draft.compile(options_.compile));
  draft.compact(options_);
  const std::uint64_t number = version() + 1;
  draft.next().version = number;
  auto next = std::make_shared<const Snapshot>(std::move(draft).take_snapshot());
  {
    const std::lock_guard lock(pointer_);
    std::swap(current_, next);
  }
  version_.store(number, std::memory_order_release);
  return {};  // the old snapshot ends here, outside the lock
}

Result<void> Fabric::seed(Seed seed) {
  return edit([&](Draft& draft) -> Result<void> {
    if (!draft.next().bundles.empty()) {
      return fail(Code::conflict, "what a server begins with comes before its bundles");
    }
    return draft.seed(std::move(seed));
  });
}

Result<void> Fabric::put_policy(const std::string& id, std::string text, int rego_version) {
  return edit([&](Draft& draft) -> Result<void> {
    WRIT_CHECK(expect_own(draft.next(), id));
    WRIT_CHECK(draft.put_policy(id, {std::move(text), rego_version, {}, {}}));
    return draft.expect_free(draft.next().policies[id].package);
  });
}

Result<void> Fabric::delete_policy(const std::string& id) {
  return edit([&](Draft& draft) -> Result<void> {
    WRIT_CHECK(expect_own(draft.next(), id));
    return draft.delete_policy(id);
  });
}

Result<void> Fabric::put_data(std::span<const std::string> path, const Term& value) {
  return edit([&](Draft& draft) -> Result<void> {
    WRIT_CHECK(draft.expect_free(joined(path)));
    if (path.empty() && !value.is_object()) {
      return fail(Code::invalid_input, "data must be an object");
    }
    return draft.put(path, copy_term(draft.arena(), value));
  });
}

Result<void> Fabric::patch_data(std::span<const Patch> patches) {
  return edit([&](Draft& draft) -> Result<void> {
    std::vector<Patch> own(patches.begin(), patches.end());
    for (Patch& patch : own) {
      WRIT_CHECK(draft.expect_free(joined(patch.path)));
      patch.value = copy_term(draft.arena(), patch.value);
    }
    return draft.apply(own);
  });
}

Result<void> Fabric::activate(std::span<const NamedBundle> bundles) {
  return edit([&](Draft& draft) -> Result<void> {
    // All go before any comes: a root may move from one of them to another.
    for (const NamedBundle& named : bundles) {
      if (!named.bundle->is_delta) WRIT_CHECK(draft.erase(named.name));
    }
    std::vector<NamedManifest> all;
    for (const auto& [name, bundle] : draft.next().bundles) all.push_back({name, &bundle.manifest});
    for (const NamedBundle& named : bundles) {
      if (!named.bundle->is_delta) all.push_back({named.name, &named.bundle->manifest});
    }
    WRIT_CHECK(expect_disjoint(all));
    for (const NamedBundle& named : bundles) {
      WRIT_CHECK(draft.take(named));
      if (options_.clock == nullptr) continue;
      draft.next().bundles.at(named.name).activated = options_.clock->wall();
    }
    return {};
  });
}

Result<void> Fabric::activate(const std::string& name, const Bundle& bundle, std::string etag) {
  const NamedBundle one{name, &bundle, std::move(etag)};
  return activate(std::span(&one, 1));
}

Result<void> Fabric::deactivate(const std::string& name) {
  return edit([&](Draft& draft) -> Result<void> {
    if (!draft.next().bundles.contains(name)) {
      return fail(Code::not_found, "bundle \"" + name + "\" is not active");
    }
    return draft.erase(name);
  });
}

}  // namespace writ::rego
