#include "server/decisions/decision_log.h"

#include <algorithm>
#include <ostream>
#include <utility>

namespace writ::server {
namespace {

using Steady = std::chrono::steady_clock;

// A batch that is so large is written before its interval is over.
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kRetry{200};
constexpr std::chrono::seconds kBetweenWords{1};
// How far the disk may be behind while decisions go on.
constexpr int kMostIntervals = 10;
constexpr std::chrono::milliseconds kLeastLag{500};

std::int64_t now_ns() { return std::chrono::nanoseconds(Steady::now().time_since_epoch()).count(); }

}  // namespace

DecisionLog::DecisionLog(const DecisionLogOptions& options, DecisionBuffer* buffer,
                         DecisionCounters& counters, const Clock& clock,
                         const DecisionLogStreams& streams)
    : options_(options),
      buffer_(buffer),
      counters_(counters),
      clock_(clock),
      streams_(streams),
      allowance_(options.reporting.decisions_per_second),
      allowed_at_(clock.steady()),
      said_at_(Steady::now() - kBetweenWords) {
  writer_ = std::thread([this] { run(); });
}

DecisionLog::~DecisionLog() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  writer_wakes_.notify_one();
  writer_.join();
}

bool DecisionLog::has_room() const {
  if (queued_.load(std::memory_order_relaxed) >= options_.buffer.queue_bytes) return false;
  const std::int64_t oldest = oldest_.load(std::memory_order_relaxed);
  if (oldest == 0 || options_.buffer.when_full == WhenFull::drop) return true;
  const std::chrono::nanoseconds lag = std::max<std::chrono::milliseconds>(
      kMostIntervals * options_.buffer.flush_interval, kLeastLag);
  return now_ns() - oldest < lag.count();
}

void DecisionLog::note_oldest() {
  oldest_.store(batch_since_ != 0 ? batch_since_ : pending_since_, std::memory_order_relaxed);
}

bool DecisionLog::wait_for_room(Steady::time_point deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return others_wake_.wait_until(lock, stop, deadline, [&] { return has_room(); });
}

// As many at once as in a second, and then as they come in.
bool DecisionLog::is_within_rate() {
  const double rate = options_.reporting.decisions_per_second;
  if (rate <= 0) return true;
  const auto now = clock_.steady();
  const double passed = std::chrono::duration<double>(now - allowed_at_).count();
  allowance_ = std::min(std::max(rate, 1.0), allowance_ + passed * rate);
  allowed_at_ = now;
  if (allowance_ < 1) return false;
  allowance_ -= 1;
  return true;
}

std::uint64_t DecisionLog::append(std::string_view event) {
  std::unique_lock lock(mutex_);
  if (!is_within_rate()) {
    counters_.add(DecisionCounter::dropped_rate_limit_exceeded);
    return 0;
  }
  const bool is_dropped = !has_room() && options_.buffer.when_full == WhenFull::drop;
  if (is_dropped) {
    counters_.add(DecisionCounter::dropped_buffer_size_limit_exceeded);
    return 0;
  }
  counters_.add(DecisionCounter::logged);
  const bool was_empty = pending_.empty();
  if (was_empty) {
    pending_since_ = now_ns();
    note_oldest();
  }
  pending_ += event;
  pending_ += '\n';
  queued_.fetch_add(event.size() + 1, std::memory_order_relaxed);
  const std::uint64_t ticket = ++taken_;
  const bool is_due = was_empty || pending_.size() >= kBatchBytes;
  lock.unlock();
  if (is_due) writer_wakes_.notify_one();
  return ticket;
}

Result<void> DecisionLog::wait_until_durable(std::uint64_t ticket, Steady::time_point deadline,
                                             const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  writer_wakes_.notify_one();
  const bool is_durable =
      others_wake_.wait_until(lock, stop, deadline, [&] { return durable_ >= ticket; });
  --waiting_;
  if (is_durable) return {};
  return fail(Code::unavailable, problem_ ? "the decision could not be logged: " + problem_->message
                                          : "the decision could not be logged in time");
}

