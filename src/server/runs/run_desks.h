#pragma once
// Desks (project/desk.h) of runs that are acted on over HTTP, kept for a while: who has handed in
// one step often hands in the next, and its tree was just looked at. Thread-safe.
#include <chrono>
#include <list>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "execution/acts.h"
#include "project/desk.h"
#include "server/project_side.h"

namespace writ::server {

class RunDesks {
 public:
  // Both are borrowed.
  RunDesks(ProjectSide& project, const Clock& clock) : project_(project), clock_(clock) {}

  // A desk, taken: nobody else acts on its run until this goes. What is said twice at once is thus
  // recorded once.
  class Taken {
   public:
    // `actor`: who acts, where a word does not tell.
    execution::ActDeps acts(std::string actor) const {
      execution::ActDeps acts = desk_->acts();
      acts.journal.actor = std::move(actor);
      return acts;
    }
    RunId run() const { return desk_->run(); }

   private:
    friend class RunDesks;
    struct Slot;
    explicit Taken(std::shared_ptr<Slot> slot);
    std::shared_ptr<Slot> slot_;
    std::unique_lock<std::mutex> lock_;
    project::Desk* desk_ = nullptr;
  };
  // Blocking while another has it. Errors: not_found (no such run, no project), those of opening.
  Result<Taken> take(RunId run);

 private:
  std::shared_ptr<Taken::Slot> slot_of(RunId run);

  ProjectSide& project_;
  const Clock& clock_;
  std::mutex mutex_;
  std::list<std::shared_ptr<Taken::Slot>> slots_;  // the last taken at the end
};

}  // namespace writ::server
