#include "server/writ_server.h"

#include <utility>

#include "contract/openapi/description.h"
#include "net/server.h"
#include "server/api/api.h"
#include "server/api/core_operations.h"
#include "server/families.h"

namespace writ::server {
namespace {

// "localhost:8181" and ":8181" as OPA takes them.
std::string endpoint_of(const std::string& address) {
  constexpr std::string_view kLocal = "localhost:";
  if (address.starts_with(kLocal)) return "127.0.0.1:" + address.substr(kLocal.size());
  return address.starts_with(':') ? "0.0.0.0" + address : address;
}

}  // namespace

// In the order in which they need each other; the server goes first.
struct WritServer::Parts {
  explicit Parts(contract::Description described) : description(std::move(described)) {}

  Result<void> build(const WritServerOptions& options, const Clock& clock, Random& random);
  std::vector<net::Route> routes();

  const contract::Description description;
  std::unique_ptr<PolicySide> policy;
  std::unique_ptr<ProjectSide> project;  // null: policies alone
  Composition composition;
  std::unique_ptr<Api> api;
  std::unique_ptr<net::Server> server;
};

Result<void> WritServer::Parts::build(const WritServerOptions& options, const Clock& clock,
                                      Random& random) {
  CoreOptions core{description, {}, options.version, {}};
  if (!options.project.store_url.empty()) {
    WRIT_TRY(project, ProjectSide::open(options.project, clock, random));
    WRIT_TRY(composition, compose({*project, clock, random}));
    core.checks.push_back({"store", [&side = *project] { return side.check(); }});
  }
  put(composition, "policy", policy->operations());
  core.families = composition.families;
  core.families.insert("core");
  put(composition, "core", core_operations(core));
  ApiOptions api_options{.description = description, .clock = clock, .random = random};
  api_options.doorkeeper = composition.doorkeeper.get();
  api_options.families = composition.families;
  api_options.checks_answers = options.checks_answers;
  // A server of policies says of paths that are nobody's what Open Policy Agent says.
  if (project == nullptr) api_options.elsewhere = contract::ErrorShape::opa;
  WRIT_TRY(api, Api::build(std::move(composition.bindings), std::move(api_options)));
  return {};
}

std::vector<net::Route> WritServer::Parts::routes() {
  std::vector<net::Route> raw = api->raw_routes();
  for (net::Route& route : policy->other_routes()) raw.push_back(std::move(route));
  policy->guard(raw);
  std::vector<net::Route> out = api->routes();
  for (net::Route& route : raw) out.push_back(std::move(route));
  return out;
}

Result<std::unique_ptr<WritServer>> WritServer::start(const WritServerOptions& options,
                                                      const Clock& clock, Random& random) {
  WRIT_TRY(contract::Description description, contract::Description::own());
  auto parts = std::make_unique<Parts>(std::move(description));
  net::ServerOptions serving;
  for (const std::string& address : options.addresses) {
    serving.endpoints.push_back({endpoint_of(address), false});
  }
  PolicySideOptions policy = options.policy;
  policy.version = options.version;
  WRIT_TRY(parts->policy, PolicySide::open(policy, serving, clock, random));
  WRIT_CHECK(parts->build(options, clock, random));
  serving.render_error = [&api = *parts->api](const Error& error, const net::Request& request) {
    return api.render(error, request);
  };
  serving.on_served = [&policy = *parts->policy](const net::ServerOptions::Served& served) {
    policy.count(served);
  };
  WRIT_TRY(parts->server, net::Server::start(std::move(serving), parts->routes()));
  parts->policy->set_server(parts->server.get());
  if (parts->project != nullptr) {
    parts->project->start([&server = *parts->server] { server.wake(); });
  }
  return std::unique_ptr<WritServer>(new WritServer(std::move(parts)));
}

WritServer::WritServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

WritServer::~WritServer() {
  if (parts_->project != nullptr) parts_->project->stop();  // it wakes the server
  parts_->policy->set_server(nullptr);
}

std::vector<std::string> WritServer::addresses() const { return parts_->server->addresses(); }

void WritServer::drain(std::chrono::milliseconds patience) { parts_->server->drain(patience); }

}  // namespace writ::server
