#pragma once
// The log as server-sent events: what stands in it from a cursor on, then whatever is added, as
// long as the peer listens, at most five minutes: then it asks again, as browsers do by themselves,
// and is asked again who it is. The id of each is its index, so that Last-Event-ID takes up where a
// connection left off: nothing is left out, nothing comes twice.
#include <memory>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "net/handler.h"
#include "server/events/event_tail.h"

namespace writ::server {

// `filter.after`: the first index that may be sent. `clock` is borrowed.
net::Subscription event_stream(std::shared_ptr<EventTail> tail, ledger::Filter filter,
                               const Clock& clock);

}  // namespace writ::server
