#pragma once
// Who may do what, as a policy decides it: policies/approval.rego over the act that is asked for
// (docs/architecture/trust.md). Fails closed: what the policy does not allow, or cannot answer, is
// refused.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "policy/own/own_policy.h"

namespace writ::identity {

struct TrustedKey;  // identity/trust.h

struct AskedAct {
  std::string_view act;     // "approve"
  std::string_view role;    // that the plan demands; may be empty
  std::string_view runner;  // id of the key that runs
  const TrustedKey* key;    // of who acts; nullptr: not trusted
  WallTime at;
  bool is_self_signed = false;
};

struct Ruling {
  bool is_allowed = false;
  // Why not: one of the policy's words ("runs_it"); `broken` says what is wrong with the policy.
  std::string refusal = {};
  std::string broken = {};
};

// A value; any number of threads may ask.
class ApprovalPolicy {
 public:
  // The one that is built in; made once.
  static const ApprovalPolicy& own();
  explicit ApprovalPolicy(std::string_view module);

  Ruling rule(const AskedAct& asked) const;

 private:
  policy::OwnPolicy policy_;
};

}  // namespace writ::identity
