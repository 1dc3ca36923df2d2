#pragma once
// The paths of OPA's REST API. `service` is borrowed by the routes.
#include <vector>

#include "base/result.h"
#include "net/handler.h"
#include "server/api/operation.h"

namespace writ::server {

class OpaService;

// The family `policy` of contracts/openapi.yaml.
std::vector<Binding> opa_operations(OpaService& service);

// The routes of that family alone. Errors: as Api::build.
Result<std::vector<net::Route>> opa_routes(OpaService& service);

// For net::ServerOptions::render_error: what the server itself refuses, as OPA says it.
net::Response render_for_opa(const Error& error, const net::Request& request, int status);

}  // namespace writ::server
