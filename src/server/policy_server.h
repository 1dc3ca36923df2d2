#pragma once
// A server of policies, whole: what it decides from, and OPA's API over it. It listens until it is
// drained or destroyed.
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "policy/load/load.h"
#include "server/config/server_config.h"
#include "server/decisions/decision_log.h"
#include "server/opa/authorize.h"

namespace writ::server {

struct PolicyServerOptions {
  std::vector<std::string> addresses;  // "127.0.0.1:8181"; a port of 0 takes any
  // What the paths below are named from where they are shown: ids of policies, names of bundles.
  std::filesystem::path directory;
  std::vector<std::filesystem::path> files;  // policies and data: files, and folders of such
  std::vector<std::filesystem::path> bundles;
  rego::LoadOptions loading;   // the dialect, and what bundles are held to
  std::string version;         // what it says of itself
  DecisionLogStreams streams;  // borrowed: where the log may print
  ServerConfig config;         // of its file, where it has one
  AccessOptions access;        // who may ask; its decision is the configuration's
};

class PolicyServer {
 public:
  // Reads everything, and listens when it could decide. `clock` and `random` are borrowed.
  // Errors: invalid_input (policies, with positions; an address), not_found, conflict (bundles
  // whose roots overlap), signature_bad, unavailable (an address in use).
  static Result<std::unique_ptr<PolicyServer>> start(const PolicyServerOptions& options,
                                                     const Clock& clock, Random& random);
  ~PolicyServer();
  PolicyServer(const PolicyServer&) = delete;
  PolicyServer& operator=(const PolicyServer&) = delete;

  // As listened on, with the ports that were taken.
  std::vector<std::string> addresses() const;
  // Listens no more, answers what is under way. Blocks until all is closed, at most `patience`.
  void drain(std::chrono::milliseconds patience);

 private:
  struct Parts;
  explicit PolicyServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace writ::server
