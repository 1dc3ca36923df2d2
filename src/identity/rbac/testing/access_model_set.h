#pragma once
// Role based access said as plainly as it can be: sets, and a search at each question. What the
// index must agree with.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "identity/rbac/access_model.h"

namespace writ::identity {

class AccessModelSet {
 public:
  AccessOutcome apply(const AccessChange& change) {
    switch (change.verb) {
      case AccessVerb::add_policy:
        return said(policies.insert({change.subject, change.object, change.action}).second);
      case AccessVerb::remove_policy:
        return said(policies.erase({change.subject, change.object, change.action}) != 0);
      case AccessVerb::assign_role:
        if (roles[change.subject].contains(change.object)) return AccessOutcome::nothing;
        if (reaches(change.object, change.subject)) return AccessOutcome::refused;
        roles[change.subject].insert(change.object);
        declared.insert(change.object);
        return AccessOutcome::done;
      case AccessVerb::unassign_role:
        return said(roles[change.subject].erase(change.object) != 0);
      case AccessVerb::create_role:
        return said(declared.insert(change.subject).second);
      case AccessVerb::delete_role:
        break;  // made of the others (access_control.cc)
    }
    return AccessOutcome::refused;
  }

  // Direct ones first, each once.
  std::vector<std::string> implicit_roles(const std::string& subject) {
    std::vector<std::string> out;
    std::set<std::string> seen = {subject};
    std::deque<std::string> open = {subject};
    while (!open.empty()) {
      for (const std::string& role : roles[open.front()]) {
        if (!seen.insert(role).second) continue;
        out.push_back(role);
        open.push_back(role);
      }
      open.pop_front();
    }
    return out;
  }

  bool allows(const std::string& subject, const std::string& object, const std::string& action) {
    if (policies.contains({subject, object, action})) return true;
    for (const std::string& role : implicit_roles(subject)) {
      if (policies.contains({role, object, action})) return true;
    }
    return false;
  }

  bool reaches(const std::string& from, const std::string& to) {
    const std::vector<std::string> all = implicit_roles(from);
    return from == to || std::find(all.begin(), all.end(), to) != all.end();
  }

  std::set<Policy> policies;
  std::map<std::string, std::set<std::string>> roles;
  std::set<std::string> declared;

 private:
  static AccessOutcome said(bool is_done) {
    return is_done ? AccessOutcome::done : AccessOutcome::nothing;
  }
};

}  // namespace writ::identity
