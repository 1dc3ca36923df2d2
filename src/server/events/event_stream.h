#pragma once
// The log as server-sent events: what stands in it from a cursor on, then whatever is added, as
// long as the peer listens. The id of each is its index, so that Last-Event-ID takes up where a
// broken connection left off: nothing is left out, nothing comes twice.
#include <cstdint>

#include "ledger/ledger.h"
#include "net/handler.h"

namespace writ::server {

// `filter.after`: the first index that may be sent. `ledger` is borrowed.
net::Subscription event_stream(const ledger::Ledger& ledger, ledger::Filter filter);

}  // namespace writ::server
