#include "store/store_time.h"

#include <utility>

#include "store/store.h"

namespace writ::store {

StoreTime::StoreTime(Store& store, const Clock& machine, std::function<bool()> is_of_machine)
    : store_(store), machine_(machine), pace_(machine, std::move(is_of_machine)) {}

Result<void> StoreTime::look() {
  WRIT_TRY(const WallTime told, store_.read([](Tx& tx) { return tx.now(); }));
  static_cast<void>(time_.now(told));
  return {};
}

void StoreTime::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::unique_lock lock(mutex_);
      wakes_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
      lock.unlock();
      if (!stop.stop_requested()) static_cast<void>(look());
    }
  });
}

void StoreTime::stop() { thread_ = {}; }

WallTime StoreTime::wall() const { return time_.now({}); }

}  // namespace writ::store
