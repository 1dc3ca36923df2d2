#pragma once
// One function for each operation of OPA's API; routes.cc says which path and method is whose.
#include "base/result.h"
#include "net/handler.h"

namespace writ::server {

class OpaService;

using OpaHandler = Result<net::Answer> (*)(OpaService&, const net::Request&, net::Context&);

// data.cc
Result<net::Answer> get_data(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> post_data(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> post_v0_data(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> post_default(OpaService&, const net::Request&, net::Context&);
// documents.cc
Result<net::Answer> put_data(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> patch_data(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> delete_data(OpaService&, const net::Request&, net::Context&);
// policies.cc
Result<net::Answer> list_policies(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> get_policy(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> put_policy(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> delete_policy(OpaService&, const net::Request&, net::Context&);
// query.cc
Result<net::Answer> get_query(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> post_query(OpaService&, const net::Request&, net::Context&);
// compile.cc
Result<net::Answer> post_compile(OpaService&, const net::Request&, net::Context&);
// filters.cc
Result<net::Answer> post_filters(OpaService&, const net::Request&, net::Context&);
// about.cc
Result<net::Answer> get_config(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> get_status(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> get_metrics(OpaService&, const net::Request&, net::Context&);
// health.cc
Result<net::Answer> get_health(OpaService&, const net::Request&, net::Context&);
Result<net::Answer> get_health_rule(OpaService&, const net::Request&, net::Context&);

}  // namespace writ::server
