#include "store/group_commit.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "observe/current_span.h"
#include "store/store.h"

namespace writ::store {

using Phase = PendingWrite::Phase;

PendingWrite* Batch::next() {
  const auto now = source_.clock_.steady();
  if (taken_.empty()) first_taken_ = now;
  if (taken_.size() >= source_.limits_.writes) return nullptr;
  if (!taken_.empty() && now - first_taken_ >= source_.limits_.open_for) return nullptr;
  const std::lock_guard lock(source_.mutex_);
  if (source_.queue_.empty()) return nullptr;
  taken_.push_back(std::move(source_.queue_.front()));
  source_.queue_.pop_front();
  return taken_.back().get();
}

void Batch::take_all() {
  const std::lock_guard lock(source_.mutex_);
  std::ranges::move(source_.queue_, std::back_inserter(taken_));
  source_.queue_.clear();
}

GroupCommit::GroupCommit(BatchRunner& runner, const Clock& clock, GroupCommitLimits limits)
    : runner_(runner), clock_(clock), limits_(limits) {}

GroupCommit::~GroupCommit() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  own_thread_wakes_.notify_one();
  if (own_thread_.joinable()) own_thread_.join();
}

Result<void> GroupCommit::write(const Body& body) {
  const observe::Span span = observe::child_span("store.write");
  const auto mine = std::make_shared<PendingWrite>();
  mine->body = &body;
  bool leads = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(mine);
    leads = !std::exchange(is_led_, true);
  }
  if (!leads) {
    mine->phase.wait(Phase::queued);
    if (mine->phase == Phase::finished) return std::move(mine->result);
  }
  while (mine->phase != Phase::finished) lead_round();
  hand_over();
  return std::move(mine->result);
}

Result<void> GroupCommit::write_async(Body body, Done done) {
  auto write = std::make_shared<PendingWrite>();
  write->own_body = std::move(body);
  write->body = &write->own_body;
  write->done = std::move(done);
  {
    const std::lock_guard lock(mutex_);
    if (async_writes_ >= limits_.async_writes) {
      return fail(Code::overloaded, std::to_string(async_writes_) + " writes are not done yet");
    }
    ++async_writes_;
    if (!own_thread_.joinable()) own_thread_ = std::thread([this] { run_own_thread(); });
    queue_.push_back(std::move(write));
    if (is_led_) return {};
  }
  own_thread_wakes_.notify_one();
  return {};
}

void GroupCommit::lead_round() {
  Batch batch(*this);
  runner_.run(batch);
  bool has_async = false;
  for (const auto& write : batch.taken()) {
    if (write->is_async()) {
      has_async = true;
      continue;
    }
    write->phase = Phase::finished;
    write->phase.notify_one();
  }
  if (has_async) {
    const std::lock_guard lock(mutex_);
    std::ranges::copy_if(batch.taken(), std::back_inserter(finished_async_),
                         [](const auto& write) { return write->is_async(); });
    own_thread_wakes_.notify_one();
  }
  runner_.tidy();
}

void GroupCommit::hand_over() {
  const std::lock_guard lock(mutex_);
  const auto next =
      std::ranges::find_if(queue_, [](const auto& write) { return !write->is_async(); });
  if (next != queue_.end()) {
    (*next)->phase = Phase::leads;
    (*next)->phase.notify_one();
    return;
  }
  is_led_ = false;
  if (!queue_.empty()) own_thread_wakes_.notify_one();
}

void GroupCommit::run_own_thread() {
  std::unique_lock lock(mutex_);
  for (;;) {
    own_thread_wakes_.wait(lock, [&] {
      return is_stopping_ || !finished_async_.empty() || (!is_led_ && !queue_.empty());
    });
    if (!finished_async_.empty()) {
      call_back(lock);
    } else if (!is_led_ && !queue_.empty()) {
      is_led_ = true;
      lock.unlock();
      lead_round();
      hand_over();
      lock.lock();
    } else {
      return;
    }
  }
}

void GroupCommit::call_back(std::unique_lock<std::mutex>& lock) {
  const auto finished = std::exchange(finished_async_, {});
  lock.unlock();
  for (const auto& write : finished) {
    if (write->done) write->done(std::move(write->result));
  }
  lock.lock();
  async_writes_ -= finished.size();
}

}  // namespace writ::store
