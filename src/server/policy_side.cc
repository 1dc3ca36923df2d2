#include "server/policy_side.h"

#include <map>
#include <utility>

#include "base/id.h"
#include "bundles/subscriptions.h"
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

DoorOptions door_options(const PolicySideOptions& options) {
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

}  // namespace

// In the order in which they need each other.
struct PolicySide::Parts {
  explicit Parts(const Clock& clock) : fabric({.clock = &clock}) {}

  Result<void> open_decisions(const PolicySideOptions& options, const std::string& id,
                              const Clock& clock, Random& random);

  rego::Services services;
  rego::Fabric fabric;
  std::unique_ptr<Decisions> decisions;
  std::unique_ptr<bundles::BundleSubscriptions> bundles;
  std::unique_ptr<OpaService> opa;
  DoorOptions door;
  std::unique_ptr<StatusReporter> status;   // null: nobody is told
  std::unique_ptr<BundleServer> publisher;  // null: hands out no bundles
};

Result<void> PolicySide::Parts::open_decisions(const PolicySideOptions& options,
                                               const std::string& id, const Clock& clock,
                                               Random& random) {
  const ServerConfig& config = options.config;
  if (!config.decision_logs) return {};
  std::map<std::string, std::string> labels = config.labels;
  labels["id"] = id;
  labels["version"] = options.version;
  WRIT_TRY(decisions,
           Decisions::open(*config.decision_logs, labels, clock, random, options.streams));
  return {};
}

Result<std::unique_ptr<PolicySide>> PolicySide::open(const PolicySideOptions& options,
                                                     const net::ServerOptions& serving,
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
  OpaOptions opa;
  opa.rego_version = options.loading.is_v0 ? 0 : 1;
  opa.version = options.version;
  opa.limits.time = kLongestDecision;
  opa.limits.memory_bytes = kLargestDecision;
  opa.id = Uuid::v7(clock, random).text();
  WRIT_CHECK(parts->open_decisions(options, opa.id, clock, random));
  opa.default_decision = config.default_decision;
  opa.labels = config.labels;
  opa.configuration = config.shown;
  opa.more_metrics = options.more_metrics;
  if (parts->bundles != nullptr) opa.bundles = &parts->bundles->board();
  parts->opa =
      std::make_unique<OpaService>(parts->fabric, parts->services, serving, std::move(opa));
  parts->opa->set_decisions(parts->decisions.get());
  parts->door = door_options(options);
  if (!config.bundle_directory.empty()) {
    parts->publisher = std::make_unique<BundleServer>(config.bundle_directory, clock);
  }
  if (config.status) {
    parts->status = std::make_unique<StatusReporter>(
        *config.status,
        [&service = *parts->opa, &fabric = parts->fabric] { return status_now(service, fabric); },
        clock, random, options.streams.console);
  }
  return std::unique_ptr<PolicySide>(new PolicySide(std::move(parts)));
}

PolicySide::PolicySide(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PolicySide::~PolicySide() = default;

std::vector<Binding> PolicySide::operations() { return opa_operations(*parts_->opa); }

void PolicySide::guard(std::vector<net::Route>& routes) {
  put_door(*parts_->opa, parts_->door, routes);
}

std::vector<net::Route> PolicySide::other_routes() {
  std::vector<net::Route> out;
  if (parts_->publisher == nullptr) return out;
  out.push_back(parts_->publisher->route());
  return out;
}

void PolicySide::count(const net::ServerOptions::Served& served) {
  parts_->opa->metrics().count(served);
}

void PolicySide::set_server(net::Server* server) {
  parts_->opa->set_server(server);
  if (parts_->publisher != nullptr) parts_->publisher->set_server(server);
  if (server == nullptr) return;
  if (parts_->bundles != nullptr) parts_->bundles->start();
  if (parts_->status != nullptr) parts_->status->start();
}

}  // namespace writ::server