void DecisionLog::note_room() {
  {
    const std::lock_guard lock(mutex_);
    has_new_room_ = true;
  }
  writer_wakes_.notify_one();
}

std::optional<Error> DecisionLog::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

// Takes what is pending when it is due. False: there is nothing, and never will be.
bool DecisionLog::wait_for_work(std::unique_lock<std::mutex>& lock) {
  writer_wakes_.wait(lock, [&] { return !pending_.empty() || is_stopping_; });
  writer_wakes_.wait_for(lock, options_.buffer.flush_interval, [&] {
    return is_stopping_ || waiting_ > 0 || options_.buffer.flush == Flush::each ||
           pending_.size() >= kBatchBytes;
  });
  std::swap(batch_, pending_);
  batch_since_ = std::exchange(pending_since_, 0);
  note_oldest();
  return !batch_.empty();
}

bool DecisionLog::write_batch(bool is_last) {
  if (buffer_ == nullptr) return true;
  BufferLimits limits{options_.reporting.buffer_events, options_.reporting.buffer_bytes,
                      options_.service.empty()};
  constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
  if (is_last) limits = {kAny, kAny, false};  // nothing comes after it that could push it out
  auto written = buffer_->append(batch_, limits);
  std::optional<Error> problem;
  if (written) {
    counters_.add(DecisionCounter::rotated, *written);
  } else {
    problem = std::move(written).error();
  }
  const bool is_full = problem && problem->code == Code::overloaded;
  const bool is_dropped = is_full && options_.buffer.when_full == WhenFull::drop;
  if (is_dropped) {
    counters_.add(DecisionCounter::dropped_buffer_size_limit_exceeded,
                  static_cast<std::uint64_t>(std::ranges::count(batch_, '\n')));
  } else if (problem && !is_full) {
    counters_.add(DecisionCounter::write_failure);
  }
  const bool is_done = !problem || is_dropped;
  const std::lock_guard lock(mutex_);
  problem_ = std::move(problem);
  return is_done;
}

void DecisionLog::say_losses() {
  if (streams_.errors == nullptr || Steady::now() - said_at_ < kBetweenWords) return;
  const std::uint64_t lost = counters_.of(DecisionCounter::dropped_buffer_size_limit_exceeded) +
                             counters_.of(DecisionCounter::dropped_rate_limit_exceeded) +
                             counters_.of(DecisionCounter::rotated);
  const std::optional<Error> why = problem();
  if (lost == said_ && !why) return;
  said_at_ = Steady::now();
  if (lost != said_) *streams_.errors << "decision log: " << lost - said_ << " events were lost\n";
  if (why) *streams_.errors << "decision log: " << why->message << "\n";
  streams_.errors->flush();
  said_ = lost;
}

void DecisionLog::run() {
  std::unique_lock lock(mutex_);
  while (wait_for_work(lock)) {
    const std::uint64_t last = taken_;
    bool is_last = is_stopping_;
    lock.unlock();
    while (!write_batch(is_last)) {
      say_losses();
      lock.lock();
      // An orderly end tries once more, then what cannot be written is lost with the process.
      if (std::exchange(is_last, is_stopping_)) return;
      writer_wakes_.wait_for(lock, kRetry, [&] { return is_stopping_ || has_new_room_; });
      has_new_room_ = false;
      is_last = is_stopping_;
      lock.unlock();
    }
    if (streams_.console != nullptr) *streams_.console << batch_ << std::flush;
    say_losses();
    queued_.fetch_sub(batch_.size(), std::memory_order_relaxed);
    batch_.clear();
    lock.lock();
    durable_ = last;
    batch_since_ = 0;
    note_oldest();
    others_wake_.notify_all();
    lock.unlock();
    if (on_written_) on_written_();
    lock.lock();
  }
}

}  // namespace writ::server
