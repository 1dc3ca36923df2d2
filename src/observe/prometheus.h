#pragma once
// Metrics in the text format that Prometheus scrapes, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
#include <string>
#include <string_view>

#include "observe/metrics.h"

namespace writ::observe {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

// Families by kind and name, series by their label values.
std::string to_prometheus(const Metrics& metrics);

}  // namespace writ::observe
