#pragma once
// Takes what is exported to a collector by OTLP/HTTP, as JSON
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "observe/exporter.h"

namespace writ::server {

// `endpoint`: "http://127.0.0.1:4318"; /v1/logs, /v1/traces and /v1/metrics below it are asked.
// `clock` and `random` are borrowed. What the collector refuses is an error that says with which
// status; the exporter counts it.
std::unique_ptr<observe::Sink> make_otlp_sink(std::string endpoint, const Clock& clock,
                                              Random& random);

}  // namespace writ::server
