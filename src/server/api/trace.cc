#include "server/api/trace.h"

#include "observe/trace_context.h"

namespace writ::server {

std::string trace_of(const net::Request& request, Random& random) {
  if (const auto field = request.fields.find("traceparent")) {
    if (const auto context = observe::parse_trace_context(*field)) return context->trace.hex();
  }
  return observe::make_trace_id(random).hex();
}

}  // namespace writ::server
