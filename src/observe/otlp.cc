#include "observe/otlp.h"

#include "base/json.h"
#include "observe/redact.h"

namespace writ::observe {
namespace {

constexpr std::int64_t kNanosOfMicro = 1000;
constexpr int kCumulative = 2;  // AggregationTemporality

std::string nanos(WallTime time) { return std::to_string(time.micros * kNanosOfMicro); }

Value any_value(const KeptAttribute& attribute) {
  if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    return Object{
        {"stringValue", is_secret_name(attribute.name) ? std::string(kMasked) : redact(*text)}};
  }
  if (const auto* is = std::get_if<bool>(&attribute.value)) return Object{{"boolValue", *is}};
  if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
    return Object{{"intValue", std::to_string(*number)}};
  }
  return Object{{"doubleValue", std::get<double>(attribute.value)}};
}

Value key_value(std::string_view key, std::string_view value) {
  return Object{{"key", key}, {"value", Object{{"stringValue", value}}}};
}

Array attributes_value(const std::vector<KeptAttribute>& attributes) {
  Array out;
  for (const KeptAttribute& attribute : attributes) {
    out.emplace_back(Object{{"key", attribute.name}, {"value", any_value(attribute)}});
  }
  return out;
}

// {"resourceLogs": [{"resource": …, "scopeLogs": [{"scope": …, "logRecords": [...]}]}]}
std::string wrapped(const Resource& resource, std::string_view signal, std::string_view items,
                    Array content) {
  Array about;
  about.push_back(key_value("service.name", resource.service));
  about.push_back(key_value("service.version", resource.version));
  about.push_back(key_value("service.instance.id", resource.instance));
  Object scope;
  scope.append("scope", Object{{"name", "writ"}, {"version", resource.version}});
  scope.append(std::string(items), std::move(content));
  Object one;
  one.append("resource", Object{{"attributes", std::move(about)}});
  one.append("scope" + std::string(signal), Array{Value(std::move(scope))});
  Object all;
  all.append("resource" + std::string(signal), Array{Value(std::move(one))});
  return to_json(Value(std::move(all)));
}

// SeverityNumber: DEBUG, INFO, WARN, ERROR are 5, 9, 13, 17.
int severity(Level level) { return 5 + 4 * static_cast<int>(level); }

Value log_value(const KeptRecord& record) {
  Object out;
  out.append("timeUnixNano", nanos(record.time));
  out.append("severityNumber", severity(record.level));
  out.append("severityText", kLevels.name(record.level));
  out.append("eventName", record.event);
  out.append("body", Object{{"stringValue", redact(record.message)}});
  Array attributes = attributes_value(record.attributes);
  attributes.push_back(key_value("component", record.component));
  attributes.emplace_back(
      Object{{"key", "thread.id"}, {"value", Object{{"intValue", std::to_string(record.thread)}}}});
  out.append("attributes", std::move(attributes));
  if (record.trace.is_valid()) {
    out.append("traceId", record.trace.trace.hex());
    out.append("spanId", record.trace.span.hex());
  }
  return out;
}

Value span_value(const SpanRecord& span) {
  constexpr int kError = 2;  // Status.code
  Object out;
  out.append("traceId", span.context.trace.hex());
  out.append("spanId", span.context.span.hex());
  if (span.parent.is_valid()) out.append("parentSpanId", span.parent.hex());
  if (!span.context.state.empty()) out.append("traceState", span.context.state);
  out.append("name", span.name);
  out.append("kind", 1 + static_cast<int>(span.kind));  // INTERNAL, SERVER, CLIENT
  out.append("startTimeUnixNano", nanos(span.began));
  out.append("endTimeUnixNano",
             std::to_string(span.began.micros * kNanosOfMicro + span.took.count()));
  out.append("attributes", attributes_value(span.attributes));
  if (span.is_error) out.append("status", Object{{"code", kError}});
  return out;
}

