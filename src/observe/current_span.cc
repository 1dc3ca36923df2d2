#include "observe/current_span.h"

namespace writ::observe {
namespace {

thread_local const Span* current = nullptr;

}  // namespace

CurrentSpan::CurrentSpan(const Span& span) : before_(current) {
  if (span.context().is_valid()) current = &span;
}

CurrentSpan::~CurrentSpan() { current = before_; }

Span child_span(std::string_view name, SpanKind kind) {
  if (current == nullptr) return {};
  return current->child(name, kind);
}

const TraceContext* current_trace() { return current == nullptr ? nullptr : &current->context(); }

}  // namespace writ::observe
