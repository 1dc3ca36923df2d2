#pragma once
// The span of a request to an operation of the contract: OpenTelemetry's names for HTTP servers
// (semantic conventions 1.27), the operation's id as its name. Neither path nor query: they may
// hold what is nobody's business.
#include <string_view>

#include "contract/openapi/operation.h"
#include "net/handler.h"
#include "observe/span.h"

namespace writ::server {

// Within the trace that the request names, or at the beginning of one.
observe::Span begin_span(observe::Tracer& tracer, const contract::DescribedOperation& operation,
                         const net::Request& request);
// How it was answered. `problem`: the code of an error; empty: none, or one that has no code. A
// request that is to be answered elsewhere has its span there.
void describe_answer(observe::Span& span, const net::Answer& answer, std::string_view problem);

// A span of its own for what no operation is asked for (404, 405), named as OpenTelemetry names
// what has no route. None where none is sampled. `status` 0: that of the error.
void tell_of_refusal(observe::Tracer& tracer, const net::Request& request, const Error& error,
                     int status);

// Gives requests to a raw handler their spans. Where none can be sampled it costs a look.
net::Handler with_spans(observe::Tracer& tracer, const contract::DescribedOperation& operation,
                        net::Handler handler);

}  // namespace writ::server
