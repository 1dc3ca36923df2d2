#include "identity/journal.h"

#include "contract/canonical.h"
#include "ledger/ledger.h"

namespace writ::identity {

Result<void> Journal::write(store::Tx& tx, const Happening& happening) {
  ledger::Entry entry;
  entry.id = EventId{Uuid::v7(clock_, random_)};
  entry.type = happening.type;
  entry.source = source_;
  entry.subject = happening.subject;
  entry.time = clock_.wall();
  entry.actor = happening.actor;
  entry.correlation = happening.correlation;
  WRIT_TRY(entry.payload, contract::canonical_json(Value(happening.payload)));
  WRIT_CHECK(ledger_.append(tx, entry));
  return {};
}

}  // namespace writ::identity
