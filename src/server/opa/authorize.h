#pragma once
// Who may ask this server what: the policy `data.system.authz.allow`, as OPA has it. It decides
// true, false, or {"allowed": …, "reason": …} over
//
//   {"path": ["v1", "data", "app"], "method": "POST", "params": {"pretty": ["true"]},
//    "headers": {"Content-Type": ["application/json"]}, "body": …, "identity": "the token"}
//
// Nothing passes that it does not allow: a policy that is undefined, fails or runs out of its
// budget lets nobody in.
#include <optional>
#include <string>
#include <vector>

#include "net/handler.h"

namespace writ::server {

class OpaService;

struct AccessOptions {
  bool reads_tokens = false;  // `identity` is the bearer token of the request
  bool is_checked = false;    // else everything is allowed
  std::vector<std::string> decision{"system", "authz", "allow"};
};

// Whether the decision sees the request's body: only of a POST to /, /v0/data and /v1/data.
bool sees_body(const net::Request& request);

// What to answer instead; nothing when the request may pass. On a loop also that it must be decided
// elsewhere.
std::optional<net::Answer> refusal(OpaService& service, const AccessOptions& options,
                                   const net::Request& request, const net::Context& context);

}  // namespace writ::server
