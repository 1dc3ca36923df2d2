#pragma once
// The contract and the functions, held together: routes that check a request against the contract
// before the function sees it, and render what comes back.
//
//   request → trace → who asks (Doorkeeper) → rate → scope → parameters and body → function →
//   answer
//
//   WRIT_TRY(auto api, Api::build(bindings, {.description = description, …}));
//   net::Server::start(…, api->routes());
//
// Thread-safe once built. Outlives the routes.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "contract/openapi/description.h"
#include "net/handler.h"
#include "observe/log.h"
#include "observe/span.h"
#include "server/api/doorkeeper.h"
#include "server/api/foreign_origins.h"
#include "server/api/operation.h"
#include "server/api/rate_limits.h"

namespace writ::server {

using Families = std::set<std::string, std::less<>>;

struct ApiOptions {
  // All are borrowed.
  const contract::Description& description;
  const Clock& clock;
  Random& random;
  Doorkeeper* doorkeeper = nullptr;  // null: nobody can be known; what asks for a caller is 401
  // Those that are switched on; of the others neither operations nor functions may be there.
  Families families = {};
  RateTable rates = {};  // empty: no limits
  // Proxies whose X-Forwarded-For is believed, by address.
  std::vector<std::string> trusted_proxies = {};
  // Of the metadata of RFC 9728, for WWW-Authenticate; empty: there are none.
  std::string resource_metadata = {};
  // Which other origins may read what the contract gives to clients (`x-origins`); empty: none.
  OriginCheck allows_origin = {};
  // The shape of errors about paths that are nobody's.
  contract::ErrorShape elsewhere = contract::ErrorShape::problem;
  // Begins the span of each request; borrowed. Null: there are none.
  observe::Tracer* tracer = nullptr;
  // Gets a line for each request that this server failed at, under the incident that its answer
  // names; borrowed. Null: none.
  observe::Log* log = nullptr;
  // Holds every answer to the contract: one that breaks it becomes a 500 that says how. For tests
  // and for whoever develops against the server.
  bool checks_answers = false;
};

class Api {
 public:
  // Errors: invalid_input with a diagnostic for each operation of the families without a function,
  // function without an operation, `x-raw` on one side only, schema that does not compile.
  static Result<std::unique_ptr<Api>> build(const std::vector<Binding>& bindings,
                                            ApiOptions options);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // All but the raw ones. They borrow the Api.
  std::vector<net::Route> routes() const;
  // Of `x-raw` operations: the functions as they were given.
  std::vector<net::Route> raw_routes() const;

  // For net::ServerOptions::render_error: what the server itself refuses, in the shape of the
  // operation it was meant for.
  net::Response render(const Error& error, const net::Request& request, int status) const;

 private:
  class Impl;
  explicit Api(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "/v1/data/{path...}": the pattern of an operation's path, for net.
std::string pattern_of(const contract::DescribedOperation& operation);

}  // namespace writ::server
