#include "server/api/operation_span.h"

#include <utility>

#include "observe/current_span.h"
#include "server/api/trace.h"

namespace writ::server {
namespace {

using contract::DescribedOperation;

void describe_request(observe::Span& span, const DescribedOperation& operation) {
  span.set("http.request.method", operation.method);
  span.set("http.route", operation.path);
}

int status_of(const net::Answer& answer) {
  if (const auto* whole = std::get_if<net::Response>(&answer)) return whole->status;
  return std::get<net::Subscription>(answer).head.status;
}

void describe(observe::Span& span, int status, std::string_view problem) {
  span.set("http.response.status_code", std::int64_t{status});
  if (!problem.empty()) span.set("error.type", problem);
  // What a caller did wrong is no error of this server.
  if (status >= 500) span.fail();
}

}  // namespace

observe::Span begin_span(observe::Tracer& tracer, const DescribedOperation& operation,
                         const net::Request& request) {
  observe::Span span =
      tracer.start(operation.id, trace_context_of(request), observe::SpanKind::server);
  describe_request(span, operation);
  return span;
}

void describe_answer(observe::Span& span, const net::Answer& answer, std::string_view problem) {
  if (!span.context().is_sampled) return;
  if (std::holds_alternative<net::Elsewhere>(answer)) return span.forget();
  describe(span, status_of(answer), problem);
}

void tell_of_refusal(observe::Tracer& tracer, const net::Request& request, const Error& error,
                     int status) {
  const observe::TraceContext asked = trace_context_of(request);
  if (!tracer.may_sample(asked)) return;
  const std::string_view method = net::method_name(request.method);
  observe::Span span = tracer.start(method, asked, observe::SpanKind::server);
  span.set("http.request.method", method);
  const ErrorRow& row = error_row(error.code);
  describe(span, status != 0 ? status : row.http_status, row.name);
}

net::Handler with_spans(observe::Tracer& tracer, const DescribedOperation& operation,
                        net::Handler handler) {
  return [&tracer, &operation, handler = std::move(handler)](
             const net::Request& request, net::Context& context) -> Result<net::Answer> {
    if (!tracer.may_sample(trace_context_of(request))) return handler(request, context);
    observe::Span span = begin_span(tracer, operation, request);
    const observe::CurrentSpan current(span);
    Result<net::Answer> answer = handler(request, context);
    if (answer) {
      describe_answer(span, *answer, {});
    } else {
      const ErrorRow& row = error_row(answer.error().code);
      describe(span, row.http_status, row.name);
    }
    return answer;
  };
}

}  // namespace writ::server
