#include "observe/log.h"

#include <unistd.h>

#include <string>

namespace writ::observe {
namespace {

std::uint64_t this_thread() {
  thread_local auto id = static_cast<std::uint64_t>(::gettid());
  return id;
}

}  // namespace

Log::Log(const Clock& clock, std::vector<std::unique_ptr<LogSink>> sinks, Level from)
    : clock_(clock), sinks_(std::move(sinks)), from_(from) {}

void Log::write_error(std::string_view component, std::string_view event, const Error& error,
                      const TraceContext& trace, Attributes attributes) {
  if (!is_on(Level::error)) return;
  std::string cause;
  for (const std::string& context : error.contexts) {
    cause.append(cause.empty() ? "" : ", ").append("while ").append(context);
  }
  const ErrorRow& row = error_row(error.code);
  const std::string trace_id = trace.is_valid() ? trace.trace.hex() : std::string();
  std::vector<Attribute> all(attributes);
  all.emplace_back("code", row.name);
  all.emplace_back("cause", cause);
  all.emplace_back("retryable", row.retry == Retry::again);
  all.emplace_back("correlation_id", trace_id);
  hand_out(Level::error, component, event, error.message, trace.is_valid() ? &trace : nullptr, all);
}

void Log::hand_out(Level level, std::string_view component, std::string_view event,
                   std::string_view message, const TraceContext* trace,
                   std::span<const Attribute> attributes) {
  const LogRecord record{.time = clock_.wall(),
                         .level = level,
                         .component = component,
                         .event = event,
                         .message = message,
                         .thread = this_thread(),
                         .trace = trace,
                         .attributes = attributes};
  for (const auto& sink : sinks_) sink->take(record);
}

}  // namespace writ::observe
