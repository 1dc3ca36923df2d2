#include "server/runs/background_runs.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/safe_path.h"
#include "execution/schedule.h"
#include "project/driven_runs.h"
#include "server/runs/drive_log.h"

namespace writ::server {
namespace {

using execution::Outcome;

// Words ring; this is for times that come and for runs that were listed elsewhere.
constexpr std::chrono::milliseconds kTick{500};
// What a drive that has nothing left to do is waited for: it stays for a moment
// (cli/server_runs.cc).
constexpr std::chrono::seconds kLinger{1};
// Most of them wait; how many steps run at once is the driver's to bound.
constexpr std::size_t kSideBySide = 64;
constexpr std::int64_t kRetryMicros = 5'000'000;
// At a run that waits for its children.
constexpr std::int64_t kLookMicros = 30'000'000;
constexpr std::size_t kRunsLookedAt = 1'000;

// Another process drives it, the disk is full: it is tried again. A conflict says that it has
// ended.
bool may_pass(const Error& error) {
  return error.code != Code::conflict && error_row(error.code).retry == Retry::again;
}

// A part of another run is driven by that one's drive, under a lease of this process: it would be
// driven twice.
Result<void> expect_root(const execution::RunRow& row) {
  if (!row.parent) return {};
  return fail(Code::conflict, "run " + row.id.text() + " is a part of run " + row.parent->text(),
              "Act on that one: its parts go with it");
}

}  // namespace

BackgroundRuns::BackgroundRuns(ProjectSide& project, project::RunDriver& driver, const Clock& clock,
                               observe::Log& log)
    : project_(project), driver_(driver), clock_(clock), log_(log), told_(clock) {}

BackgroundRuns::~BackgroundRuns() { stop(); }

Result<void> BackgroundRuns::start() {
  WRIT_TRY(watch_, project_.store().watch(
                       {execution::statement_table()}, [this](store::Wake) { ring(); },
                       store::Reach::all_processes));
  keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
  return {};
}

BackgroundRuns::Moment BackgroundRuns::in(std::int64_t micros) const {
  return {{clock_.wall().micros + micros}, clock_.steady() + std::chrono::microseconds(micros)};
}

bool BackgroundRuns::has_come(const Moment& moment) const {
  return moment.wall <= clock_.wall() || moment.steady <= clock_.steady();
}

void BackgroundRuns::ring() {
  const std::lock_guard lock(mutex_);
  has_news_ = true;
  changed_.notify_all();
}

void BackgroundRuns::stop() {
  watch_.reset();
  keeper_ = {};
  std::unique_lock lock(mutex_);
  for (auto& [run, drive] : drives_) drive.stop.request_stop();
  changed_.wait(lock, [&] {
    return std::ranges::all_of(drives_, [](const auto& one) { return one.second.has_ended; });
  });
  collect_ended(lock);
}

Result<execution::Journal> BackgroundRuns::journal_of(RunId run) const {
  return execution::Journal::open(project_.journal_deps(), run);
}

// What cannot be read is found out by the drive.
bool BackgroundRuns::has_moved(const std::vector<Seen>& seen) const {
  return std::ranges::any_of(seen, [&](const Seen& one) {
    const auto next = execution::next_event(project_.store(), one.run);
    return !next || *next != one.next;
  });
}

// How the children stood when the drive looked is not known: a word that came since then is found
// when the run is looked at anyway.
Result<BackgroundRuns::Rest> BackgroundRuns::rest_of(const execution::RunState& state,
                                                     std::uint64_t seen) const {
  Rest rest{.seen = {{state.run.id, seen}}};
  const WallTime now = clock_.wall();
  const std::optional<WallTime> wake = execution::Schedule::next_wake(state, now);
  if (wake) rest.wake = in(std::max<std::int64_t>(0, wake->micros - now.micros));
  WRIT_TRY(const auto rows, execution::list_runs(project_.store(), kRunsLookedAt));
  for (std::size_t i = 0; i < rest.seen.size(); ++i) {
    for (const execution::RunRow& row : rows) {
      const bool is_child = row.parent && *row.parent == rest.seen[i].run;
      if (is_child && row.status == execution::RunStatus::active) {
        rest.seen.push_back({row.id, row.next_seq});
      }
    }
  }
  const Moment look = in(kLookMicros);
  if (rest.seen.size() > 1 && (!rest.wake || look.steady < rest.wake->steady)) rest.wake = look;
  return rest;
}

void BackgroundRuns::hold(RunId run) {
  const std::lock_guard lock(mutex_);
  resting_.insert_or_assign(run, Rest{.is_held = true});
}

void BackgroundRuns::release(RunId run) {
  const std::lock_guard lock(mutex_);
  resting_.erase(run);
  has_news_ = true;
  changed_.notify_all();
}

Result<void> BackgroundRuns::begin(const project::RunOrder& asked) {
  project::RunOrder order = asked;
  WRIT_TRY(order.spec, normalize_relative(asked.spec));
  const std::lock_guard acting(acting_);
  const auto known = journal_of(order.id);
  if (known) {
    if (known->state().run.spec_file == order.spec) return {};
    return fail(Code::conflict, "run " + order.id.text() + " is of another spec",
                "Choose an id that is new, or none");
  }
  if (known.error().code != Code::not_found) return std::unexpected(known.error());
  // Listed first: a server that dies in between leaves a run that is taken up, or none. Held, since
  // before it is there nothing could be driven.
  hold(order.id);
  told_.begin(order.id);
  auto begun = project::list_driven(project_.store(), order.id, project_.project()->id());
  if (begun) begun = driver_.begin(*project_.project(), order);
  if (!begun) {
    const auto unlisted = project::unlist_driven(project_.store(), order.id);
    if (!unlisted) log_.write_error("runs", "run.not_unlisted", unlisted.error());
  }
  release(order.id);
  return begun;
}

// As hold, of a run that nobody drives here.
Result<void> BackgroundRuns::hold_idle(RunId run) {
  std::unique_lock lock(mutex_);
  const auto is_idle = [&] {
    const auto drive = drives_.find(run);
    return drive == drives_.end() || drive->second.has_ended;
  };
  if (!changed_.wait_for(lock, kLinger, is_idle)) {
    return fail(Code::unavailable, "run " + run.text() + " is being driven",
                "Ask again when it waits, or `writ cancel` it");
  }
  resting_.insert_or_assign(run, Rest{.is_held = true});
  return {};
}

Result<void> BackgroundRuns::replan(const project::ReplanOrder& order) {
  const std::lock_guard acting(acting_);
  const auto known = journal_of(order.id);
  if (known) {
    if (known->state().run.supersedes == order.old_run) return {};
    return fail(Code::conflict, "run " + order.id.text() + " is another's",
                "Choose an id that is new, or none");
  }
  if (known.error().code != Code::not_found) return std::unexpected(known.error());
  WRIT_TRY(const auto old_run, execution::read_run_state(project_.store(), order.old_run));
  WRIT_CHECK(expect_root(old_run.run));
  WRIT_CHECK(hold_idle(order.old_run));
  hold(order.id);
  told_.begin(order.id);
  auto replanned = project::list_driven(project_.store(), order.id, project_.project()->id());
  if (replanned) replanned = driver_.replan(*project_.project(), order);
  auto unlisted = project::unlist_driven(project_.store(), replanned ? order.old_run : order.id);
  release(order.old_run);
  release(order.id);
  if (!replanned) return replanned;
  return unlisted;
}

Result<void> BackgroundRuns::resume(RunId run) {
  const std::lock_guard acting(acting_);
  WRIT_TRY(const auto journal, journal_of(run));
  const execution::RunRow& row = journal.state().run;
  WRIT_CHECK(expect_root(row));
  if (row.status != execution::RunStatus::active) {
    return fail(Code::conflict,
                "run " + run.text() + " has ended: it is " +
                    std::string(execution::status_name(row.status)),
                "`writ apply " + row.spec_file + "` starts another");
  }
  {
    const std::lock_guard lock(mutex_);
    failures_.erase(run);
    const auto drive = drives_.find(run);
    const bool is_driven = drive != drives_.end() && !drive->second.has_ended;
    // It may have looked for the last time: another one is owed.
    if (is_driven) drive->second.is_asked_again = true;
    if (!is_driven) told_.begin(run);
  }
  // After that: a drive that ends meanwhile may have taken it off the list.
  WRIT_CHECK(project::list_driven(project_.store(), run, project_.project()->id()));
  release(run);
  return {};
}

// Two of one process would take each other's lease: the drive goes first.
Result<void> BackgroundRuns::cancel(RunId run) {
  const std::lock_guard acting(acting_);
  WRIT_TRY(const auto state, execution::read_run_state(project_.store(), run));
  WRIT_CHECK(expect_root(state.run));
  {
    std::unique_lock lock(mutex_);
    const auto drive = drives_.find(run);
    if (drive != drives_.end()) {
      drive->second.stop.request_stop();
      changed_.wait(lock, [&] {
        const auto at = drives_.find(run);
        return at == drives_.end() || at->second.has_ended;
      });
    }
    resting_.insert_or_assign(run, Rest{.is_held = true});
  }
  auto cancelled = driver_.cancel(*project_.project(), run);
  if (cancelled) cancelled = project::unlist_driven(project_.store(), run);
  release(run);
  return cancelled;
}

Driven BackgroundRuns::look(RunId run) const {
  Driven out;
  const auto listed = project::driven_runs(project_.store(), project_.project()->id());
  const std::lock_guard lock(mutex_);
  const auto drive = drives_.find(run);
  if (listed) {
    out.is_seen_to = std::ranges::find(*listed, run) != listed->end();
    out.is_driven = *out.is_seen_to && !resting_.contains(run);
  } else if (drive != drives_.end() && !drive->second.has_ended) {
    out.is_seen_to = out.is_driven = true;
  } else {
    out.is_seen_to = out.is_driven = std::nullopt;
  }
  if (const auto failure = failures_.find(run); failure != failures_.end()) {
    out.failure = failure->second;
  }
  return out;
}

void BackgroundRuns::keep(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    take_up_due();
    std::unique_lock lock(mutex_);
    collect_ended(lock);
    changed_.wait_for(lock, stop, kTick, [&] { return has_news_; });
    has_news_ = false;
  }
}

