#pragma once
// A log as it is written out for others: a head that was signed, and the events under it, wherever
// they come from.
#include <functional>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"

namespace writ::ledger {

struct LogPages {
  Checkpoint head;
  // As Ledger::list; a page may be shorter than its limit.
  std::function<Result<std::vector<Event>>(const Filter& page)> list;
};

// The log's own pages. `ledger` is borrowed.
LogPages pages_of(const Ledger& ledger, Checkpoint head);

// Hands over each event under the head, in their order. Errors: tampered (events are missing, or
// are not those that were signed; what was taken until then is worth nothing), those of `take`.
Result<void> for_each_event(const LogPages& log,
                            const std::function<Result<void>(const Event&)>& take);

}  // namespace writ::ledger
