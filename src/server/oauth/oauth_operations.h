#pragma once
// The family `oauth`: this server as an authorization server for programs. Clients are service
// accounts and agents (identity/oauth/clients.h); people sign in under /auth.
#include <memory>
#include <string>
#include <vector>

#include "server/api/operation.h"
#include "server/auth/auth_service.h"

namespace writ::server {

// Where the metadata of RFC 9728 stand, under the server's public URL.
inline constexpr std::string_view kProtectedResourcePath = "/.well-known/oauth-protected-resource";

// `scopes`: every one that the contract knows.
std::vector<Binding> oauth_operations(const std::shared_ptr<AuthService>& service,
                                      const std::vector<std::string>& scopes);

}  // namespace writ::server
