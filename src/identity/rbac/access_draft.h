#pragma once
// The successor of an index, while it is being made. Private to identity/rbac, tests and
// benchmarks.
//
// One thread; each change may look at what the ones before did.
#include <string>
#include <string_view>

#include "identity/rbac/access_index.h"
#include "identity/rbac/access_subject.h"

namespace writ::identity {

class AccessDraft {
 public:
  explicit AccessDraft(AccessIndex from);

  const AccessIndex& index() const { return next_; }
  void set_revision(std::uint64_t revision) { next_.revision_ = revision; }
  // Nothing may be changed afterwards.
  AccessIndex take() && { return std::move(next_); }

  // `refused`: the roles would run in a circle, or a role that is deleted still has policies or
  // holders: its parts go first.
  AccessOutcome apply(const AccessChange& change);
  // "a -> b -> a": the circle that made the last change be refused.
  const std::string& circle() const { return circle_; }

 private:
  AccessSubject& own(std::string_view name);
  void drop_if_idle(std::string_view name);
  AccessOutcome add_policy(const AccessChange& change);
  AccessOutcome remove_policy(const AccessChange& change);
  AccessOutcome assign(const AccessChange& change);
  AccessOutcome unassign(const AccessChange& change);
  AccessOutcome declare(std::string_view role, bool is_declared);
  bool closes_a_circle(std::string_view subject, std::string_view role);

  AccessIndex next_;
  const Edit edit_;
  std::string circle_;
};

}  // namespace writ::identity
