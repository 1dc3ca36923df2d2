#pragma once
// A run as the terminal shows it while it goes on: a line a step, live where it is a terminal,
// findings with their source line, and one `next:` line at the end.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iosfwd>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "cli/open_runs.h"
#include "cli/style.h"
#include "execution/progress.h"

namespace writ::cli {

class ProgressTree final : public execution::Progress {
 public:
  // `live_columns`: the last line is redrawn with elapsed time and the newest output line, cut to
  // so many columns; 0: plain lines only.
  ProgressTree(std::ostream& out, const Clock& clock, Style style, std::size_t live_columns);
  ~ProgressTree() override;

  void run_opened(const protocol::Plan& plan, const execution::RunState& state) override;
  void step_started(const protocol::PlanStep& step, std::size_t index,
                    const execution::StepState& state) override;
  void step_output(const protocol::PlanStep& step, std::string_view line) override;
  void step_reopened(const protocol::PlanStep& step, std::string_view reason) override;
  void step_ended(const execution::StepEnd& end) override;
  void run_ended(const protocol::Plan& plan, const execution::RunState& state,
                 const execution::Standing& standing) override;

 private:
  struct RunningLine {
    std::string label;
    std::deque<std::string> last_output;  // the newest last
    std::chrono::steady_clock::time_point since;
  };
  void print(const std::string& line);  // above the live line
  void draw_live();
  void erase_live();
  void print_problems(const execution::StepEnd& end, const std::string& indent);
  void print_output(const execution::StepEnd& end, const std::deque<std::string>& lines,
                    const std::string& indent);
  void tick(std::stop_token stop);

  std::ostream& out_;
  const Clock& clock_;
  Style style_;
  std::size_t live_columns_;

  std::mutex mutex_;  // guards everything below and out_
  std::condition_variable_any stopped_;
  OpenRuns runs_;
  std::map<const protocol::PlanStep*, RunningLine> running_;
  bool has_live_line_ = false;
  std::jthread ticker_;
};

}  // namespace writ::cli
