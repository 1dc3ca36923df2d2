#pragma once
// Records, spans and metrics as OTLP/HTTP sends them: the JSON encoding of OTLP 1.x
// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). Ids are hex, 64-bit integers
// strings, times nanoseconds since the epoch.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/span.h"

namespace writ::observe {

// A log record that outlives the call it was made in.
struct KeptRecord {
  explicit KeptRecord(const LogRecord& record);

  WallTime time;
  Level level;
  std::string component;
  std::string event;
  std::string message;
  std::uint64_t thread;
  TraceContext trace;
  std::vector<KeptAttribute> attributes;
};

// What all that is exported comes from.
struct Resource {
  std::string service = "writ";
  std::string version;
  std::string instance;  // id of this process
};

// Bodies for /v1/logs, /v1/traces and /v1/metrics.
std::string to_otlp_logs(const Resource& resource, std::span<const KeptRecord> records);
std::string to_otlp_traces(const Resource& resource, std::span<const SpanRecord> spans);
// Cumulative since `began`, as of `now`.
std::string to_otlp_metrics(const Resource& resource, const Metrics& metrics, WallTime began,
                            WallTime now);

}  // namespace writ::observe
