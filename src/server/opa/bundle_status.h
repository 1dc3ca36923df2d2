#pragma once
// How bundles stand, as OPA's /v1/status and /metrics say it.
#include <string>

#include "bundles/board.h"
#include "policy/fabric/fabric.h"
#include "policy/term/build.h"

namespace writ::server {

// By name: those that are polled for (`board`, which may be null) and those that a server began
// with.
rego::Term bundle_statuses(rego::Arena& arena, const rego::Snapshot& snapshot,
                           const bundles::BundleBoard* board);

// "OK" once all have been active, "NOT_READY" before.
std::string_view bundle_plugin_state(const bundles::BundleBoard* board);

// bundle_loaded_counter and its like, in the text format of Prometheus.
void add_bundle_metrics(std::string& out, const bundles::BundleBoard& board);

}  // namespace writ::server
