#include "ledger/event_types.h"

#include <algorithm>

namespace writ::ledger {
namespace {

constexpr EventType kEventTypes[] = {
    {"writ.access.changed", "access/<revision>", "policies, roles or who holds them changed"},
    {"writ.access.reset", "access/<revision>", "all policies and roles were removed"},
    {"writ.ai_agent.created", "ai-agent/<agent>",
     "an AI agent was registered, with who answers for it"},
    {"writ.ai_agent.deleted", "ai-agent/<agent>", "an AI agent was deleted"},
    {"writ.ai_agent.disabled", "ai-agent/<agent>", "an AI agent may act no more"},
    {"writ.ai_agent.enabled", "ai-agent/<agent>", "an AI agent may act again"},
    {"writ.ai_provider.created", "ai-provider/<provider>", "one who runs models was registered"},
    {"writ.ai_provider.credential_changed", "ai-provider/<provider>",
     "a provider got a new credential"},
    {"writ.ai_provider.disabled", "ai-provider/<provider>",
     "a provider was switched off, and its agents with it"},
    {"writ.ai_provider.enabled", "ai-provider/<provider>",
     "a provider was switched on, and the agents that it had stopped"},
    {"writ.apikey.created", "api_key/<key>", "an API key was made"},
    {"writ.apikey.retired", "api_key/<key>", "an API key that had a successor retired, unused"},
    {"writ.apikey.revoked", "api_key/<key>", "an API key counts no longer"},
    {"writ.apikey.rotated", "api_key/<key>", "an API key got a successor; both are valid"},
    {"writ.approval.given", "run/<run>/step/<step>", "a person approved a waiting step"},
    {"writ.approval.refused", "run/<run>/step/<step>", "a person rejected a waiting step"},
    {"writ.assumption.recorded", "run/<run>",
     "the smallest faithful assumption was made where the documents leave a choice"},
    {"writ.blocker.raised", "run/<run>/step/<step>", "something stops the run"},
    {"writ.blocker.resolved", "run/<run>", "a blocker was resolved"},
    {"writ.client.refused", "client/<client>",
     "a program did not prove who it is; `client/unknown` for an id that nobody has"},
    {"writ.deferral.closed", "run/<run>", "what was put off is settled"},
    {"writ.deferral.recorded", "run/<run>",
     "something was put off, with owner, date and unblocker"},
    {"writ.factor.changed", "user/<user>",
     "a second factor was enrolled, confirmed, used up or removed"},
    {"writ.gate.decided", "run/<run>/step/<step>",
     "a gate was evaluated: open or shut, and on which facts"},
    {"writ.key.revoked", "key/<key>", "a key's signatures count no longer"},
    {"writ.key.rotated", "key/<key>", "a key was replaced by another one"},
    {"writ.letter.sent", "user/<user>",
     "a letter went out to a person; `user/unknown` for an address that had an account"},
    {"writ.link.added", "link/<node>", "a node of the identity graph depends on another one"},
    {"writ.link.removed", "link/<node>",
     "a node of the identity graph depends on another one no more"},
    {kPayloadErased, "event/<event>", "an event's payload was erased; its leaf stays"},
    {"writ.resolution.given", "run/<run>/step/<step>",
     "a person signed that a blocker is resolved"},
    {"writ.rule.overridden", "run/<run>", "a rule of one document stands over that of another"},
    {"writ.run.attested", "run/<run>", "the run is complete and its outcome is signed"},
    {"writ.run.cancelled", "run/<run>", "the run was ended by a person"},
    {"writ.run.started", "run/<run>", "a run began under a plan"},
    {"writ.run.stopped", "run/<run>", "the run ended before it was complete"},
    {"writ.run.superseded", "run/<run>", "another run took over under a new plan"},
    {"writ.service_account.created", "service-account/<account>",
     "a service account was made, with who answers for it"},
    {"writ.service_account.deleted", "service-account/<account>", "a service account was deleted"},
    {"writ.service_account.disabled", "service-account/<account>",
     "a service account may act no more"},
    {"writ.service_account.enabled", "service-account/<account>",
     "a service account may act again"},
    {"writ.session.ended", "session/<session>",
     "a sign-in ended, and all that was given out under it"},
    {"writ.session.opened", "session/<session>", "a person signed in"},
    {"writ.session.refreshed", "session/<session>", "a refresh token was used and replaced"},
    {"writ.settings.changed", "settings/<part>", "an administrator changed how the server works"},
    {"writ.signin.failed", "user/<user>",
     "a sign-in was refused; `user/unknown` for an address that nobody has"},
    {"writ.step.adopted", "run/<run>/step/<step>", "a step was taken over from an earlier run"},
    {"writ.step.claimed", "run/<run>/step/<step>", "someone outside took on a step"},
    {"writ.step.completed", "run/<run>/step/<step>", "a step passed, with its evidence"},
    {"writ.step.failed", "run/<run>/step/<step>", "an attempt at a step failed, with its evidence"},
    {"writ.step.reopened", "run/<run>/step/<step>", "a step has to be done again"},
    {"writ.step.started", "run/<run>/step/<step>", "an attempt at a step began"},
    {"writ.step.waiting", "run/<run>/step/<step>", "a step waits for someone or something outside"},
    {"writ.storage.changed", "storage/<namespace>/<key>",
     "a value was made or replaced; the payload has its revision and size"},
    {"writ.storage.deleted", "storage/<namespace>/<key>", "a value was deleted"},
    {"writ.submission.accepted", "run/<run>/step/<step>",
     "the result of an external step was taken"},
    {"writ.token.exchanged", "token/<token>",
     "a program was given a token to act for somebody, with all who act in it"},
    {"writ.token.revoked", "token/<token>",
     "an access token was taken back, and all that was exchanged from it"},
    {"writ.tree.observed", "run/<run>", "the working tree is not what it was"},
    {"writ.trust.changed", "trust", "the keys that are trusted, or their roles, changed"},
    {"writ.user.changed", "user/<user>", "an account changed; the payload names the fields"},
    {"writ.user.created", "user/<user>", "an account was made"},
    {"writ.user.deleted", "user/<user>", "an account was deleted; its id is never given again"},
};

}  // namespace

std::span<const EventType> event_types() { return kEventTypes; }

const EventType* find_event_type(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kEventTypes, name, {}, &EventType::name);
  return at != std::end(kEventTypes) && at->name == name ? at : nullptr;
}

std::string erased_subject(EventId event) { return "event/" + event.text(); }

}  // namespace writ::ledger
