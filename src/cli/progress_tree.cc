#include "cli/progress_tree.h"

#include <fmt/format.h>

#include <ostream>

namespace writ::cli {
namespace {

using execution::Outcome;
using execution::StepStatus;

constexpr std::size_t kPathColumns = 40;
constexpr std::size_t kNoteColumns = 34;
constexpr std::size_t kLiveColumns = 96;
constexpr std::size_t kProblemsShown = 20;
constexpr auto kTick = std::chrono::milliseconds(200);

struct Sign {
  StepStatus status;
  Tone tone;
  std::string_view sign;
};
constexpr Sign kSigns[] = {
    {StepStatus::pending, Tone::warn, "↻"}, {StepStatus::running, Tone::dim, "·"},
    {StepStatus::waiting, Tone::warn, "⏸"}, {StepStatus::passed, Tone::good, "✔"},
    {StepStatus::failed, Tone::bad, "✖"},   {StepStatus::shut, Tone::bad, "⊘"},
    {StepStatus::blocked, Tone::bad, "✖"},
};

std::string source_frame(const execution::Problem& problem, const Style& style) {
  if (problem.line.empty() || !problem.at.is_known()) return "";
  const std::string number = std::to_string(problem.at.line);
  const std::string gutter(number.size(), ' ');
  const std::size_t before = problem.at.column > 0 ? problem.at.column - 1 : 0;
  const std::size_t length = problem.length == 0 ? 1 : problem.length;
  return fmt::format("        {} │ {}\n        {} │ {}{}\n", number,
                     fit(printable(problem.line), 84), gutter, std::string(before, ' '),
                     style(Tone::bad, std::string(std::min<std::size_t>(length, 80), '^')));
}

std::string problem_text(const execution::Problem& problem, const Style& style) {
  std::string place = printable(problem.file);
  if (problem.at.is_known()) {
    place += fmt::format(":{}:{}", problem.at.line, problem.at.column);
  }
  std::string out = "      ";
  if (!place.empty()) out += style(Tone::strong, place) + "  ";
  if (!problem.rule.empty()) out += problem.rule + "  ";
  out += printable(problem.message) + "\n";
  return out + source_frame(problem, style);
}

std::string note_of(const execution::StepEnd& end) {
  if (end.state.status != StepStatus::passed) return "";
  return end.step.kind == protocol::StepKind::gate ? "gate open" : "";
}

}  // namespace

ProgressTree::ProgressTree(std::ostream& out, const Clock& clock, Style style, bool is_live)
    : out_(out), clock_(clock), style_(style), is_live_(is_live) {
  if (is_live_) ticker_ = std::jthread([this](std::stop_token stop) { tick(stop); });
}

ProgressTree::~ProgressTree() {
  ticker_ = {};
  const std::lock_guard lock(mutex_);
  erase_live();
  out_.flush();
}

void ProgressTree::tick(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, stop, kTick, [&] { return stop.stop_requested(); })) {
    erase_live();
    draw_live();
  }
}

void ProgressTree::erase_live() {
  if (has_live_line_) out_ << "\r\x1b[K";
  has_live_line_ = false;
}

void ProgressTree::draw_live() {
  if (!is_live_ || running_.empty()) return;
  const RunningLine& line = running_.begin()->second;
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - line.since);
  std::string text = "  · " + line.label + "  " + elapsed_text(elapsed.count());
  if (running_.size() > 1) text += fmt::format("  (+{} more)", running_.size() - 1);
  if (!line.last_output.empty()) text += "  " + line.last_output;
  out_ << style_(Tone::dim, fit(text, kLiveColumns)) << std::flush;
  has_live_line_ = true;
}

void ProgressTree::print(const std::string& line) {
  erase_live();
  out_ << line;
  draw_live();
  out_.flush();
}

void ProgressTree::run_opened(const protocol::Plan& plan, const execution::RunState& state) {
  const std::lock_guard lock(mutex_);
  total_ = plan.steps.size();
  print(fmt::format("run {}  {}  plan {}  {} protocol{}, {} steps\n",
                    style_(Tone::strong, state.run.id.text().substr(0, 18)), plan.spec_id,
                    state.run.plan.substr(0, 12), plan.protocols.size(),
                    plan.protocols.size() == 1 ? "" : "s", total_));
}

void ProgressTree::step_started(const protocol::PlanStep& step, std::size_t index,
                                const execution::StepState&) {
  const std::lock_guard lock(mutex_);
  running_[step.path] = {fmt::format("{}/{}  {}", index + 1, total_, step.path), "",
                         clock_.steady()};
  erase_live();
  draw_live();
}

void ProgressTree::step_output(const protocol::PlanStep& step, std::string_view line) {
  const std::lock_guard lock(mutex_);
  const auto running = running_.find(step.path);
  if (running != running_.end()) running->second.last_output = printable(line);
}

void ProgressTree::step_reopened(const protocol::PlanStep& step, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  print(style_(Tone::dim, fmt::format("  ↻ {}  {}\n", step.path, printable(reason))));
}

void ProgressTree::step_ended(const execution::StepEnd& end) {
  const std::lock_guard lock(mutex_);
  running_.erase(end.step.path);
  const Sign& sign = kSigns[static_cast<std::size_t>(end.state.status)];
  const std::string attempt =
      end.state.attempt > 1 ? fmt::format("attempt {}  ", end.state.attempt) : "";
  const std::string note =
      end.step.origin.document == "spec" ? note_of(end) : end.step.origin.document;
  print(fmt::format("  {} {:>3}/{}  {}  {}  {}{}\n", style_(sign.tone, sign.sign), end.index + 1,
                    total_, pad(end.step.path, kPathColumns),
                    style_(Tone::dim, pad(note, kNoteColumns)), attempt,
                    style_(Tone::dim, elapsed_text(end.state.elapsed_ms))));
  if (end.state.status == StepStatus::passed) return;
  if (!end.state.reason.empty()) print("      " + printable(end.state.reason) + "\n");
  print_problems(end);
  if (end.blocker != nullptr) {
    print("  " + style_(Tone::bad, "blocked ") +
          std::string(execution::blocker_name(end.blocker->kind)) + "\n");
  }
}

void ProgressTree::print_problems(const execution::StepEnd& end) {
  std::size_t shown = 0;
  for (const execution::Problem& problem : end.problems) {
    if (shown++ == kProblemsShown) break;
    print(problem_text(problem, style_));
  }
  if (end.problems.size() > kProblemsShown) {
    print(fmt::format("      {} more: `writ explain {}`\n", end.problems.size() - kProblemsShown,
                      end.step.path));
  }
}

void ProgressTree::run_ended(const protocol::Plan& plan, const execution::RunState& state,
                             const execution::Standing& standing) {
  const std::lock_guard lock(mutex_);
  running_.clear();
  const bool is_good = standing.outcome == Outcome::attested;
  const std::string name(execution::outcome_row(standing.outcome).name);
  print("  " + style_(is_good ? Tone::good : Tone::warn, name) +
        (standing.step.empty() ? "" : " at " + standing.step) +
        (standing.detail.empty() ? "" : ": " + printable(standing.detail)) +
        "\n  next: " + style_(Tone::strong, execution::next_line(plan, state)) + "\n");
}

}  // namespace writ::cli
