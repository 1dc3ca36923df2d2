#pragma once
// Pieces of work with a beginning and an end, as traces show them. A span of a request that is not
// sampled costs nothing but its id.
//
//   Span span = tracer.start("identity.login", request_trace);
//   …
//   span.set("outcome", "refused");      // ends with its scope
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "observe/attribute.h"
#include "observe/trace_context.h"

namespace writ::observe {

enum class SpanKind : std::uint8_t { internal, server, client };

struct SpanRecord {
  TraceContext context;  // its own
  SpanId parent;         // invalid: the first of its trace
  SpanKind kind = SpanKind::internal;
  std::string name;
  WallTime began;
  std::chrono::nanoseconds took{0};
  bool is_error = false;
  std::vector<KeptAttribute> attributes;
};

class Tracer;

// What a span keeps: attributes beyond these, and the ends of longer texts, are left out.
inline constexpr std::size_t kMostAttributes = 32;
inline constexpr std::size_t kMostAttributeBytes = 256;
// Further children of a span do nothing: a search decides a thousand times.
inline constexpr std::uint32_t kMostChildren = 64;

// Belongs to one thread. Moved from, or made of nothing, it does nothing.
class Span {
 public:
  Span() = default;
  Span(Span&& other) noexcept;
  Span& operator=(Span&&) = delete;
  Span(const Span&) = delete;
  ~Span() { end(); }

  // Passed on: to records, to what is called, to spans inside this one.
  const TraceContext& context() const { return record_.context; }
  void set(std::string_view name, AttributeValue value);
  void fail() { record_.is_error = true; }
  // Within this one. Where this one is not sampled it does nothing, and costs nothing.
  Span child(std::string_view name, SpanKind kind = SpanKind::internal) const;
  // Once; further calls do nothing.
  void end();
  // Ends it, and nobody hears of it.
  void forget() { tracer_ = nullptr; }

 private:
  friend class Tracer;
  Span(Tracer* tracer, SpanRecord record, std::chrono::steady_clock::time_point began)
      : tracer_(tracer), record_(std::move(record)), began_(began) {}

  Tracer* tracer_ = nullptr;  // null: ended
  SpanRecord record_;
  std::chrono::steady_clock::time_point began_;
  mutable std::uint32_t children_ = 0;
};

// Thread-safe. `clock` and `random` are borrowed.
class Tracer {
 public:
  // `take` gets every sampled span when it ends, on the thread that ended it.
  using Take = std::function<void(SpanRecord)>;
  Tracer(const Clock& clock, Random& random, Take take)
      : clock_(clock), random_(random), take_(std::move(take)) {}

  // Of 10,000 traces that begin here, so many are sampled. Those that come with a decision keep it.
  void set_sampled_per_10000(std::uint32_t share) {
    share_.store(share, std::memory_order_relaxed);
  }

  // Whether a span within `parent` could be sampled at all: for where even its id costs too much.
  bool may_sample(const TraceContext& parent) const;
  // Within `parent`, or a new trace when that is not valid.
  Span start(std::string_view name, const TraceContext& parent, SpanKind kind = SpanKind::internal);

 private:
  friend class Span;
  const Clock& clock_;
  Random& random_;
  Take take_;
  std::atomic<std::uint32_t> share_ = 0;
};

}  // namespace writ::observe
