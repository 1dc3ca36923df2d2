#include "cli/progress_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace writ::cli {
namespace {

using execution::Outcome;
using execution::StepStatus;

constexpr std::size_t kPathColumns = 40;
constexpr std::size_t kNoteColumns = 34;
constexpr std::size_t kSourceColumns = 84;
constexpr std::size_t kProblemsShown = 20;
// Of a command that failed: what it said last.
constexpr std::size_t kLinesShown = 10;
constexpr std::size_t kLineColumns = 120;
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

std::string source_frame(const execution::Problem& problem, const Style& style,
                         const std::string& indent) {
  if (problem.line.empty() || !problem.at.is_known()) return "";
  const std::string number = std::to_string(problem.at.line);
  const std::string gutter(number.size(), ' ');
  // Columns count bytes of the line; the marks stand under what the terminal shows of them.
  const std::string_view line = problem.line;
  const std::size_t begin = std::min<std::size_t>(line.size(), std::max(problem.at.column, 1U) - 1);
  const std::size_t before = columns_of(printable(line.substr(0, begin)));
  const std::size_t marked = columns_of(printable(line.substr(begin, problem.length)));
  return fmt::format("{}  {} │ {}\n{}  {} │ {}{}\n", indent, number,
                     fit(printable(line), kSourceColumns), indent, gutter,
                     std::string(std::min(before, kSourceColumns), ' '),
                     style(Tone::bad, std::string(std::clamp<std::size_t>(marked, 1, 80), '^')));
}

std::string problem_text(const execution::Problem& problem, const Style& style,
                         const std::string& indent) {
  std::string place = printable(problem.file);
  if (problem.at.is_known()) {
    place += fmt::format(":{}:{}", problem.at.line, problem.at.column);
  }
  std::string out = indent;
  if (!place.empty()) out += style(Tone::strong, place) + "  ";
  if (!problem.rule.empty()) out += problem.rule + "  ";
  out += printable(problem.message) + "\n";
  return out + source_frame(problem, style, indent);
}

const Sign& sign_of(StepStatus status) { return *std::ranges::find(kSigns, status, &Sign::status); }

std::string indent_of(const OpenRun& run) { return std::string(2 * run.depth, ' '); }

std::string note_of(const execution::StepEnd& end) {
  if (end.state.status != StepStatus::passed) return "";
  return end.step.kind == protocol::StepKind::gate ? "gate open" : "";
}

}  // namespace

ProgressTree::ProgressTree(std::ostream& out, const Clock& clock, Style style,
                           std::size_t live_columns)
    : out_(out), clock_(clock), style_(style), live_columns_(live_columns) {
  if (live_columns_ > 0) ticker_ = std::jthread([this](std::stop_token stop) { tick(stop); });
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
  if (live_columns_ == 0 || running_.empty()) return;
  const RunningLine& line = running_.begin()->second;
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - line.since);
  std::string text = "  · " + line.label + "  " + elapsed_text(elapsed.count());
  if (running_.size() > 1) text += fmt::format("  (+{} more)", running_.size() - 1);
  if (!line.last_output.empty()) text += "  " + line.last_output.back();
  out_ << style_(Tone::dim, fit(text, live_columns_ - 1)) << std::flush;
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
  const OpenRun run = runs_.open(plan, state.run);
  print(fmt::format("{}run {}  {}  plan {}  {} protocol{}, {} step{}\n", indent_of(run),
                    style_(Tone::strong, state.run.id.text()), printable(plan.spec_id),
                    state.run.plan.substr(0, 12), plan.protocols.size(),
                    plan.protocols.size() == 1 ? "" : "s", run.total, run.total == 1 ? "" : "s"));
}

void ProgressTree::step_started(const protocol::PlanStep& step, std::size_t index,
                                const execution::StepState&) {
  const std::lock_guard lock(mutex_);
  running_[&step] = {
      fmt::format("{}/{}  {}", index + 1, runs_.of(step).total, step.path), {}, clock_.steady()};
  erase_live();
  draw_live();
}

