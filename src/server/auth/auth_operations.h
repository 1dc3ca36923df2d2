#pragma once
// The operations of the families `auth` and `users`.
#include <memory>
#include <vector>

#include "server/api/operation.h"
#include "server/auth/auth_service.h"

namespace writ::server {

std::vector<Binding> auth_operations(const std::shared_ptr<AuthService>& service);
std::vector<Binding> user_operations(const std::shared_ptr<AuthService>& service);

}  // namespace writ::server
