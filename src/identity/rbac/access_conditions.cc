#include "identity/rbac/access_conditions.h"

#include "identity/rbac/access_index.h"
#include "identity/rbac/access_model.h"

namespace writ::identity {
namespace {

Value input_of(const AccessQuestion& question, const AccessDecision& decision) {
  const Policy policy = decision.matched.value_or(Policy{});
  Object matched;
  matched.append("subject", policy.subject);
  matched.append("object", policy.object);
  matched.append("action", policy.action);
  Array via;
  for (const std::string& name : decision.via) via.emplace_back(name);
  Object out;
  out.append("subject", question.subject);
  out.append("object", question.object);
  out.append("action", question.action);
  out.append("matched_policy", std::move(matched));
  out.append("via", std::move(via));
  out.append("context", question.context.is_null() ? Value(Object{}) : question.context);
  return out;
}

}  // namespace

AccessConditions::AccessConditions(std::string_view module)
    : policy_(std::in_place, module, "data.writ.access.deny") {}

std::vector<std::string> AccessConditions::objections(const AccessQuestion& question,
                                                      const AccessDecision& decision) const {
  if (!policy_) return {};
  const auto denied = policy_->decide(input_of(question, decision));
  if (!denied) return {"the conditions cannot be decided: " + denied.error().message};
  if (!denied->is_array()) return {"the conditions cannot be decided: `deny` is no set of texts"};
  std::vector<std::string> out;
  for (const Value& why : denied->as_array()) {
    out.push_back(why.is_string() ? why.as_string() : "denied by a condition without a text");
  }
  return out;
}

}  // namespace writ::identity
