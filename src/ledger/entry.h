#pragma once
// One thing that happened, before the log has it and as the log gives it back. On the wire it is
// a CloudEvents 1.0 event (contracts/event.schema.json); in the tree it is a leaf: a digest record
// without payload (docs/formats/leaf.md), so that a payload can be erased and proofs still hold.
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/id.h"
#include "base/value.h"
#include "crypto/digest.h"
#include "ledger/event_context.h"

namespace writ::ledger {

using crypto::Digest;

struct Entry {
  EventId id;           // (source, id) is the key of exact deduplication
  std::string type;     // "writ.step.completed"; docs/formats/events.md lists them
  std::string source;   // URI reference of who says it: "writ:project/<uuid>"
  std::string subject;  // what it is about: "run/<uuid>/step/test/unit"; may be empty
  WallTime time;
  RunId run;                // nil: belongs to no run
  std::uint64_t seq = 0;    // position within its run, from 1; (run, seq) is unique
  std::string actor;        // opaque: "key:<id>"
  std::string correlation;  // may be empty
  std::string causation;    // id of the event this one follows from; may be empty
  EventContext context;
  std::string signatures = {};  // of whoever vouches for it: event_signature.h
  std::string payload;          // JSON text, canonical (RFC 8785); may be empty
};

// An entry with its place in the log. `index` is absent while it is pending.
struct Event {
  Entry entry;
  std::optional<std::uint64_t> index;
  Digest payload_digest;  // SHA256(salt || payload)
  std::string salt;       // 16 random bytes; empty once erased
  enum class Payload : std::uint8_t { intact, erased, missing } payload_state = Payload::intact;
  EventId erased_by;  // the event that says so; nil unless erased
};

// The leaf bytes of an event: RFC 8785, at most 65,535 bytes.
std::string leaf_bytes(const Event& event);
// The event as CloudEvents JSON, and back (ingest, bundles).
Value to_cloud_event(const Event& event);
Result<Event> from_cloud_event(const Value& value);

}  // namespace writ::ledger
