#pragma once
// A server's logs, metrics and traces, as its settings ask for them (docs/architecture/
// observability.md): records as JSON lines on the console, as text in files that rotate, and with
// metrics and spans to a collector.
//
// Thread-safe. Outlives whatever logs through it.
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "contract/settings.h"
#include "net/server.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/span.h"

namespace writ::server {

struct TelemetryOptions {
  std::ostream* console = nullptr;  // borrowed; null: no JSON lines
  std::string version;
  std::string instance;  // id of this process
};

class Telemetry {
 public:
  // `clock` and `random` are borrowed. Errors: storage_failed (the log's file).
  static Result<std::unique_ptr<Telemetry>> open(const contract::Settings& settings,
                                                 const TelemetryOptions& options,
                                                 const Clock& clock, Random& random);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  observe::Log& log();
  observe::Metrics& metrics();
  observe::Tracer& tracer();

  // For net::ServerOptions::on_served: counts by route, method and status, and records the request
  // where the settings ask for it.
  void count(const net::ServerOptions::Served& served);
  // What `settings` says of levels, requests and samples counts from now on.
  void take(const contract::Settings& settings);
  // For /metrics.
  std::string prometheus_text() const;

 private:
  struct Parts;
  explicit Telemetry(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace writ::server
