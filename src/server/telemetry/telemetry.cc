#include "server/telemetry/telemetry.h"

#include <atomic>
#include <utility>
#include <vector>

#include "observe/exporter.h"
#include "observe/log_sinks.h"
#include "observe/prometheus.h"
#include "observe/trace_context.h"
#include "server/telemetry/otlp_sink.h"

namespace writ::server {
namespace {

using contract::Settings;

observe::Level level_of(const Settings& settings) {
  return observe::kLevels.parse(settings.text("log.level")).value_or(observe::Level::info);
}

Result<std::unique_ptr<observe::TextFileSink>> open_file(const Settings& settings) {
  observe::RotationOptions rotation;
  rotation.file = settings.text("log.file");
  rotation.max_bytes = static_cast<std::size_t>(settings.integer("log.file_bytes"));
  rotation.max_files = static_cast<std::size_t>(settings.integer("log.files"));
  return observe::TextFileSink::open(rotation);
}

// Where records, metrics and spans wait for the collector, if there is one.
struct Export {
  std::unique_ptr<observe::Sink> sink;
  std::unique_ptr<observe::Exporter> exporter;
};

}  // namespace

// In the order in which they need each other.
struct Telemetry::Parts {
  Parts(const Clock& clock, Random& random)
      : tracer(clock, random, [this](observe::SpanRecord span) {
          if (exports.exporter != nullptr) exports.exporter->take(std::move(span));
        }) {}

  observe::Metrics metrics;
  Export exports;
  observe::Tracer tracer;
  std::unique_ptr<observe::Log> log;
  std::atomic<bool> records_requests = false;
  observe::Family<observe::Counter>& requests = metrics.counters(
      "writ_http_requests_total", "Requests that were answered.", {"route", "method", "status"});
  observe::Family<observe::Histogram>& durations = metrics.histograms(
      "writ_http_request_duration_seconds", "Time from a request's head to its answer.", {"route"});
};

Result<std::unique_ptr<Telemetry>> Telemetry::open(const Settings& settings,
                                                   const TelemetryOptions& options,
                                                   const Clock& clock, Random& random) {
  auto parts = std::make_unique<Parts>(clock, random);
  std::vector<std::unique_ptr<observe::LogSink>> sinks;
  if (options.console != nullptr) sinks.push_back(observe::make_json_lines_sink(*options.console));
  if (!settings.text("log.file").empty()) {
    WRIT_TRY(auto file, open_file(settings));
    sinks.push_back(std::move(file));
  }
  if (const std::string& endpoint = settings.text("telemetry.endpoint"); !endpoint.empty()) {
    parts->exports.sink = make_otlp_sink(endpoint, clock, random);
    observe::ExportOptions exporting;
    exporting.interval = settings.duration("telemetry.interval");
    exporting.metrics_interval = settings.duration("telemetry.metrics_interval");
    parts->exports.exporter = std::make_unique<observe::Exporter>(
        *parts->exports.sink, parts->metrics, clock,
        observe::Resource{"writ", options.version, options.instance}, exporting);
    sinks.push_back(parts->exports.exporter->log_sink());
  }
  parts->log = std::make_unique<observe::Log>(clock, std::move(sinks));
  std::unique_ptr<Telemetry> out(new Telemetry(std::move(parts)));
  out->take(settings);
  return out;
}

Telemetry::Telemetry(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Telemetry::~Telemetry() = default;

observe::Log& Telemetry::log() { return *parts_->log; }
observe::Metrics& Telemetry::metrics() { return parts_->metrics; }
observe::Tracer& Telemetry::tracer() { return parts_->tracer; }

void Telemetry::count(const net::ServerOptions::Served& served) {
  const std::string_view route =
      served.route == nullptr ? std::string_view("none") : std::string_view(served.route->pattern);
  const std::string_view method = net::method_name(served.method);
  const double seconds = std::chrono::duration<double>(served.took).count();
  const std::string status = std::to_string(served.status);
  parts_->requests.with({route, method, status}).add();
  parts_->durations.with({route}).observe(seconds);
  if (!parts_->records_requests.load(std::memory_order_relaxed)) return;
  // The path without its query, which may hold what is nobody's business.
  const std::string_view path = served.target.substr(0, served.target.find('?'));
  const auto trace = observe::parse_trace_context(served.trace);
  parts_->log->write(observe::Level::info, "server", "request.served",
                     std::string(method) + " " + std::string(path),
                     trace.value_or(observe::TraceContext()),
                     {{"route", route},
                      {"status", served.status},
                      {"elapsed_ms", seconds * 1000},
                      {"peer", served.peer},
                      {"received_bytes", served.bytes_in},
                      {"sent_bytes", served.bytes_out}});
}

void Telemetry::take(const Settings& settings) {
  parts_->log->set_level(level_of(settings));
  // Where there is no collector nobody would see them.
  const bool has_collector = parts_->exports.exporter != nullptr;
  parts_->tracer.set_sampled_per_10000(
      has_collector ? static_cast<std::uint32_t>(settings.integer("telemetry.sampled_per_10000"))
                    : 0);
  parts_->records_requests.store(settings.flag("log.requests"), std::memory_order_relaxed);
}

std::string Telemetry::prometheus_text() const { return observe::to_prometheus(parts_->metrics); }

}  // namespace writ::server
