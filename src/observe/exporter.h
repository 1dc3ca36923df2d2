#pragma once
// Gathers log records and spans, and takes them with the metrics to a collector, in batches, on a
// thread of its own. Bounded: what does not fit, or could not be sent, is dropped and counted; it
// holds up nobody.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "observe/log.h"
#include "observe/otlp.h"

namespace writ::observe {

enum class Signal : std::uint8_t { logs, traces, metrics };
inline constexpr EnumNames<Signal, 3> kSignals{{"logs", "traces", "metrics"}};

// Takes encoded signals away: OTLP over HTTP, or a test's memory. Called on one thread; may block
// as long as it has to, for it holds up nothing but further exports.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> send(Signal signal, const std::string& body) = 0;
};

struct ExportOptions {
  std::size_t waiting = 4096;  // records, and as many spans
  std::size_t batch = 512;
  std::chrono::milliseconds interval{5'000};  // of logs and traces, when no batch is full
  std::chrono::milliseconds metrics_interval{30'000};
};

// Counted as writ_telemetry_items_total, by `outcome`.
struct ExportStats {
  std::uint64_t sent = 0;     // records and spans
  std::uint64_t dropped = 0;  // did not fit
  std::uint64_t failed = 0;   // could not be sent
};

class Exporter {
 public:
  // All are borrowed and outlive it.
  Exporter(Sink& sink, Metrics& metrics, const Clock& clock, Resource resource,
           ExportOptions options = {});
  // Sends what waits, once, and the metrics.
  ~Exporter();
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // For a Log; may outlive the exporter, and then drops.
  std::unique_ptr<LogSink> log_sink();
  // For a Tracer.
  void take(SpanRecord span);
  // Sends what waits now, and the metrics. Blocking.
  void flush();
  ExportStats stats() const;

 private:
  struct Queue;
  class QueueSink;
  class Worker;
  std::shared_ptr<Queue> queue_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace writ::observe
