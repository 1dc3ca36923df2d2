#include "identity/rbac/access_index.h"

#include "identity/rbac/access_subject.h"
#include "identity/rbac/access_walk.h"

namespace writ::identity {

AccessIndex::AccessIndex(Random& random) : hash_(random.next_u64(), random.next_u64()) {}

const AccessSubject* AccessIndex::find(std::string_view name, std::uint64_t hash) const {
  return subjects_.find(hash,
                        [name](const AccessSubject& subject) { return subject.text() == name; });
}

// Both ends share the name, so no text is looked at.
const AccessSubject* AccessIndex::find(const RoleEdge& role) const {
  return subjects_.find(role.hash,
                        [&](const AccessSubject& subject) { return subject.name == role.name; });
}

const AccessSubject* AccessIndex::find(std::string_view name) const {
  return find(name, hash_(name));
}

std::uint64_t AccessIndex::hash_of(std::string_view object, std::string_view action) const {
  return hash_.pair(hash_(object), hash_(action));
}

bool AccessIndex::allows(std::string_view subject, std::string_view object,
                         std::string_view action) const {
  const AccessSubject* from = find(subject);
  if (from == nullptr) return false;
  const std::uint64_t rule = hash_of(object, action);
  AccessWalk walk(*this, from);
  while (const AccessSubject* here = walk.next()) {
    if (here->find_rule(rule, object, action) != nullptr) return true;
  }
  return false;
}

AccessDecision AccessIndex::decide(std::string_view subject, std::string_view object,
                                   std::string_view action) const {
  AccessDecision out;
  const std::uint64_t rule = hash_of(object, action);
  AccessWalk walk(*this, find(subject));
  while (const AccessSubject* here = walk.next()) {
    if (here->find_rule(rule, object, action) == nullptr) continue;
    out.is_allowed = true;
    out.matched = Policy{std::string(here->text()), std::string(object), std::string(action)};
    out.via = walk.way();
    return out;
  }
  out.roles = walk.known() == 0 ? 0 : walk.known() - 1;
  return out;
}

bool AccessIndex::has_policy(const Policy& policy) const {
  const AccessSubject* subject = find(policy.subject);
  return subject != nullptr && subject->find_rule(hash_of(policy.object, policy.action),
                                                  policy.object, policy.action) != nullptr;
}

std::vector<std::string> AccessIndex::roles_of(std::string_view subject) const {
  std::vector<std::string> out;
  const AccessSubject* found = find(subject);
  if (found == nullptr) return out;
  out.reserve(found->roles.size());
  for (const RoleEdge& role : found->roles) out.emplace_back(role.text());
  return out;
}

std::vector<std::string> AccessIndex::implicit_roles_of(std::string_view subject) const {
  std::vector<std::string> out;
  const AccessSubject* from = find(subject);
  AccessWalk walk(*this, from);
  while (const AccessSubject* here = walk.next()) {
    if (here != from) out.emplace_back(here->text());
  }
  return out;
}

void AccessIndex::for_each_permission(std::string_view subject,
                                      const std::function<bool(GrantedPolicy)>& visit) const {
  AccessWalk walk(*this, find(subject));
  while (const AccessSubject* here = walk.next()) {
    if (here->rules.empty()) continue;
    const std::vector<std::string> way = walk.way();
    const bool goes_on = here->rules.for_each([&](const AccessText& rule) {
      return visit({{way.back(), std::string(rule.first()), std::string(rule.second())}, way});
    });
    if (!goes_on) return;
  }
}

bool AccessIndex::is_role(std::string_view name) const {
  const AccessSubject* found = find(name);
  return found != nullptr && found->is_role();
}

void AccessIndex::for_each_member(std::string_view role,
                                  const std::function<bool(std::string_view)>& visit) const {
  const AccessSubject* found = find(role);
  if (found == nullptr) return;
  found->members.for_each([&](const AccessText& member) { return visit(member.first()); });
}

void AccessIndex::for_each_subject(
    const std::function<bool(std::string_view name, bool is_role)>& visit) const {
  subjects_.for_each(
      [&](const AccessSubject& subject) { return visit(subject.text(), subject.is_role()); });
}

std::size_t AccessIndex::memory_bytes() const {
  std::size_t out = subjects_.node_bytes();
  subjects_.for_each([&](const AccessSubject& subject) {
    out += sizeof(AccessSubject) + subject.name->memory_bytes() +
           subject.roles.capacity() * sizeof(RoleEdge) + subject.rules.node_bytes() +
           subject.members.node_bytes();
    subject.rules.for_each([&](const AccessText& rule) {
      out += rule.memory_bytes();
      return true;
    });
    return true;
  });
  return out;
}

}  // namespace writ::identity
