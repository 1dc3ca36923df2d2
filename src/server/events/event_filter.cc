#include "server/events/event_filter.h"

namespace writ::server {
namespace {

std::string text_of(const Call& call, std::string_view name) {
  const Value* const given = call.parameter(name);
  return given == nullptr ? std::string() : given->as_string();
}

Result<std::optional<WallTime>> time_of(const Call& call, std::string_view name) {
  const std::string text = text_of(call, name);
  if (text.empty()) return std::optional<WallTime>();
  const auto time = parse_rfc3339(text);
  if (time) return std::optional(*time);
  return fail(Code::invalid_input, std::string(name) + " takes a time, not " + text,
              "Write it as 2026-03-01T12:00:00Z");
}

}  // namespace

Result<ledger::Filter> event_filter(const Call& call) {
  ledger::Filter filter;
  if (const std::string run = text_of(call, "run"); !run.empty()) {
    WRIT_TRY(filter.run, RunId::parse(run));
  }
  filter.type = text_of(call, "type");
  filter.subject = text_of(call, "subject");
  filter.actor = text_of(call, "actor");
  filter.correlation = text_of(call, "correlation");
  filter.thread = text_of(call, "thread");
  filter.text = text_of(call, "text");
  WRIT_TRY(filter.from, time_of(call, "from"));
  WRIT_TRY(filter.to, time_of(call, "to"));
  if (const Value* const after = call.parameter("after")) {
    filter.after = static_cast<std::uint64_t>(after->as_integer());
  }
  if (const Value* const limit = call.parameter("limit")) {
    filter.limit = static_cast<std::size_t>(limit->as_integer());
  }
  return filter;
}

}  // namespace writ::server
