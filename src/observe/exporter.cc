#include "observe/exporter.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace writ::observe {

// What waits. Shared with the sinks of logs, which may live longer than the exporter.
struct Exporter::Queue {
  Queue(const ExportOptions& o, Metrics& metrics)
      : options(o),
        sent(outcome(metrics, "sent")),
        dropped(outcome(metrics, "dropped")),
        failed(outcome(metrics, "failed")) {}

  static Counter& outcome(Metrics& metrics, std::string_view name) {
    return metrics
        .counters("writ_telemetry_items_total",
                  "Log records and spans for the collector: sent, dropped because too many waited, "
                  "or failed because it did not take them.",
                  {"outcome"})
        .with({name});
  }

  template <typename T>
  void add(std::deque<T>& waiting, T item) {
    const std::lock_guard lock(mutex);
    if (is_closed || waiting.size() >= options.waiting) {
      dropped.add();
      return;
    }
    waiting.push_back(std::move(item));
    if (waiting.size() == options.batch) wakes.notify_all();
  }

  template <typename T>
  std::vector<T> take(std::deque<T>& waiting) {
    const std::lock_guard lock(mutex);
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting.size(), options.batch));
    std::vector<T> out(std::make_move_iterator(waiting.begin()),
                       std::make_move_iterator(waiting.begin() + count));
    waiting.erase(waiting.begin(), waiting.begin() + count);
    return out;
  }

  bool has_batch() const {
    return records.size() >= options.batch || spans.size() >= options.batch;
  }

  const ExportOptions options;
  mutable std::mutex mutex;
  std::condition_variable_any wakes;
  std::deque<KeptRecord> records;
  std::deque<SpanRecord> spans;
  Counter& sent;
  Counter& dropped;
  Counter& failed;
  bool is_closed = false;
};

class Exporter::QueueSink final : public LogSink {
 public:
  explicit QueueSink(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}
  void take(const LogRecord& record) override { queue_->add(queue_->records, KeptRecord(record)); }

 private:
  std::shared_ptr<Queue> queue_;
};

class Exporter::Worker {
 public:
  Worker(Queue& queue, Sink& sink, const Metrics& metrics, const Clock& clock, Resource resource)
      : queue_(queue),
        sink_(sink),
        metrics_(metrics),
        clock_(clock),
        resource_(std::move(resource)),
        began_(clock.wall()),
        thread_([this](const std::stop_token& stop) { work(stop); }) {}

  ~Worker() {
    thread_.request_stop();
    thread_.join();
    flush();
  }

  void flush() {
    send_waiting();
    send_metrics();
  }

 private:
  void work(const std::stop_token& stop) {
    auto metrics_at = std::chrono::steady_clock::now() + queue_.options.metrics_interval;
    while (!stop.stop_requested()) {
      {
        std::unique_lock lock(queue_.mutex);
        queue_.wakes.wait_for(lock, stop, queue_.options.interval,
                              [this] { return queue_.has_batch(); });
      }
      if (stop.stop_requested()) return;  // the destructor sends the rest
      send_waiting();
      if (std::chrono::steady_clock::now() < metrics_at) continue;
      send_metrics();
      metrics_at = std::chrono::steady_clock::now() + queue_.options.metrics_interval;
    }
  }

  // Until nothing waits, or the collector does not take it: it is not asked again at once.
  void send_waiting() {
    const std::lock_guard lock(sending_);
    for (;;) {
      const std::vector<KeptRecord> records = queue_.take(queue_.records);
      if (records.empty()) break;
      if (!count(records.size(), sink_.send(Signal::logs, to_otlp_logs(resource_, records)))) break;
    }
    for (;;) {
      const std::vector<SpanRecord> spans = queue_.take(queue_.spans);
      if (spans.empty()) break;
      if (!count(spans.size(), sink_.send(Signal::traces, to_otlp_traces(resource_, spans)))) break;
    }
  }

  void send_metrics() {
    const std::lock_guard lock(sending_);
    count(0,
          sink_.send(Signal::metrics, to_otlp_metrics(resource_, metrics_, began_, clock_.wall())));
  }

  bool count(std::size_t items, const Result<void>& sent) {
    (sent ? queue_.sent : queue_.failed).add(items);
    return sent.has_value();
  }

  Queue& queue_;
  Sink& sink_;
  const Metrics& metrics_;
  const Clock& clock_;
  const Resource resource_;
  const WallTime began_;
  std::mutex sending_;  // the thread's own sending, and that of who flushes
  std::jthread thread_;
};

Exporter::Exporter(Sink& sink, Metrics& metrics, const Clock& clock, Resource resource,
                   ExportOptions options)
    : queue_(std::make_shared<Queue>(options, metrics)),
      worker_(std::make_unique<Worker>(*queue_, sink, metrics, clock, std::move(resource))) {}

Exporter::~Exporter() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->is_closed = true;
  }
  worker_.reset();
}

std::unique_ptr<LogSink> Exporter::log_sink() { return std::make_unique<QueueSink>(queue_); }

void Exporter::take(SpanRecord span) { queue_->add(queue_->spans, std::move(span)); }

void Exporter::flush() { worker_->flush(); }

ExportStats Exporter::stats() const {
  return {queue_->sent.value(), queue_->dropped.value(), queue_->failed.value()};
}

}  // namespace writ::observe
