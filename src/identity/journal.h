#pragma once
// The event of a change, written into the transaction of the change: no state changes without its
// event. Payloads carry ids and names of fields, never secrets, tokens or hashes.
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::ledger {
class Ledger;
}

namespace writ::identity {

struct Happening {
  std::string_view type;  // ledger/event_types.h: "writ.user.created"
  std::string subject;    // "user/<uuid>"
  std::string actor;      // Caller::event_actor(); of what nobody did "system"
  Object payload;
  std::string correlation = {};  // the request's trace id; may be empty
};

// Thread-safe, as far as transactions are. All is borrowed.
class Journal {
 public:
  // `source`: who says it, a URI reference: "writ:project/<uuid>".
  Journal(ledger::Ledger& ledger, std::string source, const Clock& clock, Random& random)
      : ledger_(ledger), source_(std::move(source)), clock_(clock), random_(random) {}

  // Errors: those of Ledger::append.
  Result<void> write(store::Tx& tx, const Happening& happening);

 private:
  ledger::Ledger& ledger_;
  std::string source_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace writ::identity
