#include "observe/span.h"

#include "base/encoding.h"

namespace writ::observe {

Span::Span(Span&& other) noexcept
    : tracer_(std::exchange(other.tracer_, nullptr)),
      record_(std::move(other.record_)),
      began_(other.began_),
      children_(other.children_) {}

void Span::set(std::string_view name, AttributeValue value) {
  if (!record_.context.is_sampled || record_.attributes.size() >= kMostAttributes) return;
  if (auto* text = std::get_if<std::string_view>(&value)) {
    if (text->size() > kMostAttributeBytes) {
      const std::string_view front = text->substr(0, kMostAttributeBytes);
      *text = front.substr(0, utf8_prefix(front));
    }
  }
  std::visit([&](const auto& v) { record_.attributes.emplace_back(Attribute(name, v)); }, value);
}

Span Span::child(std::string_view name, SpanKind kind) const {
  if (tracer_ == nullptr || !record_.context.is_sampled) return {};
  if (children_++ >= kMostChildren) return {};
  return tracer_->start(name, record_.context, kind);
}

void Span::end() {
  Tracer* const tracer = std::exchange(tracer_, nullptr);
  if (tracer == nullptr || !record_.context.is_sampled) return;
  record_.took = tracer->clock_.steady() - began_;
  tracer->take_(std::move(record_));
}

bool Tracer::may_sample(const TraceContext& parent) const {
  if (parent.is_valid()) return parent.is_sampled;
  return share_.load(std::memory_order_relaxed) > 0;
}

Span Tracer::start(std::string_view name, const TraceContext& parent, SpanKind kind) {
  SpanRecord record;
  record.kind = kind;
  record.context = parent;
  if (parent.is_valid()) {
    record.parent = parent.span;
  } else {
    record.context.trace = make_trace_id(random_);
    const std::uint32_t share = share_.load(std::memory_order_relaxed);
    record.context.is_sampled = share > 0 && random_.next_u64() % 10'000 < share;
  }
  record.context.span = make_span_id(random_);
  if (!record.context.is_sampled) return {this, std::move(record), {}};
  record.name = name;
  record.began = clock_.wall();
  return {this, std::move(record), clock_.steady()};
}

}  // namespace writ::observe
