#include "identity/oauth/refused_grants.h"

#include <algorithm>
#include <array>

#include "server/api/answers.h"
#include "server/auth/shapes.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

// What was sent is in no event: a grant is one of these, or none.
constexpr std::array<std::string_view, 4> kGrants{kAuthorizationCode, kRefreshToken,
                                                  kClientCredentials, kTokenExchange};

}  // namespace

Result<net::Answer> refuse_grant(AuthService& service, const Call& call, std::string_view client,
                                 identity::GrantFault fault, std::string_view why) {
  const std::string_view error = identity::kGrantFaults.name(fault);
  // Whoever waits for a person asks again and again.
  if (fault != identity::GrantFault::authorization_pending) {
    const auto* const grant = std::ranges::find(kGrants, text_of(call.body, "grant_type"));
    WRIT_CHECK(
        identity::tell_refused_grant(service.parts(),
                                     {.type = "writ.grant.refused",
                                      .client = client,
                                      .grant = grant == kGrants.end() ? std::string_view() : *grant,
                                      .error = error},
                                     service.asker_of(call)));
  }
  return oauth_error(400, error, why);
}

Result<void> tell_refused_authorization(AuthService& service, const Call& call,
                                        const RefusedAuthorization& refused) {
  WRIT_CHECK(identity::tell_refused_grant(service.parts(),
                                          {.type = "writ.authorization.refused",
                                           .client = refused.client,
                                           .error = refused.error,
                                           .person = refused.person},
                                          service.asker_of(call)));
  return {};
}

}  // namespace writ::server
