#include "identity/rbac/access_draft.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "identity/rbac/access_walk.h"

namespace writ::identity {
namespace {

// Edits of all indexes of this process: what one draft made no other takes for its own.
Edit next_edit() {
  static std::atomic<Edit> last{0};
  return ++last;
}

auto by_name(std::string_view name) {
  return [name](const AccessText& text) { return text.first() == name; };
}

}  // namespace

AccessDraft::AccessDraft(AccessIndex from) : next_(std::move(from)), edit_(next_edit()) {}

// The subject in a form that may be changed: made under this edit, and new if need be.
AccessSubject& AccessDraft::own(std::string_view name) {
  const std::uint64_t hash = next_.hash_(name);
  const AccessSubject* old = next_.find(name, hash);
  if (old != nullptr && old->made_under == edit_) return const_cast<AccessSubject&>(*old);
  auto* made = new AccessSubject;
  made->made_under = edit_;
  if (old == nullptr) {
    made->name = AccessText::make(hash, name);
    next_.subjects_.insert(edit_, hash, Ref<const AccessSubject>(made));
    return *made;
  }
  made->name = old->name;
  made->roles = old->roles;
  made->rules = old->rules;
  made->members = old->members;
  made->is_declared_role = old->is_declared_role;
  next_.subjects_.replace(edit_, hash, old, Ref<const AccessSubject>(made));
  return *made;
}

void AccessDraft::drop_if_idle(std::string_view name) {
  const std::uint64_t hash = next_.hash_(name);
  const AccessSubject* found = next_.find(name, hash);
  if (found != nullptr && found->is_idle()) next_.subjects_.erase(edit_, hash, found);
}

AccessOutcome AccessDraft::add_policy(const AccessChange& change) {
  if (next_.has_policy({change.subject, change.object, change.action})) {
    return AccessOutcome::nothing;
  }
  const std::uint64_t hash = next_.hash_of(change.object, change.action);
  own(change.subject)
      .rules.insert(edit_, hash, AccessText::make(hash, change.object, change.action));
  ++next_.counts_.policies;
  return AccessOutcome::done;
}

AccessOutcome AccessDraft::remove_policy(const AccessChange& change) {
  if (!next_.has_policy({change.subject, change.object, change.action})) {
    return AccessOutcome::nothing;
  }
  const std::uint64_t hash = next_.hash_of(change.object, change.action);
  AccessSubject& subject = own(change.subject);
  subject.rules.erase(edit_, hash, subject.find_rule(hash, change.object, change.action));
  --next_.counts_.policies;
  drop_if_idle(change.subject);
  return AccessOutcome::done;
}

// Whether `role` leads to `subject` already.
bool AccessDraft::closes_a_circle(std::string_view subject, std::string_view role) {
  circle_.clear();
  std::vector<std::string> way;
  if (subject == role) {
    way = {std::string(role)};
  } else {
    AccessWalk walk(next_, next_.find(role));
    const AccessSubject* here = walk.next();
    while (here != nullptr && here->text() != subject) here = walk.next();
    if (here == nullptr) return false;
    way = walk.way();
  }
  circle_ = subject;
  for (const std::string& name : way) circle_ += " -> " + name;
  return true;
}

AccessOutcome AccessDraft::assign(const AccessChange& change) {
  const std::string& role = change.object;
  const AccessSubject* subject = next_.find(change.subject);
  const auto holds = [&](const RoleEdge& held) { return held.text() == role; };
  if (subject != nullptr && std::ranges::any_of(subject->roles, holds)) {
    return AccessOutcome::nothing;
  }
  if (closes_a_circle(change.subject, role)) return AccessOutcome::refused;
  AccessSubject& holder = own(change.subject);
  AccessSubject& held = own(role);
  const auto at =
      std::ranges::lower_bound(holder.roles, std::string_view(role), {}, &RoleEdge::text);
  holder.roles.insert(at, {held.name->hash(), held.name});
  held.members.insert(edit_, holder.name->hash(), holder.name);
  if (!held.is_declared_role) {
    held.is_declared_role = true;
    ++next_.counts_.roles;
  }
  ++next_.counts_.assignments;
  return AccessOutcome::done;
}

AccessOutcome AccessDraft::unassign(const AccessChange& change) {
  const AccessSubject* subject = next_.find(change.subject);
  const auto holds = [&](const RoleEdge& held) { return held.text() == change.object; };
  if (subject == nullptr || std::ranges::none_of(subject->roles, holds)) {
    return AccessOutcome::nothing;
  }
  AccessSubject& holder = own(change.subject);
  AccessSubject& held = own(change.object);
  const std::uint64_t hash = holder.name->hash();
  held.members.erase(edit_, hash, held.members.find(hash, by_name(change.subject)));
  std::erase_if(holder.roles, holds);
  --next_.counts_.assignments;
  drop_if_idle(change.subject);
  return AccessOutcome::done;
}

AccessOutcome AccessDraft::declare(std::string_view role, bool is_declared) {
  const AccessSubject* found = next_.find(role);
  const bool was_declared = found != nullptr && found->is_declared_role;
  if (was_declared == is_declared) return AccessOutcome::nothing;
  if (!is_declared && (!found->members.empty() || !found->rules.empty() || !found->roles.empty())) {
    return AccessOutcome::refused;
  }
  own(role).is_declared_role = is_declared;
  if (is_declared) {
    ++next_.counts_.roles;
  } else {
    --next_.counts_.roles;
    drop_if_idle(role);
  }
  return AccessOutcome::done;
}

AccessOutcome AccessDraft::apply(const AccessChange& change) {
  switch (change.verb) {
    case AccessVerb::add_policy:
      return add_policy(change);
    case AccessVerb::remove_policy:
      return remove_policy(change);
    case AccessVerb::assign_role:
      return assign(change);
    case AccessVerb::unassign_role:
      return unassign(change);
    case AccessVerb::create_role:
      return declare(change.subject, true);
    case AccessVerb::delete_role:
      return declare(change.subject, false);
  }
  return AccessOutcome::refused;
}

}  // namespace writ::identity
