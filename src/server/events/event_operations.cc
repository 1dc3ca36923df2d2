#include "server/events/event_operations.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "server/api/answers.h"
#include "server/events/event_filter.h"
#include "server/events/event_ingest.h"
#include "server/events/event_stream.h"

namespace writ::server {
namespace {

net::Response plain_text(std::string body) {
  net::Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

bool wants_text(const Call& call) {
  return call.request.fields.value_or("Accept", "").starts_with("text/plain");
}

// The contract has seen to its form.
Result<EventId> id_of(const Call& call) { return EventId::parse(call.text("id")); }

// A page ends at its limit, or where it has grown large enough.
Result<net::Answer> list_events(ProjectSide& project, const Call& call) {
  constexpr std::size_t kAtOnce = 32;
  constexpr std::size_t kLargePage = 4u << 20;
  WRIT_TRY(ledger::Filter filter, event_filter(call));
  Array list;
  std::size_t bytes = 0;
  std::optional<std::int64_t> next;
  for (std::size_t left = filter.limit; left > 0;) {
    filter.limit = std::min(left, kAtOnce);
    WRIT_TRY(const std::vector<ledger::Event> events, project.ledger().list(filter));
    for (const ledger::Event& event : events) {
      bytes += event.entry.payload.size();
      list.push_back(ledger::to_cloud_event(event));
    }
    next.reset();
    if (events.size() < filter.limit) break;
    filter.after = events.back().index.value_or(0) + 1;
    next = static_cast<std::int64_t>(filter.after);
    left = bytes < kLargePage ? left - events.size() : 0;
  }
  Object body{{"events", std::move(list)}};
  if (next) body.append("next", *next);
  return json(200, body);
}

Result<net::Answer> get_event(ProjectSide& project, const Call& call) {
  WRIT_TRY(const EventId id, id_of(call));
  WRIT_TRY(const ledger::Event event, project.ledger().get(id));
  return json(200, ledger::to_cloud_event(event));
}

Result<net::Answer> get_event_proof(ProjectSide& project, const Call& call) {
  WRIT_TRY(const EventId id, id_of(call));
  WRIT_TRY(const ledger::Receipt receipt, project.ledger().receipt(id));
  if (wants_text(call)) return plain_text(receipt.text);
  return json(200, Object{{"id", id.text()},
                          {"index", receipt.index},
                          {"size", receipt.checkpoint.size},
                          {"proof", receipt.text}});
}

net::Answer checkpoint_answer(const ledger::Checkpoint& head, const Call& call) {
  if (wants_text(call)) return plain_text(head.note);
  return json(200, Object{{"origin", head.origin},
                          {"size", head.size},
                          {"root", head.root.hex()},
                          {"note", head.note}});
}

Result<net::Answer> get_checkpoint(ProjectSide& project, const Call& call) {
  WRIT_TRY(const auto head, project.ledger().newest_checkpoint());
  if (head) return checkpoint_answer(*head, call);
  return fail(Code::not_found, "no head of the log is signed yet",
              "`writ ledger checkpoint` signs one");
}

Result<net::Answer> sign_checkpoint(ProjectSide& project, const Call& call) {
  const project::Project* const own = project.project();
  if (own == nullptr) {
    return fail(Code::unsupported, "this server has no key of a project to sign the log with",
                "Sign it where the project is, with `writ ledger checkpoint`");
  }
  WRIT_TRY(const crypto::SecretKey key, own->runner_key());
  WRIT_TRY(const ledger::Checkpoint head, project.ledger().checkpoint(key));
  return checkpoint_answer(head, call);
}

// Of a broken connection that is taken up again; it counts before `after`.
Result<void> go_on_behind(ledger::Filter& filter, const Call& call) {
  const std::string text(call.request.fields.value_or("Last-Event-ID", ""));
  if (text.empty()) return {};
  std::uint64_t last = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, last);
  if (error != std::errc() || at != end || last == UINT64_MAX) {
    return fail(Code::invalid_input, "Last-Event-ID takes an index, not " + text,
                "Leave it out, and say `after`");
  }
  filter.after = last + 1;
  return {};
}

Result<net::Answer> stream_events(const EventNeeds& needs, const Call& call) {
  WRIT_TRY(ledger::Filter filter, event_filter(call));
  WRIT_CHECK(go_on_behind(filter, call));
  return event_stream(needs.tail, std::move(filter), needs.clock);
}

Result<net::Answer> append_events(const EventNeeds& needs, const Call& call) {
  WRIT_TRY(const std::vector<EventId> ids,
           ingest_events(needs.project, needs.clock, call.who(), call.body));
  Array list;
  for (const EventId& id : ids) list.emplace_back(id.text());
  return json(200, Object{{"ids", std::move(list)}});
}

using Function = Result<net::Answer> (*)(ProjectSide&, const Call&);

}  // namespace

std::vector<Binding> event_operations(const EventNeeds& needs) {
  const auto bound = [&project = needs.project](Function function) {
    return [&project, function](const Call& call) { return function(project, call); };
  };
  return {
      {"listEvents", bound(&list_events)},
      {"appendEvents", [needs](const Call& call) { return append_events(needs, call); }},
      {"streamEvents", [needs](const Call& call) { return stream_events(needs, call); }},
      {"getEvent", bound(&get_event)},
      {"getEventProof", bound(&get_event_proof)},
      {"getCheckpoint", bound(&get_checkpoint)},
      {"signCheckpoint", bound(&sign_checkpoint)},
  };
}

}  // namespace writ::server
