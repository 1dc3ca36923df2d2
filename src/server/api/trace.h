#pragma once
// Under which id a request is spoken of in events, logs and errors.
#include <string>

#include "base/random.h"
#include "net/handler.h"

namespace writ::server {

// The trace id of the caller's `traceparent` (observe/trace_context.h), or a new one: 32 hex
// digits.
std::string trace_of(const net::Request& request, Random& random);

}  // namespace writ::server
