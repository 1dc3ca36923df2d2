#pragma once
// Somebody who watches a store in a test: notes every call, and lets a test wait for one.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "store/watch.h"

namespace writ::store {

class Ears {
 public:
  // To be handed to Store::watch; the ears outlive the watch.
  Waker waker() {
    return [this](Wake wake) {
      const std::lock_guard lock(mutex_);
      heard_.push_back(wake);
      called_.notify_all();
    };
  }

  // False where nothing of the kind came in half a minute. What has come is forgotten then.
  bool hear(Wake wanted) {
    return wait([&] { return std::ranges::find(heard_, wanted) != heard_.end(); });
  }
  // Does `act` until it is heard of: while a watch still begins, a commit is heard as that.
  bool hear_of(Wake wanted, const std::function<void()>& act) {
    for (int tries = 0; tries < 300; ++tries) {
      act();
      std::unique_lock lock(mutex_);
      const auto is_there = [&] { return std::ranges::find(heard_, wanted) != heard_.end(); };
      if (!called_.wait_for(lock, std::chrono::milliseconds(100), is_there)) continue;
      heard_.clear();
      return true;
    }
    return false;
  }
  bool hear_anything() {
    return wait([&] { return !heard_.empty(); });
  }
  std::vector<Wake> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  bool wait(const std::function<bool()>& is_there) {
    std::unique_lock lock(mutex_);
    const bool out = called_.wait_for(lock, std::chrono::seconds(30), is_there);
    heard_.clear();
    return out;
  }

  std::mutex mutex_;
  std::condition_variable called_;
  std::vector<Wake> heard_;
};

}  // namespace writ::store
