#include "observe/prometheus.h"

#include <fmt/format.h>

#include <cmath>

namespace writ::observe {
namespace {

// `quotes`: of label values, where a quote ends them; help texts keep theirs.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (quotes && c == '"')) {
      out.append("\\").append(1, c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string number(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return std::isnan(value) ? "NaN" : fmt::format("{}", value);
}

// `{route="x",status="200"}`, with `le` last; nothing where there are no labels.
std::string labels_of(const std::vector<std::string>& names, const std::vector<std::string>& values,
                      std::string_view le = {}) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.append(out.empty() ? "{" : ",").append(names[i]).append("=\"");
    out.append(escaped(values[i], true)).append("\"");
  }
  if (!le.empty()) out.append(out.empty() ? "{" : ",").append("le=\"").append(le).append("\"");
  return out.empty() ? out : out + "}";
}

class Writer {
 public:
  void write(const Metrics::Families& families) {
    for (const auto& [name, family] : families.counters) {
      head(family->text(), "counter");
      family->each([&](const auto& values, const Counter& counter) {
        line(name, labels_of(family->text().labels, values), std::to_string(counter.value()));
      });
    }
    for (const auto& [name, family] : families.gauges) {
      head(family->text(), "gauge");
      family->each([&](const auto& values, const Gauge& gauge) {
        line(name, labels_of(family->text().labels, values), number(gauge.value()));
      });
    }
    for (const auto& [name, histograms] : families.histograms) {
      head(histograms.family->text(), "histogram");
      histograms.family->each([&](const auto& values, const Histogram& histogram) {
        write(histograms.family->text(), histograms.bounds, values, histogram.read());
      });
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void head(const MetricText& text, std::string_view kind) {
    out_.append("# HELP ").append(text.name).append(" ").append(escaped(text.help, false));
    out_.append("\n# TYPE ").append(text.name).append(" ").append(kind).append("\n");
  }

  void line(std::string_view name, const std::string& labels, const std::string& value) {
    out_.append(name).append(labels).append(" ").append(value).append("\n");
  }

  void write(const MetricText& text, std::span<const double> bounds,
             const std::vector<std::string>& values, const Histogram::Reading& reading) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < reading.counts.size(); ++i) {
      total += reading.counts[i];
      const std::string le = i < bounds.size() ? number(bounds[i]) : "+Inf";
      line(text.name + "_bucket", labels_of(text.labels, values, le), std::to_string(total));
    }
    line(text.name + "_sum", labels_of(text.labels, values), number(reading.sum));
    line(text.name + "_count", labels_of(text.labels, values), std::to_string(total));
  }

  std::string out_;
};

}  // namespace

std::string to_prometheus(const Metrics& metrics) {
  Writer writer;
  metrics.read([&](const Metrics::Families& families) { writer.write(families); });
  return writer.take();
}

}  // namespace writ::observe
