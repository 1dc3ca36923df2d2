#include "server/events/event_stream.h"

#include <memory>
#include <utility>

#include "base/json.h"
#include "ledger/search.h"
#include "store/request_scope.h"

namespace writ::server {
namespace {

constexpr std::size_t kEventsAtOnce = 32;
constexpr std::string_view kHeartbeat = ":\n\n";
// Whoever follows on asks again, and shows again who asks: a right that was taken away ends.
constexpr std::chrono::minutes kLife{5};

std::string message(const ledger::Event& event) {
  return "id: " + std::to_string(event.index.value_or(0)) +
         "\ndata: " + to_json(ledger::to_cloud_event(event)) + "\n\n";
}

class Follower {
 public:
  Follower(std::shared_ptr<EventTail> tail, ledger::Filter filter, const Clock& clock)
      : tail_(std::move(tail)),
        filter_(std::move(filter)),
        clock_(clock),
        end_(clock.steady() + kLife),
        cursor_(filter_.after),
        following_(*tail_) {}

  // Past what concerns nobody here the cursor goes on at once.
  bool has_news() {
    const bool has_past = filter_.run && !is_past_told_;
    return has_past || tail_->may_have(filter_, cursor_);
  }

  // What the filter leaves out is looked at once: the cursor goes on behind it.
  Result<net::Subscription::News> next() {
    const store::RequestScope request_scope;
    if (filter_.run && !is_past_told_) return tell_past(*filter_.run);
    WRIT_TRY(const EventTail::Events events, tail_->read(cursor_, kEventsAtOnce));
    net::Subscription::News news;
    for (const auto& event : events) {
      if (ledger::matches(filter_, *event)) news.bytes += message(*event);
      cursor_ = event->index.value_or(cursor_) + 1;
    }
    // Bytes, whatever they are, have the server ask again: a full window may have more behind it.
    if (news.bytes.empty() && events.size() == kEventsAtOnce) news.bytes = kHeartbeat;
    news.is_last = clock_.steady() >= end_;
    if (news.is_last && news.bytes.empty()) news.bytes = kHeartbeat;
    return news;
  }

 private:
  // Of one run: what stands in the log already, without a look at all others.
  Result<net::Subscription::News> tell_past(RunId run) {
    if (told_ == past_.events.size()) {
      WRIT_TRY(past_, tail_->past_of(run, cursor_));
      told_ = 0;
    }
    net::Subscription::News news;
    for (std::size_t i = 0; i < kEventsAtOnce && told_ < past_.events.size(); ++i, ++told_) {
      const ledger::Event& event = *past_.events[told_];
      if (ledger::matches(filter_, event)) news.bytes += message(event);
    }
    if (told_ == past_.events.size()) {
      cursor_ = past_.next;
      is_past_told_ = !past_.is_cut;
      past_ = {};
      told_ = 0;
    }
    if (news.bytes.empty()) news.bytes = kHeartbeat;
    news.is_last = clock_.steady() >= end_;
    return news;
  }

  const std::shared_ptr<EventTail> tail_;
  const ledger::Filter filter_;
  const Clock& clock_;
  const std::chrono::steady_clock::time_point end_;
  std::uint64_t cursor_;
  bool is_past_told_ = false;
  EventTail::Past past_;
  std::size_t told_ = 0;  // of past_
  const EventTail::Following following_;
};

}  // namespace

net::Subscription event_stream(std::shared_ptr<EventTail> tail, ledger::Filter filter,
                               const Clock& clock) {
  net::Subscription out;
  out.head.status = 200;
  out.head.content_type = "text/event-stream";
  out.head.fields.emplace_back("Cache-Control", "no-store");
  out.heartbeat = kHeartbeat;
  const auto follower = std::make_shared<Follower>(std::move(tail), std::move(filter), clock);
  out.next = [follower] { return follower->next(); };
  out.has_news = [follower] { return follower->has_news(); };
  return out;
}

}  // namespace writ::server
