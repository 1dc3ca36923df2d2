// How a connection serves a Subscription: one call of `next` at a time on the pool, chunks out,
// heartbeats between.
#include <utility>

#include "net/connection.h"

namespace writ::net {

void Connection::subscribe(Subscription held) {
  if (!held.is_late) {
    is_chunked_ = !parser().is_old();
    if (!is_chunked_ || !parser().keeps_alive() || loop_.is_draining()) closes_after_ = true;
    write_response(out_, held.head, framing());
    loop_.requests.fetch_add(1, std::memory_order_relaxed);
  }
  subscription_ = std::move(held);
  enter(Phase::subscribed, subscription().interval);
  is_woken_ = is_due_ = true;
  flush();
  read();
}

void Connection::wake() {
  if (phase_ == Phase::subscribed) pull();
}

// News are asked for when the last ones are out: a slow peer is never owed more than one batch.
void Connection::pull() {
  is_woken_ = is_pulling_ || !writing_.empty();
  if (is_woken_ || phase_ != Phase::subscribed) return;
  if (!is_due_ && subscription().has_news && !subscription().has_news()) return;
  is_due_ = false;
  is_pulling_ = loop_.service().pool->try_post([me = shared_from_this()](std::size_t) {
    me->loop_.post([me, news = me->subscription().next()]() mutable {
      me->is_pulling_ = false;
      if (me->phase_ == Phase::subscribed) me->take_news(std::move(news));
    });
  });
  is_woken_ = is_due_ = !is_pulling_;  // a full pool: asked again at the next interval
}

void Connection::take_news(Result<Subscription::News> news) {
  if (subscription().is_late) return take_answer(std::move(news));
  // The head has gone out with its status: an error can only cut the stream so that it shows.
  if (!news) return close();
  if (is_chunked_) {
    write_chunk(out_, news->bytes);
    if (news->is_last) write_last_chunk(out_);
  } else {
    out_ += news->bytes;
  }
  if (news->is_last) {
    subscription_.reset();
    is_chunked_ = false;
    next_request();
  } else if (!news->bytes.empty()) {
    is_woken_ = true;  // there may be more
    enter(Phase::subscribed, subscription().interval);
  }
  flush();
}

void Connection::take_answer(Result<Subscription::News> news) {
  if (news && !news->answer) return flush();  // asks again, if there were news meanwhile
  const Response response =
      news ? std::move(news->answer).value_or(Response{}) : render(news.error());
  subscription_.reset();
  respond(response);
  flush();
}

void Connection::send_heartbeat() {
  enter(Phase::subscribed, subscription().interval);
  if (!writing_.empty()) return close();  // a whole interval, and the last news are not out
  if (is_chunked_) {
    write_chunk(out_, subscription().heartbeat);
  } else {
    out_ += subscription().heartbeat;
  }
  is_woken_ = is_due_ = true;
  flush();
}

}  // namespace writ::net
