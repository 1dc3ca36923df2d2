#include "server/runs/drive_log.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace writ::server {
namespace {

constexpr std::string_view kStarted = "step.started";

using Write = void (*)(observe::Log& log, std::string_view event, const Value& message);

std::string_view run_of(const Value& message) { return message.string_or("run", ""); }

void write_opened(observe::Log& log, std::string_view event, const Value& message) {
  log.write(observe::Level::info, "runs", event, "a drive takes the run up",
            {{"run", run_of(message)}});
}

void write_ended(observe::Log& log, std::string_view event, const Value& message) {
  log.write(observe::Level::info, "runs", event, "a drive leaves the run",
            {{"run", run_of(message)}, {"outcome", message.string_or("outcome", "")}});
}

void write_step(observe::Log& log, std::string_view event, const Value& message) {
  const Value* const state = message.find("state");
  if (state == nullptr) return;
  // One that is for somebody else begins with waiting for them: that is one thing, and one line.
  const bool waits = state->string_or("status", "") == "waiting";
  if (waits && event == kStarted) return;
  if (waits) event = "step.waiting";
  log.write(observe::Level::info, "runs", event, "a step goes on",
            {{"run", run_of(message)},
             {"step", message.string_or("step", "")},
             {"status", state->string_or("status", "")},
             {"attempt", state->integer_or("attempt", 0)}});
}

void write_reopened(observe::Log& log, std::string_view event, const Value& message) {
  log.write(observe::Level::info, "runs", event, "a step is as if it had not begun",
            {{"run", run_of(message)}, {"step", message.string_or("step", "")}});
}

struct Line {
  std::string_view told;
  std::string_view event;
  Write write;
};

constexpr std::array<Line, 5> kLines{{
    {"run_opened", "run.opened", &write_opened},
    {"step_started", kStarted, &write_step},
    {"step_reopened", "step.reopened", &write_reopened},
    {"step_ended", "step.ended", &write_step},
    {"run_ended", "run.rested", &write_ended},
}};

}  // namespace

void log_drive(observe::Log& log, const Value& message) {
  const auto line = std::ranges::find(kLines, message.string_or("event", ""), &Line::told);
  if (line != kLines.end()) line->write(log, line->event, message);
}

}  // namespace writ::server
