#include "server/policy_server.h"

#include <utility>

#include "base/id.h"
#include "bundles/subscriptions.h"
#include "net/server.h"
#include "policy/fabric/fabric.h"
#include "policy/load/load_fabric.h"
#include "policy/term/json.h"
#include "server/bundles/bundle_server.h"
#include "server/decisions/decisions.h"
#include "server/opa/door.h"
#include "server/opa/routes.h"
#include "server/opa/service.h"
#include "server/opa/status.h"

namespace writ::server {
namespace {

// As long as a route waits for its answer.
constexpr std::chrono::seconds kLongestDecision{30};
constexpr std::size_t kLargestDecision = std::size_t{256} << 20;

// "localhost:8181" and ":8181" as OPA takes them.
std::string endpoint_of(const std::string& address) {
  constexpr std::string_view kLocal = "localhost:";
  if (address.starts_with(kLocal)) return "127.0.0.1:" + address.substr(kLocal.size());
  return address.starts_with(':') ? "0.0.0.0" + address : address;
}

}  // namespace

DoorOptions door_options(const PolicyServerOptions& options) {
  DoorOptions out;
  out.access = options.access;
  out.access.decision = options.config.authorization_decision;
  out.gzip_from = options.config.gzip_from;
  out.gzip_level = options.config.gzip_level;
  return out;
}

StatusReporter::Status status_now(const OpaService& service, const rego::Fabric& fabric) {
  rego::Arena arena;
  const auto snapshot = fabric.snapshot();
  const rego::Term status = status_of(arena, service, *snapshot);
  return {to_json(status), to_json(news_of(arena, status))};
}

// In the order in which they need each other; the server goes first.
struct PolicyServer::Parts {
  explicit Parts(const Clock& clock) : fabric({.clock = &clock}) {}

  rego::Services services;
  rego::Fabric fabric;
  std::unique_ptr<Decisions> decisions;
  std::unique_ptr<bundles::BundleSubscriptions> bundles;
  std::unique_ptr<OpaService> opa;
  std::unique_ptr<StatusReporter> status;   // null: nobody is told
  std::unique_ptr<BundleServer> publisher;  // null: hands out no bundles
  std::unique_ptr<net::Server> server;
};

PolicyServer::PolicyServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PolicyServer::~PolicyServer() {
  parts_->opa->set_server(nullptr);
  if (parts_->publisher != nullptr) parts_->publisher->set_server(nullptr);
}

Result<std::unique_ptr<PolicyServer>> PolicyServer::start(const PolicyServerOptions& options,
                                                          const Clock& clock, Random& random) {
  auto parts = std::make_unique<Parts>(clock);
  parts->services.clock = &clock;
  parts->services.random = &random;
  WRIT_CHECK(rego::load_fabric({options.files, options.bundles, options.directory, options.loading},
                               parts->fabric));
  const ServerConfig& config = options.config;
  if (!config.bundles.empty()) {
    parts->bundles =
        std::make_unique<bundles::BundleSubscriptions>(config, parts->fabric, clock, random);
    parts->bundles->load_kept();
  }
  net::ServerOptions serving;
  for (const std::string& address : options.addresses) {
    serving.endpoints.push_back({endpoint_of(address), false});
  }
  serving.render_error = &render_for_opa;
  OpaOptions opa;
  opa.rego_version = options.loading.is_v0 ? 0 : 1;
  opa.version = options.version;
  opa.limits.time = kLongestDecision;
  opa.limits.memory_bytes = kLargestDecision;
  opa.id = Uuid::v7(clock, random).text();
  if (config.decision_logs) {
    std::map<std::string, std::string> labels = config.labels;
    labels["id"] = opa.id;
    labels["version"] = options.version;
    WRIT_TRY(parts->decisions,
             Decisions::open(*config.decision_logs, labels, clock, random, options.streams));
  }
  opa.default_decision = config.default_decision;
  opa.labels = config.labels;
  opa.configuration = config.shown;
  if (parts->bundles != nullptr) opa.bundles = &parts->bundles->board();
  parts->opa =
      std::make_unique<OpaService>(parts->fabric, parts->services, serving, std::move(opa));
  parts->opa->set_decisions(parts->decisions.get());
  serving.on_served = [&metrics = parts->opa->metrics()](const net::ServerOptions::Served& served) {
    metrics.count(served);
  };
  std::vector<net::Route> routes = opa_routes(*parts->opa);
  if (!config.bundle_directory.empty()) {
    parts->publisher = std::make_unique<BundleServer>(config.bundle_directory, clock);
    routes.push_back(parts->publisher->route());
  }
  put_door(*parts->opa, door_options(options), routes);
  if (config.status) {
    parts->status = std::make_unique<StatusReporter>(
        *config.status,
        [&service = *parts->opa, &fabric = parts->fabric] { return status_now(service, fabric); },
        clock, random, options.streams.console);
  }
  WRIT_TRY(parts->server, net::Server::start(std::move(serving), std::move(routes)));
  parts->opa->set_server(parts->server.get());
  if (parts->publisher != nullptr) parts->publisher->set_server(parts->server.get());
  if (parts->bundles != nullptr) parts->bundles->start();
  if (parts->status != nullptr) parts->status->start();
  return std::unique_ptr<PolicyServer>(new PolicyServer(std::move(parts)));
}

std::vector<std::string> PolicyServer::addresses() const { return parts_->server->addresses(); }

void PolicyServer::drain(std::chrono::milliseconds patience) { parts_->server->drain(patience); }

}  // namespace writ::server
