#include "store/watch_hub.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/result.h"

namespace writ::store {

struct WatchHub::Watcher {
  std::vector<std::string> tables;
  Waker wake;
  std::optional<Wake> due = Wake::perhaps;

  bool watches(const TablesWritten& written) const {
    return std::ranges::any_of(tables, [&](const auto& name) { return written.contains(name); });
  }
};

class WatchHub::Handle final : public Watch {
 public:
  Handle(WatchHub& hub, std::shared_ptr<Watcher> watcher)
      : hub_(hub), watcher_(std::move(watcher)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() override { hub_.remove(watcher_.get()); }

 private:
  WatchHub& hub_;
  const std::shared_ptr<Watcher> watcher_;  // shared with the thread that may be telling it
};

WatchHub::~WatchHub() {
  {
    const std::lock_guard lock(mutex_);
    WRIT_ASSERT(watchers_.empty());
    is_stopping_ = true;
  }
  due_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<Watch> WatchHub::add(const std::vector<Table>& tables, Waker wake) {
  auto watcher = std::make_shared<Watcher>();
  for (const Table& table : tables) watcher->tables.emplace_back(table.name);
  watcher->wake = std::move(wake);
  {
    const std::lock_guard lock(mutex_);
    watchers_.push_back(watcher);
    has_watchers_ = true;
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  due_.notify_one();
  return std::make_unique<Handle>(*this, std::move(watcher));
}

void WatchHub::remove(const Watcher* watcher) {
  std::unique_lock lock(mutex_);
  std::erase_if(watchers_, [&](const auto& held) { return held.get() == watcher; });
  has_watchers_ = !watchers_.empty();
  if (std::this_thread::get_id() == thread_.get_id()) return;
  told_.wait(lock, [&] { return being_told_ != watcher; });
}

void WatchHub::changed(const TablesWritten& tables) {
  if (!has_watchers_ || tables.is_empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& watcher : watchers_) {
      if (!watcher->due && watcher->watches(tables)) watcher->due = Wake::changed;
    }
  }
  due_.notify_one();
}

void WatchHub::perhaps() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& watcher : watchers_) watcher->due = Wake::perhaps;
  }
  due_.notify_one();
}

// In turns, so that one who is always due does not keep the others waiting.
WatchHub::Watcher* WatchHub::next_due() {
  for (std::size_t i = 0; i < watchers_.size(); ++i) {
    next_ = (next_ + 1) % watchers_.size();
    if (watchers_[next_]->due) return watchers_[next_].get();
  }
  return nullptr;
}

void WatchHub::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    Watcher* found = nullptr;
    due_.wait(lock, [&] { return is_stopping_ || (found = next_due()) != nullptr; });
    if (found == nullptr) return;
    std::shared_ptr<Watcher> watcher = watchers_[next_];
    const Wake wake = *std::exchange(watcher->due, std::nullopt);
    being_told_ = watcher.get();
    lock.unlock();
    watcher->wake(wake);
    watcher.reset();  // what the waker holds may end with it: not under the lock
    lock.lock();
    being_told_ = nullptr;
    told_.notify_all();
  }
}

}  // namespace writ::store
