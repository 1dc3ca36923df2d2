#include "ledger/event_types.h"

#include <algorithm>

namespace writ::ledger {
namespace {

constexpr EventType kEventTypes[] = {
    {"writ.approval.given", "run/<run>/step/<step>",
     "a person approved or rejected a waiting step"},
    {"writ.approval.refused", "run/<run>/step/<step>", "a signed word was not taken"},
    {"writ.blocker.raised", "run/<run>/step/<step>", "something stops the run"},
    {"writ.blocker.resolved", "run/<run>", "a blocker was resolved, or cleared by its own check"},
    {"writ.gate.decided", "run/<run>/step/<step>", "a gate was evaluated: open or shut"},
    {"writ.key.revoked", "key/<key>", "a key's signatures count no longer"},
    {"writ.key.rotated", "key/<key>", "a key was replaced by another one"},
    {kPayloadErased, "event/<event>", "an event's payload was erased; its leaf stays"},
    {"writ.resolution.given", "run/<run>/step/<step>", "a person lifted a blocker"},
    {"writ.run.attested", "run/<run>", "every step passed, and the attestation is signed"},
    {"writ.run.cancelled", "run/<run>", "the run was ended before it was complete"},
    {"writ.run.started", "run/<run>", "a run began under a plan"},
    {"writ.run.stopped", "run/<run>", "a HARD_STOP ended the run"},
    {"writ.run.superseded", "run/<run>", "another run took over under a new plan"},
    {"writ.step.adopted", "run/<run>/step/<step>", "a step was taken over from an earlier run"},
    {"writ.step.claimed", "run/<run>/step/<step>", "somebody works on an external step"},
    {"writ.step.completed", "run/<run>/step/<step>", "a step is done"},
    {"writ.step.failed", "run/<run>/step/<step>", "an attempt failed, was shut or blocked"},
    {"writ.step.reopened", "run/<run>/step/<step>", "a step has to be done again"},
    {"writ.step.started", "run/<run>/step/<step>", "an attempt at a step began"},
    {"writ.step.waiting", "run/<run>/step/<step>", "a step waits for someone or for a time"},
    {"writ.submission.accepted", "run/<run>/step/<step>", "an external step's result was taken"},
    {"writ.tree.observed", "run/<run>", "the tree was changed by no step of the run"},
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
