#pragma once
// Conditions that an installation adds to role based access, in Rego: a module `writ.access` whose
// `deny` says why something must not be, although a policy permits it. It can take away and never
// give: it is asked only where a policy permits. Fails closed: what it cannot decide, or not within
// kConditionBudget, is denied.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "policy/own/own_policy.h"

namespace writ::identity {

struct AccessQuestion {
  std::string_view subject;
  std::string_view object;
  std::string_view action;
  Value context = {};  // what the caller says besides; null: nothing
};

struct AccessDecision;  // access_index.h

// A check is on the way of somebody's request.
inline constexpr policy::PolicyBudget kConditionBudget{.steps = 100'000,
                                                       .memory_bytes = std::size_t{16} << 20,
                                                       .time = std::chrono::milliseconds(500)};
inline constexpr std::size_t kMaxConditions = 262'144;  // bytes of a module

// A value; any number of threads may ask.
class AccessConditions {
 public:
  AccessConditions() = default;  // none
  // A module that does not compile denies everything.
  explicit AccessConditions(std::string_view module);
  // `name`: how messages name the module. Errors: invalid_input (it does not compile, with the
  // place; it is of another package).
  static Result<AccessConditions> parse(std::string_view module, std::string_view name);
  // Errors: those, not_found, storage_failed.
  static Result<AccessConditions> load(const std::filesystem::path& path);

  bool are_there() const { return policy_.has_value(); }
  const std::string& module() const { return module_; }
  std::string digest() const;  // SHA-256 of the module, in hex; empty: there is none
  // Empty: nothing against it. Requires: `decision` permits.
  std::vector<std::string> objections(const AccessQuestion& question,
                                      const AccessDecision& decision) const;

 private:
  AccessConditions(std::string_view module, std::string_view name);

  std::string module_;
  std::optional<policy::OwnPolicy> policy_;
};

}  // namespace writ::identity