// Threads that are done are joined by another than themselves.
void BackgroundRuns::collect_ended(std::unique_lock<std::mutex>& lock) {
  std::vector<std::jthread> ended;
  for (auto at = drives_.begin(); at != drives_.end();) {
    if (!at->second.has_ended) {
      ++at;
      continue;
    }
    ended.push_back(std::move(at->second.thread));
    at = drives_.erase(at);
  }
  lock.unlock();
  ended.clear();
  lock.lock();
}

void BackgroundRuns::take_up_due() {
  const auto runs = project::driven_runs(project_.store(), project_.project()->id());
  if (!runs) {
    log_.write_error("runs", "run.not_listed", runs.error());
    return;
  }
  for (const RunId run : *runs) {
    if (!is_due(run)) continue;
    const std::lock_guard lock(mutex_);
    if (drives_.size() >= kSideBySide) return;
    const auto rest = resting_.find(run);
    if (rest != resting_.end() && rest->second.is_held) continue;
    resting_.erase(run);
    Drive& drive = drives_[run];
    drive.thread =
        std::jthread([this, run, stop = drive.stop.get_token()] { this->drive(run, stop); });
  }
}

bool BackgroundRuns::is_due(RunId run) {
  std::optional<Rest> rest;
  {
    const std::lock_guard lock(mutex_);
    if (drives_.contains(run)) return false;
    if (const auto at = resting_.find(run); at != resting_.end()) rest = at->second;
  }
  if (!rest) return true;
  if (rest->is_held) return false;
  if (rest->retry) return has_come(*rest->retry);
  if (rest->wake && has_come(*rest->wake)) return true;
  return has_moved(rest->seen);
}

