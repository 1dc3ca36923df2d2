#pragma once
// Who may do what in one run: the trust at its base revision, and the key that runs it. A policy
// decides (identity/approval_policy.h); the key that runs is never a key that approves.
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"
#include "identity/approval_policy.h"
#include "identity/trust.h"

namespace writ::identity {

enum class Act : std::uint8_t {
  approve,  // also: reject
  attest,
  resolve,  // a blocker
  run,
  submit,  // evidence for an external step
};

std::string_view act_name(Act act);

// The role that lifts a blocker when the law names none.
inline constexpr std::string_view kResolverRole = "maintainer";

// Accepts "role:maintainer" and "maintainer", as plans write `by`.
// Errors: invalid_input.
Result<std::string> parse_role(std::string_view by);

class Authority {
 public:
  // `trust` and `policy` are borrowed and must outlive this.
  Authority(const Trust& trust, const crypto::PublicKey& runner,
            const ApprovalPolicy& policy = ApprovalPolicy::own());

  const Trust& trust() const { return *trust_; }
  const crypto::KeyId& runner() const { return runner_; }

  // Whether `who` may act at `at`. `role` is what the plan demands for approve, resolve and
  // submit; an empty one means, for submit, any role. Run and attest ask for their own role.
  // The pointer lives as long as the trust. Errors: not_permitted, saying why and what to do.
  Result<const TrustedKey*> require(Act act, const crypto::KeyId& who, std::string_view role,
                                    WallTime at) const;

 private:
  const Trust* trust_;
  crypto::KeyId runner_;
  const ApprovalPolicy* policy_;
};

}  // namespace writ::identity
