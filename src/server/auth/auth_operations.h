#pragma once
// The operations of the families `auth` and `users`.
#include <memory>
#include <vector>

#include "identity/rbac/access_control.h"
#include "server/api/operation.h"
#include "server/auth/auth_service.h"

namespace writ::server {

std::vector<Binding> auth_operations(const std::shared_ptr<AuthService>& service);
// `access`: whose roles and policies end with a user.
std::vector<Binding> user_operations(const std::shared_ptr<AuthService>& service,
                                     const std::shared_ptr<identity::AccessControl>& access);

}  // namespace writ::server
