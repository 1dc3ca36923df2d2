#include "observe/span.h"

namespace writ::observe {

Span::Span(Span&& other) noexcept
    : tracer_(std::exchange(other.tracer_, nullptr)),
      record_(std::move(other.record_)),
      began_(other.began_) {}

void Span::set(std::string_view name, AttributeValue value) {
  if (!record_.context.is_sampled) return;
  std::visit([&](const auto& v) { record_.attributes.emplace_back(Attribute(name, v)); }, value);
}

void Span::end() {
  Tracer* const tracer = std::exchange(tracer_, nullptr);
  if (tracer == nullptr || !record_.context.is_sampled) return;
  record_.took = tracer->clock_.steady() - began_;
  tracer->take_(std::move(record_));
}

Span Tracer::start(std::string_view name, const TraceContext& parent, SpanKind kind) {
  SpanRecord record;
  record.kind = kind;
  record.context = parent;
  if (parent.is_valid()) {
    record.parent = parent.span;
  } else {
    record.context.trace = make_trace_id(random_);
    record.context.is_sampled =
        random_.next_u64() % 10'000 < share_.load(std::memory_order_relaxed);
  }
  record.context.span = make_span_id(random_);
  if (record.context.is_sampled) {
    record.name = name;
    record.began = clock_.wall();
  }
  return {this, std::move(record), clock_.steady()};
}

}  // namespace writ::observe
