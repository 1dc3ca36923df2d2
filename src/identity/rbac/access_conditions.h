#pragma once
// Conditions that an installation adds to role based access, in Rego: a module `writ.access` whose
// `deny` says why something must not be, although a policy permits it. It can take away and never
// give: it is asked only where a policy permits. Fails closed: what it cannot decide is denied.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// A value; any number of threads may ask.
class AccessConditions {
 public:
  AccessConditions() = default;  // none
  // A module that does not compile denies everything.
  explicit AccessConditions(std::string_view module);

  bool are_there() const { return policy_.has_value(); }
  // Empty: nothing against it. Requires: `decision` permits.
  std::vector<std::string> objections(const AccessQuestion& question,
                                      const AccessDecision& decision) const;

 private:
  std::optional<policy::OwnPolicy> policy_;
};

}  // namespace writ::identity
