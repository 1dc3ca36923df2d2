#pragma once
// The family `oauth`: this server as an authorization server. Programs that act by themselves are
// service accounts and agents (identity/oauth/clients.h); those that people sign in to are
// registered (identity/oauth/applications.h).
#include <memory>
#include <string>
#include <vector>

#include "server/api/foreign_origins.h"
#include "server/api/operation.h"
#include "server/auth/auth_service.h"

namespace writ::server {

// Where the metadata of RFC 9728 stand, under the server's public URL.
inline constexpr std::string_view kProtectedResourcePath = "/.well-known/oauth-protected-resource";

// Who else people can sign in with, for the page that asks them to.
struct OfferedProvider {
  std::string name;
  std::string title;
};

// `scopes`: every one that the contract knows.
std::vector<Binding> oauth_operations(const std::shared_ptr<AuthService>& service,
                                      const std::vector<std::string>& scopes,
                                      std::vector<OfferedProvider> providers = {});

// For ApiOptions: the origins of public clients' redirect URIs. Keeps the service.
OriginCheck origins_of_clients(std::shared_ptr<AuthService> service);

}  // namespace writ::server
