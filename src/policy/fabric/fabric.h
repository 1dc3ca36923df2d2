#pragma once
// What decisions are made from: policies, data, and the bundles they came in, as one immutable
// snapshot. Changes make a new snapshot, whole or not at all, and publish it by one pointer;
// decisions that run keep the one they began with.
//
// Thread-safe. Changes wait for each other; readers wait for nobody (fabric/session.h).
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "policy/bundle/bundle.h"
#include "policy/bundle/patch.h"
#include "policy/compile/compiler.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

struct PolicyText {
  std::string text;
  int rego_version = 1;
  std::string bundle;   // that it came in; empty: put by somebody
  std::string package;  // "app/sub"; the fabric fills it in
};

struct ActiveBundle {
  Manifest manifest;
  std::string etag;
  bool is_delta = false;
  std::uint64_t size = 0;
  std::optional<WallTime> activated;  // when the fabric has a clock
};

// Owns a part of what data is made of. Of a bundle: goes with it.
struct HeldArena {
  std::shared_ptr<const Arena> arena;
  std::string bundle;
};

struct Snapshot {
  std::uint64_t version = 0;                   // of this fabric, one more with each change
  std::map<std::string, PolicyText> policies;  // by id: a file's path, "bundle/path"
  std::shared_ptr<const Program> program;
  Term data = empty_object();
  std::vector<HeldArena> arenas;  // shared with older snapshots
  std::map<std::string, ActiveBundle> bundles;
};

struct NamedBundle {
  std::string name;
  const Bundle* bundle;
  std::string etag;
};

struct FabricOptions {
  CompileOptions compile{};
  const Clock* clock = nullptr;  // borrowed; says when bundles were activated
  // Changes of data pile up small arenas. Beyond so many the document is copied into one, once
  // they hold as much as the largest, or there are `far_too_many_arenas`.
  std::size_t most_arenas = 64;
  std::size_t far_too_many_arenas = 4096;
};

// What a server begins with beside its bundles.
struct Seed {
  std::map<std::string, PolicyText> policies;
  Term data = empty_object();
  std::vector<std::shared_ptr<const Arena>> arenas;  // own data
};

class Fabric {
 public:
  explicit Fabric(const FabricOptions& options = {});

  std::shared_ptr<const Snapshot> snapshot() const;
  // Of the newest snapshot; cheap to ask before each decision.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

  // Replaces everything that no bundle owns. Copies no data. Errors: as below.
  Result<void> seed(Seed seed);
  // Errors: invalid_input with a diagnostic for each error of the policies as they would be
  // together, and for rules where data stands; conflict where a bundle owns the place; not_found.
  Result<void> put_policy(const std::string& id, std::string text, int rego_version = 1);
  Result<void> delete_policy(const std::string& id);
  // Below `path` everything becomes `value`, which is copied.
  Result<void> put_data(std::span<const std::string> path, const Term& value);
  // All of them or none.
  Result<void> patch_data(std::span<const Patch> patches);

  // Replaces what the bundle of that name held, or changes it (delta). On an error everything stays
  // as it was. Errors: invalid_input (policies that do not compile, a package outside the roots),
  // conflict (roots that another bundle owns), not_found (a delta of a bundle that is not active).
  Result<void> activate(const std::string& name, const Bundle& bundle, std::string etag = {});
  Result<void> deactivate(const std::string& name);
  // Several at once, in one change: policies of one may need the other.
  Result<void> activate(std::span<const NamedBundle> bundles);

 private:
  // Runs `change` on a copy of the newest snapshot, compiles what it left, publishes.
  template <typename Change>
  Result<void> edit(Change&& change);

  const FabricOptions options_;
  std::mutex edits_;            // one change at a time
  mutable std::mutex pointer_;  // guards current_ while its pointer is copied
  std::shared_ptr<const Snapshot> current_;
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace writ::rego
