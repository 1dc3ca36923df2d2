#include "server/runs/run_desks.h"

#include <algorithm>
#include <cstddef>

namespace writ::server {
namespace {

constexpr std::size_t kKept = 64;
// Then keys, trust and repository are looked at again.
constexpr std::chrono::minutes kGoodFor{1};

}  // namespace

struct RunDesks::Taken::Slot {
  const RunId run;
  std::mutex mutex;  // guards what follows
  std::unique_ptr<project::Desk> desk;
  std::chrono::steady_clock::time_point opened;
};

RunDesks::Taken::Taken(std::shared_ptr<Slot> slot)
    : slot_(std::move(slot)), lock_(slot_->mutex), desk_(slot_->desk.get()) {}

// The first one too many clears all that nobody is at.
std::shared_ptr<RunDesks::Taken::Slot> RunDesks::slot_of(RunId run) {
  const std::lock_guard lock(mutex_);
  const auto known =
      std::ranges::find_if(slots_, [&](const auto& slot) { return slot->run == run; });
  if (known != slots_.end()) {
    slots_.splice(slots_.end(), slots_, known);
    return slots_.back();
  }
  // Who is at one keeps it: nobody else may sit down at another of the same run.
  if (slots_.size() >= kKept) {
    std::erase_if(slots_, [](const auto& slot) { return slot.use_count() == 1; });
  }
  return slots_.emplace_back(new Taken::Slot{run, {}, {}, {}});
}

// Acts ask for the trust at the run's base revision and for its tree: for a repository.
Result<RunDesks::Taken> RunDesks::take(RunId run) {
  const project::Project* const project = project_.project();
  if (project == nullptr) {
    return fail(Code::not_found, "this server has a store, and no project whose runs wait",
                "Start `writ serve` in a repository where `writ init` was run");
  }
  Taken taken(slot_of(run));
  Taken::Slot& slot = *taken.slot_;
  const auto now = clock_.steady();
  if (slot.desk == nullptr || now - slot.opened > kGoodFor) {
    slot.desk = nullptr;
    WRIT_TRY(slot.desk, project::Desk::open(*project, project_.journal_deps(), run));
    slot.opened = now;
  }
  taken.desk_ = slot.desk.get();
  return taken;
}

}  // namespace writ::server
