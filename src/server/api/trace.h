#pragma once
// Which trace a request belongs to, and under which id it is spoken of in events, logs and errors.
#include <string>

#include "base/random.h"
#include "net/handler.h"
#include "observe/trace_context.h"

namespace writ::server {

// Of the caller's `traceparent` and `tracestate`; not valid where there is none, or none that
// counts.
observe::TraceContext trace_context_of(const net::Request& request);

// The trace id of the caller's `traceparent` (observe/trace_context.h), or a new one: 32 hex
// digits.
std::string trace_of(const net::Request& request, Random& random);

}  // namespace writ::server