void BackgroundRuns::drive(RunId run, const std::stop_token& stop) {
  const auto standing = driver_.drive(
      *project_.project(), run,
      [&](Value message) {
        log_drive(log_, message);
        told_.tell(run, std::move(message));
      },
      stop);
  // Who stopped it knows what comes next.
  if (!stop.stop_requested()) settle(run, standing);
  const auto state = execution::read_run_state(project_.store(), run);
  bool goes_on = !state || state->run.status == execution::RunStatus::active;
  {
    const std::lock_guard lock(mutex_);
    Drive& drive = drives_.at(run);
    goes_on = goes_on && drive.is_asked_again && !stop.stop_requested();
    if (goes_on) resting_.erase(run);
    drive.has_ended = true;
  }
  if (goes_on) {
    const auto listed = project::list_driven(project_.store(), run, project_.project()->id());
    if (!listed) log_.write_error("runs", "run.not_listed", listed.error());
  }
  ring();
}

void BackgroundRuns::settle(RunId run, const Result<execution::Standing>& standing) {
  const auto state = execution::read_run_state(project_.store(), run);
  if (standing && standing->outcome == Outcome::waiting && state) {
    const auto rest = rest_of(*state, standing->seen);
    const std::lock_guard lock(mutex_);
    resting_.insert_or_assign(run, rest ? *rest : Rest{.retry = in(kRetryMicros)});
    return;
  }
  if (!standing && may_pass(standing.error())) {
    const std::lock_guard lock(mutex_);
    resting_.insert_or_assign(run, Rest{.retry = in(kRetryMicros)});
    return;
  }
  const auto unlisted = project::unlist_driven(project_.store(), run);
  if (!unlisted) log_.write_error("runs", "run.not_unlisted", unlisted.error());
  // A run that was listed and never came to be is no failure of anybody's.
  if (standing || (!state && state.error().code == Code::not_found)) return;
  log_.write_error("runs", "run.not_driven", standing.error(), {}, {{"run", run.text()}});
  const std::lock_guard lock(mutex_);
  failures_.insert_or_assign(run, standing.error());
}

}  // namespace writ::server
