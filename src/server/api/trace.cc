#include "server/api/trace.h"

namespace writ::server {

observe::TraceContext trace_context_of(const net::Request& request) {
  const auto field = request.fields.find("traceparent");
  if (!field) return {};
  return observe::parse_trace_context(*field, request.fields.value_or("tracestate", ""))
      .value_or(observe::TraceContext());
}

std::string trace_of(const net::Request& request, Random& random) {
  const observe::TraceContext asked = trace_context_of(request);
  return (asked.is_valid() ? asked.trace : observe::make_trace_id(random)).hex();
}

}  // namespace writ::server
