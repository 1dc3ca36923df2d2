#include "server/storage/store_switcher.h"

#include <chrono>
#include <utility>

namespace writ::server {
namespace {

using project::StoreSwitch;
using project::SwitchState;

// Before another look: somebody else may be at it, or the other store away.
constexpr std::chrono::seconds kBetweenTries{1};

// `home` is what it borrows from.
project::UsedStore used(const store::Home& home) {
  return {home.backend, home.url, *home.store, *home.blobs};
}

}  // namespace

StoreSwitcher::StoreSwitcher(store::MovingStore& store, project::StoreMover& mover,
                             identity::Journal& journal)
    : store_(store), mover_(mover), journal_(journal) {}

StoreSwitcher::~StoreSwitcher() { stop(); }

Result<void> StoreSwitcher::start() {
  WRIT_TRY(watch_, store_.watch(
                       {project::kSwitchTable}, [this](store::Wake) { nudge(); },
                       store::Reach::all_processes));
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return {};
}

void StoreSwitcher::stop() {
  watch_.reset();
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void StoreSwitcher::nudge() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_all();
}

void StoreSwitcher::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto done = take_part(stop);
    std::unique_lock lock(mutex_);
    problem_.reset();
    if (!done) problem_ = std::move(done).error();
    // With something in the way, news of others' passes are no reason to try again at once.
    const bool waits_for_news = !problem_;
    woken_.wait_for(lock, stop, kBetweenTries, [&] { return waits_for_news && is_woken_; });
    is_woken_ = false;
  }
}

Result<void> StoreSwitcher::take_part(const std::stop_token& stop) {
  const store::Home home = store_.home();
  WRIT_TRY(const auto change, project::last_switch(*home.store));
  if (!change || !project::is_under_way(*change)) return mover_.tidy(used(home));
  if (change->state != SwitchState::copying) return {};
  auto done = mover_.copy_over(used(home), *change, journal_, stop);
  if (done || done.error().code != Code::unsupported) return done;
  const identity::Deed deed{.journal = journal_, .actor = "system"};
  WRIT_CHECK(home.store->write([&](store::Tx& tx) {
    return project::change_state(tx, change->id, SwitchState::copying, SwitchState::failed, deed,
                                 done.error().message);
  }));
  return done;
}

Result<StoreStanding> StoreSwitcher::standing() const {
  const store::Home home = store_.home();
  StoreStanding out;
  out.backend = home.backend;
  out.backends = mover_.backends().names();
  WRIT_TRY(out.last, project::last_switch(*home.store));
  out.progress = mover_.progress();
  out.problem = store_.obstacle();
  const std::lock_guard lock(mutex_);
  if (!out.problem) out.problem = problem_;
  return out;
}

Result<project::Rehearsal> StoreSwitcher::rehearse(const std::string& to) const {
  const store::Home home = store_.home();
  return mover_.rehearse(used(home), to);
}

Result<StoreSwitch> StoreSwitcher::begin(const std::string& to, const identity::Deed& deed) {
  const store::Home home = store_.home();
  return mover_.begin(used(home), to, deed);
}

Result<StoreSwitch> StoreSwitcher::take_back(const identity::Deed& deed) {
  const store::Home home = store_.home();
  return mover_.take_back(used(home), deed);
}

}  // namespace writ::server
