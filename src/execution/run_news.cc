#include "execution/run_news.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "execution/journal.h"
#include "execution/run_rows.h"

namespace writ::execution {

RunNews::~RunNews() {
  watch_.reset();
  looker_ = {};
}

Result<void> RunNews::begin() {
  if (watch_ != nullptr) return {};
  WRIT_TRY(watch_, store_.watch(
                       {statement_table()},
                       [this](store::Wake) {
                         const std::lock_guard lock(mutex_);
                         has_rung_ = true;
                         rung_.notify_one();
                       },
                       store::Reach::all_processes));
  looker_ = std::jthread([this](const std::stop_token& stop) { keep_looking(stop); });
  return {};
}

Result<RunNews::News> RunNews::wait(RunId run, std::uint64_t next, const std::stop_token& stop,
                                    Time end) {
  Waiters own;
  own.emplace_back();
  Waiter& waiter = own.front();
  waiter.run = run;
  waiter.next = next;
  const auto at = own.begin();
  {
    const std::lock_guard lock(mutex_);
    WRIT_CHECK(begin());
    waiters_.splice(waiters_.end(), own);
  }
  // What was written before it was listed rang for nobody.
  auto head = next_event(store_, run);
  {
    std::unique_lock lock(mutex_);
    if (head && *head == next) {
      waiter.called.wait_until(lock, stop, end,
                               [&] { return waiter.is_called || waiter.word != nullptr; });
    }
    own.splice(own.end(), waiters_, at);
  }
  if (!head) return std::unexpected(std::move(head).error());
  return News{waiter.is_called || *head != next, std::move(waiter.word)};
}

bool RunNews::is_awaited(RunId run) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(waiters_, [&](const Waiter& waiter) { return waiter.hears(run); });
}

bool RunNews::hand(RunId run, const HandedWord::Word& word) {
  auto handed = std::make_unique<HandedWord>(word);
  std::future<bool> answer = handed->answer_.get_future();
  {
    const std::lock_guard lock(mutex_);
    const auto waiter =
        std::ranges::find_if(waiters_, [&](const Waiter& one) { return one.hears(run); });
    if (waiter == waiters_.end()) return false;
    waiter->word = std::move(handed);
    waiter->called.notify_all();
  }
  return answer.get();
}

void RunNews::keep_looking(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      rung_.wait(lock, stop, [&] { return has_rung_; });
      has_rung_ = false;
    }
    look();
  }
}

// Where the store does not answer everybody is called, and finds that out.
void RunNews::look() {
  std::vector<std::pair<RunId, std::uint64_t>> asked;
  {
    const std::lock_guard lock(mutex_);
    for (const Waiter& waiter : waiters_) asked.emplace_back(waiter.run, waiter.next);
  }
  if (asked.empty()) return;
  std::vector<RunId> moved;
  const auto read = store_.read([&](store::Tx& tx) -> Result<void> {
    moved.clear();
    for (const auto& [run, next] : asked) {
      WRIT_TRY(const std::uint64_t head, read_head(tx, run));
      if (head != next) moved.push_back(run);
    }
    return {};
  });
  const std::lock_guard lock(mutex_);
  for (Waiter& waiter : waiters_) {
    const bool has_moved = std::ranges::find(moved, waiter.run) != moved.end();
    if (read && !has_moved) continue;
    waiter.is_called = true;
    waiter.called.notify_all();
  }
}

}  // namespace writ::execution
