#pragma once
// Protocols: the document, and the parts that specs have in common with them.
#include "protocol/reading.h"

namespace writ::protocol {

// What must be known of all laws before their steps are read, since those may depend on it:
// rules, references to other protocols and, of protocols, authority over others.
Law read_law_head(Reading& reading, const Value& body);
// Adds the rules, required keys and invariants that `body` states to the head of `law`.
void add_to_head(Reading& reading, const Value& body, Law& law);

// The same of a protocol or of one of its profiles (`profile` not empty). A profile is a body of
// its own: of the protocol it keeps id, version, authority and stages. Requires: it is there.
Law read_protocol_head(Reading& reading, std::string_view profile);

// The rest, into `law`: required context, phases, questions, attestation checks.
void read_law_body(Reading& reading, const Value& body, const Circumstances& circumstances,
                   Law& law, std::vector<Inapplicable>& inapplicable);

// The body that a reference means; nullptr when there is no such profile.
const Value* body_of(const SourceDocument& source, std::string_view profile);

}  // namespace writ::protocol
