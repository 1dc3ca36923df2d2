#pragma once
// What happened, as records of fields rather than sentences: an event's name, who says it, and what
// goes with it.
//
//   log.write(Level::info, "server", "request.served", "GET /healthz", trace,
//             {{"status", 200}, {"elapsed_ms", 0.3}});
//
// Thread-safe. A record below the level costs one load.
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "observe/attribute.h"
#include "observe/trace_context.h"

namespace writ::observe {

enum class Level : std::uint8_t { debug, info, warning, error };
inline constexpr EnumNames<Level, 4> kLevels{{"debug", "info", "warning", "error"}};

// Borrows everything; lives as long as the call to `take`.
struct LogRecord {
  WallTime time;
  Level level = Level::info;
  std::string_view component;           // the module that speaks
  std::string_view event;               // "request.served": fixed words, to search by
  std::string_view message;             // for people
  std::uint64_t thread = 0;             // the kernel's id
  const TraceContext* trace = nullptr;  // null: of no request
  std::span<const Attribute> attributes;
};

class LogSink {
 public:
  virtual ~LogSink() = default;
  // From any thread, many at a time. Never blocks for long and never logs.
  virtual void take(const LogRecord& record) = 0;
};

class Log {
 public:
  // `clock` is borrowed. No sinks: says nothing.
  Log(const Clock& clock, std::vector<std::unique_ptr<LogSink>> sinks, Level from = Level::info);

  bool is_on(Level level) const { return level >= from_.load(std::memory_order_relaxed); }
  void set_level(Level from) { from_.store(from, std::memory_order_relaxed); }

  void write(Level level, std::string_view component, std::string_view event,
             std::string_view message, Attributes attributes = {}) {
    if (is_on(level)) hand_out(level, component, event, message, nullptr, attributes);
  }
  void write(Level level, std::string_view component, std::string_view event,
             std::string_view message, const TraceContext& trace, Attributes attributes = {}) {
    const TraceContext* known = trace.is_valid() ? &trace : nullptr;
    if (is_on(level)) hand_out(level, component, event, message, known, attributes);
  }
  // With the fields that every error has: code, cause (its contexts), retryable, correlation_id.
  void write_error(std::string_view component, std::string_view event, const Error& error,
                   const TraceContext& trace = {}, Attributes attributes = {});

 private:
  void hand_out(Level level, std::string_view component, std::string_view event,
                std::string_view message, const TraceContext* trace,
                std::span<const Attribute> attributes);

  const Clock& clock_;
  std::vector<std::unique_ptr<LogSink>> sinks_;
  std::atomic<Level> from_;
};

}  // namespace writ::observe
