#pragma once
// What operations answer with.
#include <string_view>

#include "base/value.h"
#include "net/handler.h"

namespace writ::server {

net::Response json(int status, const Value& body);
// 204.
net::Response no_content();
// {"detail": "LOGIN_BAD_CREDENTIALS"}, for operations whose errors are `detail`.
net::Response detail(int status, std::string_view code);
// {"detail": {"code": "REGISTER_INVALID_PASSWORD", "reason": "…"}}
net::Response detail(int status, std::string_view code, std::string_view reason);
// {"error": "invalid_grant", "error_description": "…"}, for operations whose errors are `oauth`.
net::Response oauth_error(int status, std::string_view error, std::string_view description = {});

}  // namespace writ::server
