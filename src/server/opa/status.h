#pragma once
// How a server stands: what GET /v1/status answers, and what is reported to a service.
#include "policy/fabric/fabric.h"
#include "policy/term/build.h"

namespace writ::server {

class OpaService;
struct OpaOptions;

// Id and version of this process, and one's own.
rego::Term labels_of(rego::Arena& arena, const OpaOptions& options);

// Borrows from `service` and `snapshot`.
rego::Term status_of(rego::Arena& arena, const OpaService& service, const rego::Snapshot& snapshot);

// What of a status is news: all but the times and timers of requests, and what is counted.
rego::Term news_of(rego::Arena& arena, const rego::Term& status);

}  // namespace writ::server
