#pragma once
// What a thread works on at the moment, so that what it calls need not be told: a span of a request
// is current while its function runs, and what takes long in it becomes its child.
//
//   const CurrentSpan current(span);
//   …
//   Span waits = child_span("store.write");   // somewhere below; ends with its scope
//
// Of each thread its own. A child of nothing, or of a trace that is not sampled, costs one look.
#include <string_view>

#include "observe/span.h"

namespace writ::observe {

// Nests. Borrows the span, which outlives it. One that belongs to no trace leaves things as they
// are.
class CurrentSpan {
 public:
  explicit CurrentSpan(const Span& span);
  ~CurrentSpan();
  CurrentSpan(const CurrentSpan&) = delete;
  CurrentSpan& operator=(const CurrentSpan&) = delete;

 private:
  const Span* before_;
};

// Within the current span; without one it does nothing.
Span child_span(std::string_view name, SpanKind kind = SpanKind::internal);

// Of the current span: what is passed on to others that are called. Null: there is none.
const TraceContext* current_trace();

}  // namespace writ::observe
