#pragma once
// Every type of event that Writ itself writes. docs/formats/events.md says what each one carries;
// a test holds the two together.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/id.h"

namespace writ::ledger {

struct EventType {
  std::string_view name;
  std::string_view subject;  // the form of Entry::subject
  std::string_view says;     // what happened
};

// Sorted by name.
std::span<const EventType> event_types();
// nullptr when Writ does not write this type.
const EventType* find_event_type(std::string_view name);

inline constexpr std::string_view kPayloadErased = "writ.payload.erased";
// Subject of the event that an event's payload was erased: "event/<id>".
std::string erased_subject(EventId event);

}  // namespace writ::ledger