// Metrics of one moment.
class MetricsEncoder {
 public:
  MetricsEncoder(WallTime began, WallTime now) : began_(nanos(began)), now_(nanos(now)) {}

  void add(const Metrics::Families& families) {
    for (const auto& [name, family] : families.counters) {
      Array points;
      family->each([&](const auto& values, const Counter& counter) {
        Object point = point_of(family->text(), values);
        point.append("asInt", std::to_string(counter.value()));
        points.emplace_back(std::move(point));
      });
      add(family->text(), "sum",
          Object{{"aggregationTemporality", kCumulative},
                 {"isMonotonic", true},
                 {"dataPoints", std::move(points)}});
    }
    for (const auto& [name, family] : families.gauges) {
      Array points;
      family->each([&](const auto& values, const Gauge& gauge) {
        Object point = point_of(family->text(), values);
        point.append("asDouble", gauge.value());
        points.emplace_back(std::move(point));
      });
      add(family->text(), "gauge", Object{{"dataPoints", std::move(points)}});
    }
    for (const auto& [name, histograms] : families.histograms) add(histograms);
  }

  Array take() { return std::move(metrics_); }

 private:
  Object point_of(const MetricText& text, const std::vector<std::string>& values) const {
    Array attributes;
    for (std::size_t i = 0; i < values.size(); ++i) {
      attributes.push_back(key_value(text.labels[i], values[i]));
    }
    Object point;
    point.append("attributes", std::move(attributes));
    point.append("startTimeUnixNano", began_);
    point.append("timeUnixNano", now_);
    return point;
  }

  void add(const Metrics::HistogramFamily& histograms) {
    Array bounds;
    for (const double bound : histograms.bounds) bounds.emplace_back(bound);
    Array points;
    histograms.family->each([&](const auto& values, const Histogram& histogram) {
      const Histogram::Reading reading = histogram.read();
      std::uint64_t total = 0;
      Array counts;
      for (const std::uint64_t count : reading.counts) {
        total += count;
        counts.emplace_back(std::to_string(count));
      }
      Object point = point_of(histograms.family->text(), values);
      point.append("count", std::to_string(total));
      point.append("sum", reading.sum);
      point.append("bucketCounts", std::move(counts));
      point.append("explicitBounds", bounds);
      points.emplace_back(std::move(point));
    });
    add(histograms.family->text(), "histogram",
        Object{{"aggregationTemporality", kCumulative}, {"dataPoints", std::move(points)}});
  }

  void add(const MetricText& text, std::string_view kind, Object data) {
    Object metric;
    metric.append("name", text.name);
    metric.append("description", text.help);
    metric.append(std::string(kind), std::move(data));
    metrics_.emplace_back(std::move(metric));
  }

  std::string began_;
  std::string now_;
  Array metrics_;
};

}  // namespace

KeptRecord::KeptRecord(const LogRecord& record)
    : time(record.time),
      level(record.level),
      component(record.component),
      event(record.event),
      message(record.message),
      thread(record.thread),
      trace(record.trace != nullptr ? *record.trace : TraceContext{}),
      attributes(keep(record.attributes)) {}

std::string to_otlp_logs(const Resource& resource, std::span<const KeptRecord> records) {
  Array content;
  for (const KeptRecord& record : records) content.push_back(log_value(record));
  return wrapped(resource, "Logs", "logRecords", std::move(content));
}

std::string to_otlp_traces(const Resource& resource, std::span<const SpanRecord> spans) {
  Array content;
  for (const SpanRecord& span : spans) content.push_back(span_value(span));
  return wrapped(resource, "Spans", "spans", std::move(content));
}

std::string to_otlp_metrics(const Resource& resource, const Metrics& metrics, WallTime began,
                            WallTime now) {
  MetricsEncoder encoder(began, now);
  metrics.read([&](const Metrics::Families& families) { encoder.add(families); });
  return wrapped(resource, "Metrics", "metrics", encoder.take());
}

}  // namespace writ::observe
