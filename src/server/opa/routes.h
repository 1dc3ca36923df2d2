#pragma once
// The paths of OPA's REST API. `service` is borrowed by the routes.
#include <vector>

#include "net/handler.h"

namespace writ::server {

class OpaService;

std::vector<net::Route> opa_routes(OpaService& service);

// For net::ServerOptions::render_error: what the server itself refuses, as OPA says it.
net::Response render_for_opa(const Error& error, const net::Request& request);

}  // namespace writ::server
