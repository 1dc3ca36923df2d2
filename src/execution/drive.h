#pragma once
// One drive of one run, from lease to standing. Private to execution; Engine::drive makes it.
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "execution/engine.h"
#include "execution/judge.h"
#include "execution/lease.h"
#include "execution/run_news.h"
#include "execution/schedule.h"

namespace writ::execution {

class Drive {
 public:
  Drive(EngineDeps& deps, Journal journal, Lease lease);
  Result<Standing> run(std::stop_token stop);
  const Journal& journal() const { return journal_; }

 private:
  struct Finished {
    std::size_t index = 0;
    Result<StepResult> result;
    std::chrono::milliseconds elapsed{0};
  };
  // What the watchers are told once it is durable.
  struct Notice {
    enum class Kind : std::uint8_t { started, ended } kind = Kind::started;
    std::size_t index = 0;
    std::vector<Problem> problems;
    std::optional<policy::Decision> decision;
    std::optional<Blocker> blocker;
  };
  struct Running {
    Tree before;
    std::vector<SignedWord> words;
    std::vector<evidence::Record> evidence;  // as it was when its thread began
    std::jthread thread;  // not joinable when the step runs on the driver's own thread
  };

  Result<Standing> go(std::stop_token stop);
  Result<void> recover();
  Result<void> loop(std::stop_token stop);
  Result<std::vector<std::size_t>> stage_ready();
  // Of the step at `only`, or of all.
  Result<void> poll_waiting(std::stop_token stop, std::string_view only = {});
  void launch(std::size_t index, std::stop_token stop);
  Result<StepSlots::Slot> take_slot(std::size_t index, const std::stop_token& stop);
  Finished work(std::size_t index, std::stop_token stop);
  Finished execute(std::size_t index, const StepContext& context, std::stop_token stop);
  Finished wait_for_one();
  Result<void> complete(Finished finished);
  Result<void> give_back(const Finished& finished);
  Result<void> stage_judgement(std::size_t index, Judgement judgement);
  Result<void> flush();
  // Judges those of `ready` that run nothing, and leaves the others in it.
  Result<void> settle_at_once(std::vector<std::size_t>& ready, std::stop_token stop);
  Result<bool> wait_for_more(std::stop_token stop);
  Result<std::optional<RunNews::News>> wait_for_news(std::stop_token stop);
  bool waits_for_somebody() const;
  Result<std::string> still_open();
  Result<Standing> finish();
  // Made on the driver's thread, which alone may look into the run. `evidence` is borrowed.
  StepContext context_of(std::size_t index, std::span<const evidence::Record> evidence);
  // The tree that the step's change is measured from; under a sequential law with its files.
  Result<Tree> tree_before(std::size_t index);
  Result<Transition> beginning_of(std::size_t index, const Tree& before);
  const Schedule& schedule();  // brought up to the run's state
  const StepState& state_of(std::size_t index) const { return journal_.state().steps[index]; }
  const protocol::PlanStep& step_of(std::size_t index) const {
    return journal_.plan().steps[index];
  }

  EngineDeps& deps_;
  Journal journal_;
  Lease lease_;
  Schedule schedule_;
  Tree tree_;  // newest seen
  std::vector<evidence::Record> evidence_;
  std::map<std::size_t, std::uint32_t> retries_;
  std::vector<Notice> notices_;

  std::mutex mutex_;  // guards finished_
  std::condition_variable finished_one_;
  std::deque<Finished> finished_;

  RunNews own_news_;                  // where the process has none for all of its drives
  std::unique_ptr<HandedWord> word_;  // staged, not durable yet; null: none

  std::stop_source stop_;                   // that of the caller, or this drive's own end
  std::map<std::size_t, Running> running_;  // last: its threads use the others
};

}  // namespace writ::execution
