#pragma once
// Who gains and who loses what, between two indexes: what a change would do, before it is made.
//
// Values.
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "identity/rbac/access_index.h"

namespace writ::identity {

struct AccessDifference {
  // Of subjects that are no roles: who may do what, whether by a policy of its own or by a role.
  std::vector<Policy> gained;
  std::vector<Policy> lost;
  std::size_t subjects = 0;  // that were looked at
  bool is_cut = false;       // there may be more than is told
};

struct DifferenceLimits {
  std::size_t entries = 1000;       // of each list
  std::size_t checks = 20'000'000;  // that may be spent
};

// `touched`: subjects and roles that the change names; whoever holds them is looked at as well.
AccessDifference difference(const AccessIndex& before, const AccessIndex& after,
                            const std::set<std::string>& touched,
                            const DifferenceLimits& limits = {});
// Of everybody.
AccessDifference difference(const AccessIndex& before, const AccessIndex& after,
                            const DifferenceLimits& limits = {});

}  // namespace writ::identity
