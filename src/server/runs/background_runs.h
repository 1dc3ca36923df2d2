#pragma once
// The runs that a server drives: begun over HTTP, gone on with when somebody has said what they
// waited for or their time has come, and taken up again after the server's death. A run that needs
// a person's decision (blocked, gate shut, step failed) is left alone until it is resumed.
//
// Thread-safe.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "execution/journal.h"
#include "observe/log.h"
#include "project/run_driver.h"
#include "server/project_side.h"
#include "server/runs/told_progress.h"

namespace writ::server {

// How a run stands with the server.
struct Driven {
  // It is driven now, or will be as soon as there is room; nothing: the list cannot be read.
  std::optional<bool> is_driven = false;
  std::optional<bool> is_seen_to = false;  // it is, or waits and will go on by itself
  std::optional<Error> failure;            // why the last drive came to no end
};

class BackgroundRuns {
 public:
  // All are borrowed; `project` is one with a repository. Nothing is driven before `start`.
  BackgroundRuns(ProjectSide& project, project::RunDriver& driver, const Clock& clock,
                 observe::Log& log);
  ~BackgroundRuns();
  BackgroundRuns(const BackgroundRuns&) = delete;
  BackgroundRuns& operator=(const BackgroundRuns&) = delete;

  // Takes up what an earlier server left. Errors: those of the store.
  Result<void> start();
  // Ends the running steps, which the next server begins again, and waits for that.
  void stop();

  // Makes the run durable and drives it. The same order once more changes nothing.
  // Errors: those of RunDriver::begin; conflict (another order had that id).
  Result<void> begin(const project::RunOrder& order);
  // Goes on with a run that somebody has to say it of. Errors: conflict (it has ended, or is a part
  // of another run).
  Result<void> resume(RunId run);
  // Goes on with the new run from then on. The same order once more changes nothing. Errors: those
  // of RunDriver::replan; conflict (another order had that id).
  Result<void> replan(const project::ReplanOrder& order);
  // As RunDriver::bundle.
  Result<std::string> bundle(RunId run) const { return driver_.bundle(*project_.project(), run); }
  // Errors: those of RunDriver::cancel.
  Result<void> cancel(RunId run);
  Driven look(RunId run) const;
  const ToldProgress& told() const { return told_; }

 private:
  // How far a run had come when it was last looked at: Standing::seen, RunRow::next_seq.
  struct Seen {
    RunId run;
    std::uint64_t next = 0;
  };
  // By either clock: the wall clock may be set forward, and back.
  struct Moment {
    WallTime wall;
    std::chrono::steady_clock::time_point steady;
  };
  struct Rest {
    bool is_held = false;              // somebody works on it who is no drive
    std::vector<Seen> seen = {};       // it and the child runs that it waits for
    std::optional<Moment> wake = {};   // when it goes on by itself
    std::optional<Moment> retry = {};  // after an error that may pass
  };
  struct Drive {
    std::stop_source stop;
    std::jthread thread;
    bool has_ended = false;
    bool is_asked_again = false;  // resumed meanwhile
  };

  void keep(const std::stop_token& stop);
  void take_up_due();
  bool is_due(RunId run);
  void drive(RunId run, const std::stop_token& stop);
  void settle(RunId run, const Result<execution::Standing>& standing);
  void hold(RunId run);
  Result<void> hold_idle(RunId run);
  void release(RunId run);
  void collect_ended(std::unique_lock<std::mutex>& lock);
  Result<execution::Journal> journal_of(RunId run) const;
  Result<Rest> rest_of(const execution::RunState& state, std::uint64_t seen) const;
  bool has_moved(const std::vector<Seen>& seen) const;
  void ring();
  Moment in(std::int64_t micros) const;
  bool has_come(const Moment& moment) const;

  ProjectSide& project_;
  project::RunDriver& driver_;
  const Clock& clock_;
  observe::Log& log_;
  std::mutex acting_;  // one begins, resumes or cancels at a time; taken before the other
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<RunId, Drive> drives_;
  std::map<RunId, Rest> resting_;
  std::map<RunId, Error> failures_;
  ToldProgress told_;
  bool has_news_ = false;
  std::unique_ptr<store::Watch> watch_;  // of what is said in runs
  std::jthread keeper_;                  // last: it uses the others
};

}  // namespace writ::server
