#pragma once
// Events that are sent to the log over HTTP.
#include "base/clock.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/caller.h"
#include "server/project_side.h"

namespace writ::server {

// Takes one CloudEvent or a list of them, all or none; what the log has already is taken for what
// it is. Returns their ids, in their order. Whoever comes from elsewhere says nothing in the name
// of Writ or of another principal. Errors: invalid_input, not_permitted, conflict (the same id with
// other content), overloaded, signature_bad (of a key that the project knows).
Result<std::vector<EventId>> ingest_events(ProjectSide& project, const Clock& clock,
                                           const identity::Caller& caller, const Value& body);

}  // namespace writ::server
