#include "server/events/event_tail.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ledger/event_types.h"

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

bool EventTail::may_have_more() const {
  const std::uint64_t news = news_.load(std::memory_order_acquire);
  return news == 0 || news != heard_ || clock_.steady() - read_at_ > kTrusted;
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

Result<void> EventTail::go_on() {
  // Before the log is read: what is told of meanwhile is asked for again.
  const std::uint64_t news = news_.load(std::memory_order_acquire);
  const auto now = clock_.steady();
  WRIT_TRY(auto read, ledger_.list(from(end(), kAtOnce)));
  const bool is_all = read.size() < kAtOnce;
  keep(shared(std::move(read)));
  if (!is_all) return {};
  heard_ = news;
  read_at_ = now;
  return {};
}

// Whoever is furthest ahead is where the others will be soon; who asks for what nobody has yet is
// not.
Result<void> EventTail::go_ahead(std::uint64_t cursor) {
  WRIT_TRY(auto read, ledger_.list(from(cursor, kAtOnce)));
  if (read.empty()) return {};
  events_.clear();
  bytes_ = 0;
  first_ = cursor;
  heard_ = 0;
  keep(shared(std::move(read)));
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

Result<EventTail::Events> EventTail::read(std::uint64_t cursor, std::size_t limit) {
  {
    const std::lock_guard lock(mutex_);
    if (cursor > end()) WRIT_CHECK(go_ahead(cursor));
    if (cursor == end() && may_have_more()) WRIT_CHECK(go_on());
    if (cursor > end()) return Events();
    if (cursor >= first_) {
      const auto begin = events_.begin() + static_cast<std::ptrdiff_t>(cursor - first_);
      const std::size_t count = std::min(limit, events_.size() - (cursor - first_));
      return Events(begin, begin + static_cast<std::ptrdiff_t>(count));
    }
  }
  WRIT_TRY(auto read, ledger_.list(from(cursor, limit)));
  return shared(std::move(read));
}

}  // namespace writ::server