void ProgressTree::step_output(const protocol::PlanStep& step, std::string_view line) {
  const std::lock_guard lock(mutex_);
  const auto running = running_.find(&step);
  std::string shown = printable(line);
  if (running == running_.end() || shown.find_first_not_of(' ') == std::string::npos) return;
  std::deque<std::string>& lines = running->second.last_output;
  lines.push_back(std::move(shown));
  if (lines.size() > kLinesShown) lines.pop_front();
}

void ProgressTree::step_reopened(const protocol::PlanStep& step, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  running_.erase(&step);
  print(indent_of(runs_.of(step)) +
        style_(Tone::dim, fmt::format("  ↻ {}  {}\n", step.path, printable(reason))));
}

void ProgressTree::step_ended(const execution::StepEnd& end) {
  const std::lock_guard lock(mutex_);
  const auto ran = running_.extract(&end.step);
  const OpenRun run = runs_.of(end.step);
  const std::string indent = indent_of(run);
  const Sign& sign = sign_of(end.state.status);
  const std::string attempt =
      end.state.attempt > 1 ? fmt::format("attempt {}  ", end.state.attempt) : "";
  const std::string note =
      end.step.origin.document == "spec" ? note_of(end) : end.step.origin.document;
  print(fmt::format("{}  {} {:>3}/{}  {}  {}  {}{}\n", indent, style_(sign.tone, sign.sign),
                    end.index + 1, run.total, pad(end.step.path, kPathColumns),
                    style_(Tone::dim, pad(note, kNoteColumns)), attempt,
                    style_(Tone::dim, elapsed_text(end.state.elapsed_ms))));
  if (end.state.status == StepStatus::passed) return;
  if (!end.state.reason.empty()) {
    print(indent + "      " + printable(end.state.reason) + "\n");
  }
  print_problems(end, indent + "      ");
  if (!ran.empty()) print_output(end, ran.mapped().last_output, indent + "      ");
  if (end.blocker != nullptr) {
    print(indent + "  " + style_(Tone::bad, "blocked ") +
          std::string(execution::blocker_name(end.blocker->kind)) + "\n");
  }
}

void ProgressTree::print_problems(const execution::StepEnd& end, const std::string& indent) {
  std::size_t shown = 0;
  for (const execution::Problem& problem : end.problems) {
    if (shown++ == kProblemsShown) break;
    print(problem_text(problem, style_, indent));
  }
  if (end.problems.size() > kProblemsShown) {
    print(fmt::format("{}{} more: `writ explain {}`\n", indent,
                      end.problems.size() - kProblemsShown, end.step.path));
  }
}

// Where tests are named, their report has said it better.
void ProgressTree::print_output(const execution::StepEnd& end, const std::deque<std::string>& lines,
                                const std::string& indent) {
  const bool names_tests =
      std::ranges::find(end.problems, "test", &execution::Problem::rule) != end.problems.end();
  if (end.state.status != StepStatus::failed || names_tests) return;
  for (const std::string& line : lines) {
    print(indent + style_(Tone::dim, "│ " + fit(line, kLineColumns)) + "\n");
  }
}

void ProgressTree::run_ended(const protocol::Plan& plan, const execution::RunState& state,
                             const execution::Standing& standing) {
  const std::lock_guard lock(mutex_);
  const OpenRun run = runs_.close(state.run.id);
  const bool is_good = standing.outcome == Outcome::attested;
  const std::string name(execution::outcome_row(standing.outcome).name);
  // Children may run at once: each says whose end it is.
  const std::string whose = run.depth == 0 ? "" : printable(plan.spec_id) + " ";
  std::string text = indent_of(run) + "  " + whose +
                     style_(is_good ? Tone::good : Tone::warn, name) +
                     (standing.step.empty() ? "" : " at " + standing.step) +
                     (standing.detail.empty() ? "" : ": " + printable(standing.detail)) + "\n";
  // What is next is said once, about the run that was asked for.
  if (run.depth == 0) {
    text += "  next: " + style_(Tone::strong, execution::next_line(plan, state)) + "\n";
  }
  print(text);
}

}  // namespace writ::cli
