#pragma once
// A snapshot that is being made: a copy of the newest one, changed piece by piece. Whoever has it
// throws it away when a piece does not fit. Private to policy/fabric.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/fabric/fabric.h"

namespace writ::rego {

// "a/b", as roots are written.
std::string joined(std::span<const std::string> path);

class Draft {
 public:
  explicit Draft(Snapshot from) : next_(std::move(from)) {}

  Snapshot& next() { return next_; }
  // Where values of changes are copied to.
  Arena& arena() { return *arena_; }

  // Base documents. Values stand in `arena`, or in one that the snapshot holds.
  Result<void> apply(std::span<const Patch> patches);
  Result<void> put(std::span<const std::string> path, const Term& value);

  // Errors: invalid_input with diagnostics (the text does not parse).
  Result<void> put_policy(const std::string& id, PolicyText policy);
  Result<void> delete_policy(const std::string& id);

  Result<void> seed(Seed seed);
  Result<void> take(const NamedBundle& named);
  // Nothing of the bundle stays. None of that name: nothing happens.
  Result<void> erase(const std::string& name);

  // What a bundle holds is changed by that bundle alone. Errors: conflict.
  Result<void> expect_free(const std::string& path) const;

  // Compiles what is new, and looks whether rules and data stand in each other's place.
  Result<void> compile(const CompileOptions& options);
  // Makes one arena of many, when that pays.
  void compact(const FabricOptions& options);
  Snapshot take_snapshot() && { return std::move(next_); }

 private:
  Result<void> take_delta(const NamedBundle& named);
  Result<void> clear(const std::vector<std::string>& path);
  void drop_owned(const std::string& root);

  Snapshot next_;
  std::shared_ptr<Arena> arena_ = std::make_shared<Arena>();
  bool has_new_policies_ = false;
};

}  // namespace writ::rego
