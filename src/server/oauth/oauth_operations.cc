#include "server/oauth/oauth_operations.h"

#include <utility>

#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

struct PageRow {
  std::string_view operation;
  Result<net::Answer> (*function)(const OauthRoom& room, const Call& call);
};
constexpr PageRow kPages[] = {
    {"answerOnPage", &answer_on_page},
    {"authorize", &show_authorization},
    {"decideAuthorization", &decide_authorization},
    {"showDelegations", &show_delegations},
    {"signInOnPage", &sign_in_on_page},
};

}  // namespace

std::vector<Binding> oauth_operations(const std::shared_ptr<AuthService>& service,
                                      const std::vector<std::string>& scopes,
                                      std::vector<OfferedProvider> providers) {
  std::vector<Binding> out = metadata_operations(service, scopes);
  out.push_back(server::bind(service, "approveDelegation", &answer_delegation));
  out.push_back(server::bind(service, "askDelegation", &ask_for_delegation));
  out.push_back(server::bind(service, "getDelegationRequest", &look_at_delegation));
  out.push_back(server::bind(service, "introspectToken", &introspect_token));
  out.push_back(server::bind(service, "issueToken", &issue_token));
  out.push_back(server::bind(service, "listDelegationRequests", &list_own_delegations));
  out.push_back(server::bind(service, "revokeToken", &revoke_token));
  out.push_back(server::bind(service, "changeClient", &change_client));
  out.push_back(server::bind(service, "deleteClient", &delete_client));
  out.push_back(server::bind(service, "endFormerClientSecret", &end_former_client_secret));
  out.push_back(server::bind(service, "getClient", &get_client));
  out.push_back(server::bind(service, "getUserinfo", &get_userinfo));
  out.push_back(server::bind(service, "listClients", &list_clients));
  out.push_back(server::bind(service, "listConsents", &list_own_consents));
  out.push_back(server::bind(service, "registerClient", &register_client));
  out.push_back(server::bind(service, "replaceClientSecret", &replace_client_secret));
  out.push_back(server::bind(service, "takeBackConsent", &take_back_own_consent));
  const auto room = std::make_shared<const OauthRoom>(OauthRoom{service, std::move(providers)});
  for (const PageRow& row : kPages) {
    out.push_back({row.operation, Operation([room, function = row.function](const Call& call) {
                     return function(*room, call);
                   })});
  }
  return out;
}

OriginCheck origins_of_clients(std::shared_ptr<AuthService> service) {
  return [service = std::move(service)](std::string_view origin) {
    return service->parts().store.read(
        [&](store::Tx& tx) { return identity::is_origin_of_public_application(tx, origin); });
  };
}

}  // namespace writ::server
