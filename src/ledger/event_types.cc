#include "ledger/event_types.h"

#include <algorithm>

namespace writ::ledger {
namespace {

constexpr EventType kEventTypes[] = {
    {"writ.approval.given", "run/<run>/step/<step>", "a person approved a waiting step"},
    {"writ.approval.refused", "run/<run>/step/<step>", "a person rejected a waiting step"},
    {"writ.blocker.raised", "run/<run>/blocker/<blocker>", "something stops the run"},
    {"writ.blocker.resolved", "run/<run>/blocker/<blocker>", "a blocker was resolved"},
    {"writ.evidence.recorded", "run/<run>/step/<step>", "a step's evidence was taken in"},
    {"writ.gate.decided", "run/<run>/step/<step>", "a gate was evaluated: open or shut"},
    {"writ.key.revoked", "key/<key>", "a key's signatures count no longer"},
    {"writ.key.rotated", "key/<key>", "a key was replaced by another one"},
    {kPayloadErased, "event/<event>", "an event's payload was erased; its leaf stays"},
    {"writ.run.attested", "run/<run>", "the run's outcome was signed"},
    {"writ.run.cancelled", "run/<run>", "the run was ended before it was complete"},
    {"writ.run.completed", "run/<run>", "the last step of the run is done"},
    {"writ.run.started", "run/<run>", "a run began under a plan"},
    {"writ.run.superseded", "run/<run>", "another run took over under a new plan"},
    {"writ.step.adopted", "run/<run>/step/<step>", "a step was taken over from an earlier run"},
    {"writ.step.blocked", "run/<run>/step/<step>", "a step cannot go on"},
    {"writ.step.completed", "run/<run>/step/<step>", "a step is done"},
    {"writ.step.failed", "run/<run>/step/<step>", "an attempt at a step failed"},
    {"writ.step.interrupted", "run/<run>/step/<step>", "an attempt was cut off, by a crash say"},
    {"writ.step.reopened", "run/<run>/step/<step>", "a done step has to be done again"},
    {"writ.step.started", "run/<run>/step/<step>", "an attempt at a step began"},
    {"writ.step.waiting", "run/<run>/step/<step>", "a step waits for someone outside"},
    {"writ.submission.accepted", "run/<run>/step/<step>", "an external step's result was taken"},
    {"writ.submission.refused", "run/<run>/step/<step>", "an external step's result was refused"},
    {"writ.trust.changed", "trust", "the keys that are trusted, or their roles, changed"},
};

}  // namespace

std::span<const EventType> event_types() { return kEventTypes; }

const EventType* find_event_type(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kEventTypes, name, {}, &EventType::name);
  return at != std::end(kEventTypes) && at->name == name ? at : nullptr;
}

std::string erased_subject(EventId event) { return "event/" + event.text(); }

}  // namespace writ::ledger
