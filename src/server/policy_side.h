#pragma once
// What decides: the policy fabric and what keeps it up to date, OPA's API over it, the log of its
// decisions. A part of WritServer (writ_server.h).
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "net/server.h"
#include "policy/load/load.h"
#include "server/api/operation.h"
#include "server/config/server_config.h"
#include "server/decisions/decision_log.h"
#include "server/opa/authorize.h"

namespace writ::server {

struct PolicySideOptions {
  // What the paths below are named from where they are shown: ids of policies, names of bundles.
  std::filesystem::path directory;
  std::vector<std::filesystem::path> files;  // policies and data: files, and folders of such
  std::vector<std::filesystem::path> bundles;
  rego::LoadOptions loading;   // the dialect, and what bundles are held to
  std::string version;         // the server's
  DecisionLogStreams streams;  // borrowed: where the log may print
  ServerConfig config;         // of its file, where it has one
  AccessOptions access;        // who may ask; its decision is the configuration's
  // Of other parts of the server, in the text format of Prometheus, for /metrics; may be empty.
  std::function<std::string()> more_metrics;
};

class PolicySide {
 public:
  // Reads everything. `serving`: of the server that will run the handlers; how many threads there
  // are. `clock` and `random` are borrowed.
  // Errors: invalid_input (policies, with positions), not_found, conflict (bundles whose roots
  // overlap), signature_bad.
  static Result<std::unique_ptr<PolicySide>> open(const PolicySideOptions& options,
                                                  const net::ServerOptions& serving,
                                                  const Clock& clock, Random& random);
  ~PolicySide();
  PolicySide(const PolicySide&) = delete;
  PolicySide& operator=(const PolicySide&) = delete;

  // The family `policy`.
  std::vector<Binding> operations();
  // Puts what stands before every decision (opa/door.h) before these routes of it.
  void guard(std::vector<net::Route>& routes);
  // Of bundles that are handed out, which are no part of the contract.
  std::vector<net::Route> other_routes();
  void count(const net::ServerOptions::Served& served);

  // Borrowed; nullptr takes it back, before it goes. With one, what is polled and sent begins.
  void set_server(net::Server* server);

 private:
  struct Parts;
  explicit PolicySide(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace writ::server
