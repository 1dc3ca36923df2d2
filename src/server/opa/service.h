#pragma once
// What the handlers of OPA's API work with.
#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/value.h"
#include "bundles/board.h"
#include "net/server.h"
#include "policy/fabric/fabric.h"
#include "policy/fabric/session.h"
#include "server/decisions/decisions.h"
#include "server/opa/request_metrics.h"

namespace writ::server {

struct OpaOptions {
  // What POST / answers: "system/main".
  std::vector<std::string> default_decision{"system", "main"};
  // Budget of a decision on an event loop; what needs more is decided on the pool.
  std::uint64_t steps_on_loop = 20'000;
  rego::EvalLimits limits;
  int rego_version = 1;                            // of policies that are put
  std::string version;                             // what provenance says
  std::string id;                                  // of this process, among the labels
  std::map<std::string, std::string> labels;       // beside id and version
  Object configuration;                            // what /v1/config shows beside them; no secrets
  const bundles::BundleBoard* bundles = nullptr;   // that are polled for; borrowed
  std::function<std::string()> more_metrics = {};  // what /metrics goes on with
};

class OpaService {
 public:
  // `serving`: of the server that will run the handlers; how many threads there are. Fabric and
  // services are borrowed.
  OpaService(rego::Fabric& fabric, const rego::Services& services,
             const net::ServerOptions& serving, OpaOptions options = {});

  rego::Fabric& fabric() { return fabric_; }
  const rego::Services& services() const { return services_; }
  const OpaOptions& options() const { return options_; }
  // Of the thread with that number, which alone uses it.
  rego::Session& session(std::size_t worker) { return *sessions_[worker]; }
  RequestMetrics& metrics() { return metrics_; }

  // Where decisions are logged; nullptr: nowhere. Borrowed; set before there are requests.
  Decisions* decisions() const { return decisions_; }
  void set_decisions(Decisions* decisions);
  // Of the thread with that number. Requires: decisions are logged.
  DecisionRecorder& recorder(std::size_t worker) { return *recorders_[worker]; }

  // The server that runs the handlers, once there is one: for its own figures. Borrowed, and taken
  // back before it goes.
  const net::Server* server() const { return server_.load(std::memory_order_acquire); }
  void set_server(const net::Server* server) { server_.store(server, std::memory_order_release); }

 private:
  rego::Fabric& fabric_;
  const rego::Services& services_;
  OpaOptions options_;
  std::vector<std::unique_ptr<rego::Session>> sessions_;
  RequestMetrics metrics_;
  Decisions* decisions_ = nullptr;
  std::vector<std::unique_ptr<DecisionRecorder>> recorders_;
  std::atomic<const net::Server*> server_{nullptr};
};

}  // namespace writ::server
