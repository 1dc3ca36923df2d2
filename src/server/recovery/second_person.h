#pragma once
// What one administrator may not do alone (identity/recovery/approvals.h), as operations have it:
// asked for the first time the answer is 202 and an approval to be given; asked again with
// `?approval=` the operation goes on, once.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/journal.h"
#include "identity/recovery/approvals.h"
#include "server/api/operation.h"
#include "store/store.h"

namespace writ::server {

struct GraveAct {
  std::string_view act;  // "restore"
  std::string says;      // for who approves
  Value bound;           // what the approval is for: everything that the request says
};

// Nothing: go on. Errors: not_permitted (the approval is not for this, or not given).
using SecondPerson =
    std::function<Result<std::optional<net::Answer>>(const Call& call, const GraveAct& act)>;

// All is borrowed, and outlives what is made.
struct SecondPersonNeeds {
  store::Store& store;
  identity::Journal& journal;
  const Clock& clock;
  Random& random;
};

SecondPerson second_person(const SecondPersonNeeds& needs);

Value to_value(const identity::Approval& approval);

}  // namespace writ::server
