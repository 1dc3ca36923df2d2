#pragma once
// The trust of a project as a document: `writ trust show --json`, and the API's answer.
#include "base/clock.h"
#include "base/value.h"
#include "identity/trust.h"

namespace writ::project {

// {"keys": [{"id", "name", "roles", "state": "good" | "ended"}]}
Value trust_value(const identity::Trust& trust, WallTime now);

}  // namespace writ::project
