#pragma once
// A server's hand in changes of the store: while one is being made it copies, unless another server
// does, and its store goes along when the old one is left (store/moving_store.h).
//
// Thread-safe; has a thread of its own from `start` to `stop`.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/journal.h"
#include "project/store_mover.h"
#include "project/store_switch.h"
#include "store/moving_store.h"

namespace writ::server {

struct StoreStanding {
  std::string backend;  // in use; empty: it has no name
  std::vector<std::string> backends;
  std::optional<project::StoreSwitch> last;
  std::optional<project::CopyProgress> progress;  // of a copy that is made here
  std::optional<Error> problem;                   // what keeps this server from going on
};

class StoreSwitcher {
 public:
  // All are borrowed.
  StoreSwitcher(store::MovingStore& store, project::StoreMover& mover, identity::Journal& journal);
  ~StoreSwitcher();
  StoreSwitcher(const StoreSwitcher&) = delete;
  StoreSwitcher& operator=(const StoreSwitcher&) = delete;

  Result<void> start();
  void stop();

  Result<StoreStanding> standing() const;
  // Errors of all: those of StoreMover.
  Result<project::Rehearsal> rehearse(const std::string& to) const;
  Result<project::StoreSwitch> begin(const std::string& to, const identity::Deed& deed);
  Result<project::StoreSwitch> take_back(const identity::Deed& deed);

 private:
  void run(const std::stop_token& stop);
  Result<void> take_part(const std::stop_token& stop);
  void nudge();

  store::MovingStore& store_;
  project::StoreMover& mover_;
  identity::Journal& journal_;

  mutable std::mutex mutex_;
  std::condition_variable_any woken_;
  bool is_woken_ = false;
  std::optional<Error> problem_;
  std::unique_ptr<store::Watch> watch_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace writ::server
