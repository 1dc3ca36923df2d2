#pragma once
// Role based access as JSON: what the operations of the family `rbac` take and answer.
#include <cstdint>
#include <string>
#include <vector>

#include "base/value.h"
#include "identity/rbac/access_control.h"
#include "identity/rbac/access_model.h"

namespace writ::server {

Value to_value(const identity::Policy& policy);
Value to_value(const identity::AccessCheck& check);
// `changes`: those that the report is about.
Value to_value(const identity::AccessReport& report,
               const std::vector<identity::AccessChange>& changes);
Value to_value(const identity::AccessReplacement& replacement);
Value to_value(const identity::AccessDifference& difference);
Value names(const std::vector<std::string>& all);

// Requires of these: `body` keeps to the contract. A question looks into it.
identity::AccessQuestion question_of(const Value& body);
identity::AccessChange policy_change(identity::AccessVerb verb, const Value& body);
// Of a bulk: what is removed comes first, so that something may be replaced at once.
std::vector<identity::AccessChange> bulk_changes(const Value& body);

}  // namespace writ::server
