#include "cli/annotations.h"

#include <fmt/format.h>

#include <ostream>
#include <string>

#include "cli/style.h"

namespace writ::cli {
namespace {

constexpr std::size_t kShown = 10;

// What would end the message, or begin another command.
std::string message_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '%') {
      out += "%25";
    } else {
      out += c;
    }
  }
  return out;
}

std::string property_text(std::string_view text) {
  std::string out;
  for (const char c : message_text(text)) {
    if (c == ':') {
      out += "%3A";
    } else if (c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void Annotations::annotate(const execution::StepEnd& end, const execution::Problem& problem) {
  if (printed_ == kShown) {
    ++dropped_;
    return;
  }
  ++printed_;
  out_ << "::error ";
  if (!problem.file.empty()) out_ << "file=" << property_text(problem.file) << ",";
  if (problem.at.is_known()) {
    out_ << fmt::format("line={},endLine={},col={},", problem.at.line, problem.at.line,
                        problem.at.column);
  }
  const std::string_view title = problem.rule.empty() ? end.step.path : problem.rule;
  out_ << "title=" << property_text(title) << "::" << message_text(problem.message) << "\n";
}

void Annotations::step_ended(const execution::StepEnd& end) {
  shown_->step_ended(end);
  if (end.state.status == execution::StepStatus::passed) return;
  const std::lock_guard lock(mutex_);
  for (const execution::Problem& problem : end.problems) annotate(end, problem);
  if (end.problems.empty() && end.state.status != execution::StepStatus::waiting) {
    execution::Problem step;
    step.message = end.step.path + ": " + end.state.reason;
    annotate(end, step);
  }
  out_.flush();
}

void Annotations::run_ended(const protocol::Plan& plan, const execution::RunState& state,
                            const execution::Standing& standing) {
  shown_->run_ended(plan, state, standing);
  const std::lock_guard lock(mutex_);
  if (dropped_ == 0) return;
  out_ << fmt::format(
              "::notice title=Writ::{} more findings are not shown as annotations; the "
              "log above has them\n",
              dropped_)
       << std::flush;
  dropped_ = 0;
}

void Annotations::run_opened(const protocol::Plan& plan, const execution::RunState& state) {
  shown_->run_opened(plan, state);
}

void Annotations::step_started(const protocol::PlanStep& step, std::size_t index,
                               const execution::StepState& state) {
  shown_->step_started(step, index, state);
}

void Annotations::step_output(const protocol::PlanStep& step, std::string_view line) {
  shown_->step_output(step, line);
}

void Annotations::step_reopened(const protocol::PlanStep& step, std::string_view reason) {
  shown_->step_reopened(step, reason);
}

}  // namespace writ::cli
