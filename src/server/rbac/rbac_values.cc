#include "server/rbac/rbac_values.h"

#include <string_view>
#include <utility>

namespace writ::server {
namespace {

using identity::AccessChange;
using identity::AccessVerb;

Value counted(const identity::AccessCounts& counts) {
  return Object{
      {"policies", counts.policies}, {"assignments", counts.assignments}, {"roles", counts.roles}};
}

Array policies(const std::vector<identity::Policy>& all) {
  Array out;
  out.reserve(all.size());
  for (const identity::Policy& policy : all) out.push_back(to_value(policy));
  return out;
}

Value to_value(const AccessChange& change, const identity::AccessItem& item) {
  Object out{{"change", identity::kAccessVerbs.name(change.verb)}, {"subject", change.subject}};
  if (change.verb == AccessVerb::assign_role || change.verb == AccessVerb::unassign_role) {
    out.append("role", change.object);
  } else {
    out.append("object", change.object);
    out.append("action", change.action);
  }
  out.append("outcome", identity::kAccessOutcomes.name(item.outcome));
  if (!item.detail.empty()) out.append("detail", item.detail);
  return out;
}

struct Part {
  std::string_view member;
  AccessVerb verb;
};
constexpr Part kParts[] = {{"remove", AccessVerb::remove_policy},
                           {"unassign", AccessVerb::unassign_role},
                           {"add", AccessVerb::add_policy},
                           {"assign", AccessVerb::assign_role}};

}  // namespace

Value names(const std::vector<std::string>& all) {
  Array out;
  out.reserve(all.size());
  for (const std::string& name : all) out.emplace_back(name);
  return out;
}

Value to_value(const identity::Policy& policy) {
  return Object{{"subject", policy.subject}, {"object", policy.object}, {"action", policy.action}};
}

Value to_value(const identity::AccessCheck& check) {
  const auto& matched = check.decision.matched;
  return Object{{"allowed", check.is_allowed},
                {"reason", check.reason},
                {"matched_policy", matched ? to_value(*matched) : Value()},
                {"via", names(check.decision.via)},
                {"objections", names(check.objections)},
                {"revision", check.revision}};
}

Value to_value(const identity::AccessDifference& difference) {
  return Object{{"gained", policies(difference.gained)},
                {"lost", policies(difference.lost)},
                {"subjects", difference.subjects},
                {"is_cut", difference.is_cut}};
}

Value to_value(const identity::AccessReport& report, const std::vector<AccessChange>& changes) {
  Array items;
  for (std::size_t i = 0; i < report.items.size(); ++i) {
    items.push_back(to_value(changes[i], report.items[i]));
  }
  Object out{
      {"applied", report.is_applied}, {"revision", report.revision}, {"items", std::move(items)}};
  if (report.difference) out.append("difference", to_value(*report.difference));
  return out;
}

Value to_value(const identity::AccessReplacement& replacement) {
  Object out{{"applied", replacement.is_applied},
             {"revision", replacement.revision},
             {"before", counted(replacement.before)},
             {"after", counted(replacement.after)}};
  if (replacement.difference) out.append("difference", to_value(*replacement.difference));
  if (!replacement.backup.empty()) out.append("backup", replacement.backup);
  return out;
}

identity::AccessQuestion question_of(const Value& body) {
  const Value* const context = body.find("context");
  return {.subject = body.string_or("subject", ""),
          .object = body.string_or("object", ""),
          .action = body.string_or("action", ""),
          .context = context == nullptr ? Value() : *context};
}

AccessChange policy_change(AccessVerb verb, const Value& body) {
  const bool names_role = verb == AccessVerb::assign_role || verb == AccessVerb::unassign_role;
  return {verb, std::string(body.string_or("subject", "")),
          std::string(body.string_or(names_role ? "role" : "object", "")),
          std::string(body.string_or("action", ""))};
}

std::vector<AccessChange> bulk_changes(const Value& body) {
  std::vector<AccessChange> out;
  for (const Part& part : kParts) {
    const Value* list = body.find(part.member);
    if (list == nullptr) continue;
    for (const Value& one : list->as_array()) out.push_back(policy_change(part.verb, one));
  }
  return out;
}

}  // namespace writ::server
