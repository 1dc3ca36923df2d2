#pragma once
// What the handlers of OPA's API work with.
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "policy/fabric/fabric.h"
#include "policy/fabric/session.h"

namespace writ::server {

struct OpaOptions {
  // What POST / answers: "system/main".
  std::vector<std::string> default_decision{"system", "main"};
  // Budget of a decision on an event loop; what needs more is decided on the pool.
  std::uint64_t steps_on_loop = 20'000;
  rego::EvalLimits limits;
  int rego_version = 1;  // of policies that are put
  std::string version;   // what provenance says
};

class OpaService {
 public:
  // `workers`: how many threads run handlers, net::Server::workers. Fabric and services are
  // borrowed.
  OpaService(rego::Fabric& fabric, const rego::Services& services, std::size_t workers,
             OpaOptions options = {});

  rego::Fabric& fabric() { return fabric_; }
  const OpaOptions& options() const { return options_; }
  // Of the thread with that number, which alone uses it.
  rego::Session& session(std::size_t worker) { return *sessions_[worker]; }

 private:
  rego::Fabric& fabric_;
  OpaOptions options_;
  std::vector<std::unique_ptr<rego::Session>> sessions_;
};

}  // namespace writ::server
