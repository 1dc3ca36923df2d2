#pragma once
// Events of others on their way into the log: what every door that takes them in asks of them,
// `writ ledger append` and the API alike.
#include <functional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/value.h"
#include "crypto/key.h"
#include "ledger/ledger.h"

namespace writ::ledger {

struct IngestTerms {
  const Clock& clock;
  std::string actor;  // of events that name none; may be empty
};

// What the log holds under an id. Errors: not_found.
using KnownEvent = std::function<Result<Event>(EventId)>;

// The entry that a CloudEvent asks for. What it leaves out is filled in: who hands it in, and when;
// the same event again gets the time that it had before, else it would be another one.
// Errors: invalid_input, not_permitted (only a run itself writes events of a run).
Result<Entry> ingest_entry(const KnownEvent& known, const Value& cloud_event,
                           const IngestTerms& terms);
Result<Entry> ingest_entry(const Ledger& ledger, const Value& cloud_event,
                           const IngestTerms& terms);

}  // namespace writ::ledger
