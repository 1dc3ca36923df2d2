#include "identity/approval_policy.h"

#include "identity/trust.h"
#include "policy/own/policy_text.h"

namespace writ::identity {
namespace {

constexpr std::string_view kName = "approval.rego";

Value key_value(const TrustedKey& key) {
  Array roles;
  for (const std::string& role : key.roles) roles.push_back(role);
  Object out{{"id", key.id().hex}, {"name", key.name}, {"roles", std::move(roles)}};
  if (key.expires) out.append("expires_at", key.expires->micros);
  if (key.revoked) out.append("revoked_at", key.revoked->at.micros);
  return out;
}

Value input_of(const AskedAct& asked) {
  Object out{{"act", asked.act},
             {"role", asked.role},
             {"runner", asked.runner},
             {"at", asked.at.micros},
             {"is_self_signed", asked.is_self_signed}};
  if (asked.key != nullptr) out.append("key", key_value(*asked.key));
  return out;
}

}  // namespace

ApprovalPolicy::ApprovalPolicy(std::string_view module)
    : policy_(module, "data.writ.approval.decision", kName) {}

const ApprovalPolicy& ApprovalPolicy::own() {
  static const ApprovalPolicy kOwn(policy::own_policy_text(kName));
  return kOwn;
}

Ruling ApprovalPolicy::rule(const AskedAct& asked) const {
  const Result<Value> decision = policy_.decide(input_of(asked));
  if (!decision) return {false, "broken", decision.error().message};
  const Value* allowed = decision->find("allowed");
  if (allowed != nullptr && *allowed == Value(true)) return {true};
  const std::string_view refusal = decision->string_or("refusal", "");
  if (allowed != nullptr && *allowed == Value(false) && !refusal.empty()) {
    return {false, std::string(refusal)};
  }
  return {false, "broken", "the policy's decision is not understood"};
}

}  // namespace writ::identity
