#include "server/oauth/oauth_operations.h"

#include <utility>

#include "server/oauth/oauth_parts.h"

namespace writ::server {

std::vector<Binding> oauth_operations(const std::shared_ptr<AuthService>& service,
                                      const std::vector<std::string>& scopes) {
  std::vector<Binding> out = metadata_operations(service, scopes);
  out.push_back(server::bind(service, "approveDelegation", &answer_delegation));
  out.push_back(server::bind(service, "askDelegation", &ask_for_delegation));
  out.push_back(server::bind(service, "getDelegationRequest", &look_at_delegation));
  out.push_back(server::bind(service, "introspectToken", &introspect_token));
  out.push_back(server::bind(service, "issueToken", &issue_token));
  out.push_back(server::bind(service, "listDelegationRequests", &list_own_delegations));
  out.push_back(server::bind(service, "revokeToken", &revoke_token));
  return out;
}

}  // namespace writ::server
