#pragma once
// What a driver tells its watchers, as messages: from a server that drives a run to a command that
// shows it as if it had driven it.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "base/value.h"
#include "cli/open_runs.h"
#include "cli/server_client.h"
#include "execution/journal.h"
#include "execution/progress.h"

namespace writ::cli {

class ProgressMessages final : public execution::Progress {
 public:
  explicit ProgressMessages(std::function<void(Value)> tell) : tell_(std::move(tell)) {}

  void run_opened(const protocol::Plan& plan, const execution::RunState& state) override;
  void step_started(const protocol::PlanStep& step, std::size_t index,
                    const execution::StepState& state) override;
  void step_output(const protocol::PlanStep& step, std::string_view line) override;
  void step_reopened(const protocol::PlanStep& step, std::string_view reason) override;
  void step_ended(const execution::StepEnd& end) override;
  void run_ended(const protocol::Plan& plan, const execution::RunState& state,
                 const execution::Standing& standing) override;

 private:
  void tell(std::string_view event, const protocol::PlanStep& step, Object members);

  std::function<void(Value)> tell_;
  std::mutex mutex_;  // guards what follows
  OpenRuns runs_;
};

// Tells `progress` what messages say; plans and decisions are asked for at the server.
class ProgressReplay {
 public:
  // Both are borrowed.
  ProgressReplay(ServerClient& server, execution::Progress& progress)
      : server_(server), progress_(progress) {}

  // Errors: unavailable (no message of a server like this one), those of the server.
  Result<void> take(const Value& message);
  // How the drive of `run` ended; nothing: it has not, or nobody has told.
  std::optional<execution::Standing> ended(RunId run) const;

 private:
  struct Opened {
    protocol::Plan plan;
    execution::RunState state;
  };
  Result<void> open(RunId run, const Value& message);
  Result<void> close(RunId run, const Value& message);
  Result<void> take_step(RunId run, std::string_view event, const Value& message);
  Result<void> end_step(RunId run, std::size_t index, const Opened& at, const Value& message);
  Result<std::optional<execution::DecisionRecord>> decision_of(RunId run, const std::string& step,
                                                               std::uint32_t attempt);

  ServerClient& server_;
  execution::Progress& progress_;
  std::map<RunId, std::unique_ptr<Opened>> opened_;  // watchers point into the plans
  std::map<RunId, execution::Standing> ended_;
};

}  // namespace writ::cli
