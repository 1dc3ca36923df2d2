#include "server/events/event_tail.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ledger/event_types.h"
#include "ledger/search.h"

namespace writ::server {
namespace {

constexpr std::size_t kAtOnce = 256;
constexpr std::size_t kPastAtOnce = 4'096;
constexpr std::size_t kKept = 1'024;
constexpr std::size_t kKeptBytes = 8u << 20;
// Watches lose nothing that they are asked to tell; this is for a server that is told nothing.
constexpr std::chrono::seconds kTrusted{1};

EventTail::Events shared(std::vector<ledger::Event> read) {
  EventTail::Events out;
  out.reserve(read.size());
  for (ledger::Event& event : read) {
    out.push_back(std::make_shared<const ledger::Event>(std::move(event)));
  }
  return out;
}

ledger::Filter from(std::uint64_t cursor, std::size_t limit) {
  ledger::Filter filter;
  filter.after = cursor;
  filter.limit = limit;
  return filter;
}

}  // namespace

void EventTail::start(std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    reads_ahead_ = true;
  }
  reader_ = std::jthread([this, wake = std::move(wake)](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (read_ahead(stop)) wake();
    }
  });
}

void EventTail::stop() {
  {
    const std::lock_guard lock(mutex_);
    reads_ahead_ = false;
  }
  reader_ = {};
}

void EventTail::note_news() {
  ++news_;
  if (followers_ == 0) return;  // who comes to follow asks for what is new first
  const std::lock_guard lock(mutex_);
  is_due_ = true;
  due_.notify_one();
}

// One reading at a time: more than that is left to who follows, none of whom is overtaken thereby.
bool EventTail::read_ahead(const std::stop_token& stop) {
  std::uint64_t cursor = 0;
  {
    std::unique_lock lock(mutex_);
    if (!due_.wait(lock, stop, [&] { return is_due_; })) return false;
    is_due_ = false;
    cursor = std::max(wanted_, end());
  }
  // A log that cannot be read says so to who follows.
  const Result<void> read = go_to(cursor);
  const std::lock_guard lock(mutex_);
  is_cut_ = !read || (has_unread() && !is_due_);
  return true;
}

bool EventTail::has_unread() const {
  const std::uint64_t news = news_;
  return news == 0 || news != heard_ || clock_.steady() - read_at_ > kTrusted;
}

bool EventTail::may_have(const ledger::Filter& filter, std::uint64_t& cursor) const {
  const std::lock_guard lock(mutex_);
  if (cursor < first_ || cursor > end()) return true;
  for (; cursor < end(); ++cursor) {
    if (ledger::matches(filter, *events_[cursor - first_])) return true;
  }
  return is_cut_ || (!reads_ahead_ && has_unread());
}

// Payloads that were erased are not kept for those who come later.
void EventTail::keep(Events read) {
  const bool has_erasure = std::ranges::any_of(
      read, [](const auto& event) { return event->entry.type == ledger::kPayloadErased; });
  for (auto& event : read) {
    bytes_ += event->entry.payload.size();
    events_.push_back(std::move(event));
  }
  while (!events_.empty() && (has_erasure || events_.size() > kKept || bytes_ > kKeptBytes)) {
    bytes_ -= events_.front()->entry.payload.size();
    events_.pop_front();
    ++first_;
  }
}

// Whoever is furthest ahead is where the others will be soon; who asks for what nobody has yet is
// not. One at a time: who comes next finds what was read.
Result<void> EventTail::go_to(std::uint64_t cursor) {
  const std::lock_guard turn(reading_);
  bool is_beyond = false;
  {
    const std::lock_guard lock(mutex_);
    is_beyond = cursor > end();
    if (!is_beyond && !(cursor == end() && has_unread())) return {};
  }
  return is_beyond ? go_ahead(cursor) : go_on(cursor);
}

Result<void> EventTail::go_on(std::uint64_t cursor) {
  // Before the log is read: what is told of meanwhile is asked for again.
  const std::uint64_t news = news_;
  const auto now = clock_.steady();
  WRIT_TRY(auto read, ledger_.list(from(cursor, kAtOnce)));
  const bool is_all = read.size() < kAtOnce;
  Events events = shared(std::move(read));
  const std::lock_guard lock(mutex_);
  keep(std::move(events));
  if (!is_all) return {};
  heard_ = news;
  read_at_ = now;
  is_cut_ = false;
  return {};
}

Result<void> EventTail::go_ahead(std::uint64_t cursor) {
  WRIT_TRY(auto read, ledger_.list(from(cursor, kAtOnce)));
  if (read.empty()) return {};
  Events events = shared(std::move(read));
  const std::lock_guard lock(mutex_);
  events_.clear();
  bytes_ = 0;
  first_ = cursor;
  heard_ = 0;
  keep(std::move(events));
  return {};
}

// How far the log goes is known before it is read: what is added meanwhile is read again.
Result<EventTail::Past> EventTail::past_of(RunId run, std::uint64_t cursor) {
  std::uint64_t known = 0;
  {
    const std::lock_guard lock(mutex_);
    known = end();
  }
  WRIT_TRY(const auto head, ledger_.newest_checkpoint());
  if (head) known = std::max(known, head->size);
  ledger::Filter filter = from(cursor, kPastAtOnce);
  filter.run = run;
  WRIT_TRY(auto read, ledger_.list(filter));
  Past out;
  out.is_cut = read.size() == kPastAtOnce;
  out.next = read.empty() ? cursor : read.back().index.value_or(cursor) + 1;
  if (!out.is_cut) out.next = std::max(out.next, known);
  out.events = shared(std::move(read));
  return out;
}

// Nothing: the log has to be asked.
std::optional<EventTail::Events> EventTail::kept(std::uint64_t cursor, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  if (cursor < first_ || cursor >= end()) return std::nullopt;
  const auto begin = events_.begin() + static_cast<std::ptrdiff_t>(cursor - first_);
  const std::size_t count = std::min(limit, events_.size() - (cursor - first_));
  return Events(begin, begin + static_cast<std::ptrdiff_t>(count));
}

Result<EventTail::Events> EventTail::read(std::uint64_t cursor, std::size_t limit) {
  if (auto events = kept(cursor, limit)) return *std::move(events);
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    is_new = cursor >= end();
    if (is_new) wanted_ = cursor;
  }
  if (is_new) {
    WRIT_CHECK(go_to(cursor));
    if (auto events = kept(cursor, limit)) return *std::move(events);
    const std::lock_guard lock(mutex_);
    if (cursor >= end()) return Events();
  }
  WRIT_TRY(auto read, ledger_.list(from(cursor, limit)));
  return shared(std::move(read));
}

}  // namespace writ::server
