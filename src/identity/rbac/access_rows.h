#pragma once
// Access as it is kept: rows of policies, assignments and roles, the revision, and what changed at
// each of the last revisions, so that servers which share a database follow without reading it all.
// Changes go through access_control.h; others list.
//
// All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/rbac/access_draft.h"
#include "identity/rbac/access_index.h"
#include "store/store.h"

namespace writ::identity {

struct Role {
  std::string name;
  std::string description;
  WallTime created_at;
};

std::vector<store::Migration> access_migrations();

// 0 before the first change. It only rises.
Result<std::uint64_t> access_revision(store::Tx& tx);

// Writes rows of a change that took effect. Of roles that an assignment names first too: a role
// exists from then on. `description` is for create_role.
Result<void> put_change(store::Tx& tx, const AccessChange& change, std::string_view description);
// Changes of one revision, which is one more than the last. Beyond `kLoggedChanges` readers are
// told to read everything. Returns the new revision.
Result<std::uint64_t> raise_revision(store::Tx& tx, const std::vector<AccessChange>& changes);
// For whoever replaced rows (restore, reset): everybody reads them anew. The revision is then above
// what it was and above `least`.
Result<std::uint64_t> raise_revision_over_all(store::Tx& tx, std::uint64_t least = 0);

// What `tx` sees, made from `known` by what changed since, or read as a whole.
Result<AccessIndex> index_at(store::Tx& tx, const AccessIndex& known, const AccessIndex& empty);
Result<AccessIndex> read_everything(store::Tx& tx, const AccessIndex& empty);

Result<void> erase_all_access(store::Tx& tx);

// From behind `after`, by name.
Result<std::vector<Role>> list_roles(store::Tx& tx, std::string_view after, std::size_t limit);
Result<std::optional<Role>> find_role(store::Tx& tx, std::string_view name);
// In order of subject, object, action; only of `subject` if it is not empty; from behind `after`.
Result<std::vector<Policy>> list_policies(store::Tx& tx, std::string_view subject,
                                          const std::optional<Policy>& after, std::size_t limit);
// In order of subject and role; only of `subject` if it is not empty.
Result<std::vector<Assignment>> list_assignments(store::Tx& tx, std::string_view subject);

}  // namespace writ::identity
