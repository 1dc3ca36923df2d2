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
        cursor_(filter_.after) {}

  // What the filter leaves out is looked at once: the cursor goes on behind it.
  Result<net::Subscription::News> next() {
    const store::RequestScope request_scope;
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
  const std::shared_ptr<EventTail> tail_;
  const ledger::Filter filter_;
  const Clock& clock_;
  const std::chrono::steady_clock::time_point end_;
  std::uint64_t cursor_;
};

}  // namespace

net::Subscription event_stream(std::shared_ptr<EventTail> tail, ledger::Filter filter,
                               const Clock& clock) {
  net::Subscription out;
  out.head.status = 200;
  out.head.content_type = "text/event-stream";
  out.head.fields.emplace_back("Cache-Control", "no-store");
  out.heartbeat = kHeartbeat;
  out.next = [follower = std::make_shared<Follower>(std::move(tail), std::move(filter), clock)] {
    return follower->next();
  };
  return out;
}

}  // namespace writ::server
