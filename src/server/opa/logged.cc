#include "server/opa/logged.h"

#include <cstddef>

#include "server/decisions/decisions.h"
#include "server/decisions/event.h"
#include "server/opa/answers.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

std::string slashed(std::span<const std::string> path) {
  std::string out;
  for (const std::string& segment : path) {
    if (!out.empty()) out += '/';
    out += segment;
  }
  return out;
}

// No decision without its event.
net::Response not_logged(std::string_view why) { return opa_error(503, "internal_error", why); }

}  // namespace

DecisionLogging::DecisionLogging(OpaService& service, const net::Request& request,
                                 const net::Context& context)
    : service_(service), request_(request), context_(context) {}

std::optional<net::Answer> DecisionLogging::admit() const {
  Decisions* const decisions = service_.decisions();
  if (decisions == nullptr) return std::nullopt;
  const BufferOptions& buffer = decisions->options().buffer;
  const bool waits_for_sync = buffer.flush == Flush::each;
  const bool waits_for_room = buffer.when_full == WhenFull::block && !decisions->log().has_room();
  if (!waits_for_sync && !waits_for_room) return std::nullopt;
  if (!context_.is_on_pool) return net::Elsewhere{};
  if (!waits_for_room || decisions->log().wait_for_room(context_.deadline, context_.stop)) {
    return std::nullopt;
  }
  return not_logged("the decision log is full");
}

std::optional<net::Answer> DecisionLogging::record(const LoggedDecision& decision,
                                                   const Timing& timing) {
  Decisions* const decisions = service_.decisions();
  if (decisions == nullptr) return std::nullopt;
  const rego::Session& session = service_.session(context_.worker);
  rego::Arena arena;
  const std::string path = slashed(decision.path);
  id_ = decisions->make_id();
  DecisionFacts facts;
  facts.id = id_;
  facts.path = path;
  facts.query = decision.query;
  facts.input = decision.input;
  facts.result = decision.result;
  facts.error = decision.error;
  facts.snapshot = &session.snapshot();
  facts.request = &request_;
  facts.peer = context_.peer;
  facts.number = decisions->next_number();
  facts.when = decisions->clock().wall();
  facts.metrics = metrics_of(arena, session.cost(), timing);
  if (decisions->options().nd_builtin_cache) {
    facts.nd_builtin_cache = nd_builtin_cache(arena, session.nd_calls());
  }
  rego::EvalLimits limits = service_.options().limits;
  if (!context_.is_on_pool) limits.steps = service_.options().steps_on_loop;
  const auto ticket =
      service_.recorder(context_.worker).record(facts, limits, !context_.is_on_pool);
  if (!ticket) return net::Elsewhere{};  // the pool has time for the policies of the log
  if (decisions->options().buffer.flush != Flush::each || *ticket == 0) return std::nullopt;
  const auto durable =
      decisions->log().wait_until_durable(*ticket, context_.deadline, context_.stop);
  if (durable) return std::nullopt;
  return not_logged(durable.error().message);
}

}  // namespace writ::server
