#pragma once
// The whole server: policies over OPA's API, and, where there is a project, the families of Writ's
// own contract over its store and its log. It listens until it is drained or destroyed.
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "contract/settings.h"
#include "project/run_driver.h"
#include "server/policy_side.h"
#include "server/project_side.h"

namespace writ::server {

struct WritServerOptions {
  std::vector<std::string> addresses;  // "127.0.0.1:8181"; a port of 0 takes any
  std::string version;                 // what it says of itself
  // Empty: everything as by default.
  std::optional<contract::Settings> settings;
  std::ostream* console = nullptr;  // borrowed: where log records go as JSON lines; null: nowhere
  PolicySideOptions policy;
  // Empty store_url: there is no project, and the server answers for policies alone.
  ProjectOptions project;
  // Drives runs for the server; borrowed. Null: it drives none.
  project::RunDriver* driver = nullptr;
  // Answers that break the contract become a 500 that says how.
  bool checks_answers = false;
};

class WritServer {
 public:
  // Reads everything, and listens when it could answer. `clock` and `random` are borrowed.
  // Errors: invalid_input (policies, with positions; an address; a contract and functions that
  // differ), not_found, conflict (bundles whose roots overlap), signature_bad, unavailable (an
  // address in use), those of the store.
  static Result<std::unique_ptr<WritServer>> start(const WritServerOptions& options,
                                                   const Clock& clock, Random& random);
  ~WritServer();
  WritServer(const WritServer&) = delete;
  WritServer& operator=(const WritServer&) = delete;

  // Goes on under these settings, as far as they can change while it runs; the certificate is read
  // again. Errors: invalid_input (the certificate).
  Result<void> take(const contract::Settings& settings);
  // As listened on, with the ports that were taken.
  std::vector<std::string> addresses() const;
  // Listens no more, answers what is under way. Blocks until all is closed, at most as long as
  // `server.drain` of the settings says.
  void drain();

 private:
  struct Parts;
  explicit WritServer(std::unique_ptr<Parts> parts);
  // What the parts do for each other once all are there.
  Result<void> begin(const std::string& version);
  std::unique_ptr<Parts> parts_;
};

}  // namespace writ::server
