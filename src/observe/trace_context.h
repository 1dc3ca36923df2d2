#pragma once
// Which request a piece of work belongs to, across processes: W3C Trace Context, level 1
// (https://www.w3.org/TR/trace-context-1/), header fields `traceparent` and `tracestate`.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace writ::observe {

struct TraceId {
  std::array<std::uint8_t, 16> bytes{};

  std::string hex() const;  // lower case, as on the wire
  bool is_valid() const { return *this != TraceId{}; }
  friend auto operator<=>(const TraceId&, const TraceId&) = default;
};

struct SpanId {
  std::array<std::uint8_t, 8> bytes{};

  std::string hex() const;
  bool is_valid() const { return *this != SpanId{}; }
  friend auto operator<=>(const SpanId&, const SpanId&) = default;
};

// Default: belongs to no trace.
struct TraceContext {
  TraceId trace;
  SpanId span;  // of who asks
  bool is_sampled = false;
  std::string state;  // `tracestate`, passed on as it came

  bool is_valid() const { return trace.is_valid() && span.is_valid(); }
  // "00-<trace>-<span>-01". Requires: is_valid.
  std::string traceparent() const;
};

// nullopt for what the specification has ignored: another length, upper case, ids of zeros,
// version ff. A later version is read as far as this one goes. `state` that is too long or not made
// of printable characters is dropped alone.
std::optional<TraceContext> parse_trace_context(std::string_view traceparent,
                                                std::string_view state = {});

TraceId make_trace_id(Random& random);
SpanId make_span_id(Random& random);

}  // namespace writ::observe
