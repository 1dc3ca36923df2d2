#pragma once
// The store's clock (Tx::now) for those who are in no transaction: what several servers on one
// store agree about, whatever the clock of each machine says. It never runs backwards in this
// process. Between two looks at the store it goes on at the pace of the steady clock; a machine
// that has the store to itself is followed at once where its clock is set forward, as Tx::now is.
//
// Thread-safe. `wall` never blocks and asks nobody.
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "store/store_clock.h"

namespace writ::store {

class Store;

class StoreTime final : public Clock {
 public:
  // `store` and `machine` are borrowed. `is_of_machine`: whether the store tells its time by this
  // machine's clock, which may change as a store moves; may be called from any thread.
  StoreTime(Store& store, const Clock& machine, std::function<bool()> is_of_machine);
  ~StoreTime() override { stop(); }
  StoreTime(const StoreTime&) = delete;
  StoreTime& operator=(const StoreTime&) = delete;

  // Asks the store. Blocking; needed once before `wall` is asked. Errors: those of the store.
  Result<void> look();
  // Looks again every second, on a thread of its own. A store that does not answer is no fault: the
  // time goes on.
  void start();
  void stop();

  WallTime wall() const override;
  std::chrono::steady_clock::time_point steady() const override { return machine_.steady(); }

 private:
  // What StoreClock is told of the machine.
  class Pace final : public Clock {
   public:
    Pace(const Clock& machine, std::function<bool()> is_of_machine)
        : machine_(machine), is_of_machine_(std::move(is_of_machine)) {}
    WallTime wall() const override { return is_of_machine_() ? machine_.wall() : WallTime{}; }
    std::chrono::steady_clock::time_point steady() const override { return machine_.steady(); }

   private:
    const Clock& machine_;
    const std::function<bool()> is_of_machine_;
  };

  Store& store_;
  const Clock& machine_;
  const Pace pace_;
  mutable StoreClock time_{pace_};
  std::mutex mutex_;  // guards nothing: what the thread waits with
  std::condition_variable_any wakes_;
  std::jthread thread_;
};

}  // namespace writ::store
