#pragma once
// Everything that decides about access, in memory and immutable: a check costs the same among a
// thousand policies and among a million, and grows only with the roles that the subject holds.
// A copy shares everything with its origin. A successor that differs in one policy shares all but
// what leads there (hash_trie.h), so writes do not rebuild, and readers need no lock.
//
// A value; any number of threads may read one.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "identity/rbac/access_model.h"
#include "identity/rbac/hash_trie.h"
#include "identity/rbac/keyed_hash.h"

namespace writ::identity {

struct AccessSubject;  // access_subject.h
struct RoleEdge;

struct AccessDecision {
  bool is_allowed = false;
  std::optional<Policy> matched = {};
  // From the subject to the one that the policy names, both included. Empty: not allowed.
  std::vector<std::string> via = {};
  std::size_t roles = 0;  // that were looked at, when it is not allowed
};

struct GrantedPolicy {
  Policy policy;
  std::vector<std::string> via;  // as above
};

struct AccessCounts {
  std::uint64_t policies = 0;
  std::uint64_t assignments = 0;
  std::uint64_t roles = 0;
  friend bool operator==(const AccessCounts&, const AccessCounts&) = default;
};

class AccessIndex {
 public:
  // Empty, revision 0.
  explicit AccessIndex(Random& random);

  std::uint64_t revision() const { return revision_; }
  const AccessCounts& counts() const { return counts_; }
  // Of the structures, measured; allocators take some more.
  std::size_t memory_bytes() const;

  // Allocates nothing up to 32 roles.
  bool allows(std::string_view subject, std::string_view object, std::string_view action) const;
  // The same with its reasons: the shortest way from the subject to a policy.
  AccessDecision decide(std::string_view subject, std::string_view object,
                        std::string_view action) const;

  bool has_policy(const Policy& policy) const;
  // Direct ones, by name.
  std::vector<std::string> roles_of(std::string_view subject) const;
  // Direct ones first, then theirs; each once.
  std::vector<std::string> implicit_roles_of(std::string_view subject) const;
  // Own ones and inherited ones, the nearest first. `visit` returns whether to go on.
  void for_each_permission(std::string_view subject,
                           const std::function<bool(GrantedPolicy)>& visit) const;
  bool is_role(std::string_view name) const;
  // Who holds the role directly, in no order. `visit` returns whether to go on.
  void for_each_member(std::string_view role,
                       const std::function<bool(std::string_view)>& visit) const;
  // Everybody who is named anywhere, in no order; roles are marked as such.
  void for_each_subject(
      const std::function<bool(std::string_view name, bool is_role)>& visit) const;
  const AccessSubject* find(std::string_view name) const;
  std::uint64_t hash_of(std::string_view object, std::string_view action) const;

 private:
  friend class AccessDraft;
  friend class AccessWalk;

  const AccessSubject* find(std::string_view name, std::uint64_t hash) const;
  const AccessSubject* find(const RoleEdge& role) const;

  KeyedHash hash_;
  HashTrie<AccessSubject> subjects_;
  AccessCounts counts_;
  std::uint64_t revision_ = 0;
};

}  // namespace writ::identity
