// Ad-hoc queries: what their variables can be.
#include <utility>

#include "observe/current_span.h"
#include "policy/parse/carried_errors.h"
#include "policy/term/json.h"
#include "server/opa/annexes.h"
#include "server/opa/answers.h"
#include "server/opa/explanation.h"
#include "server/opa/handlers.h"
#include "server/opa/logged.h"
#include "server/opa/request.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::borrow_string;
using rego::Member;
using rego::Term;

// Each row an object of its variables; a query that is a single false expression has no rows.
Term rows_of(rego::Arena& arena, const rego::Query& query, const rego::Answer& answer) {
  std::vector<Term> rows;
  for (const rego::Solution& solution : answer.rows) {
    if (solution.values.size() == 1 && solution.values.front().is_false()) continue;
    std::vector<Member> members;
    for (std::size_t i = 0; i < query.bindings.size(); ++i) {
      members.push_back({borrow_string(query.bindings[i].name), solution.bindings[i]});
    }
    rows.push_back(make_object(arena, std::move(members)));
  }
  return make_array(arena, rows);
}

// Parsing and compiling are two things, and OPA says which of them failed.
net::Response refused(const Error& error) {
  const std::vector<rego::PolicyError> errors = rego::carried_errors(error);
  if (errors.empty()) return opa_error(error);
  const bool is_unread = errors.front().code == rego::kParseError;
  return opa_error(400, "invalid_parameter",
                   is_unread ? "error(s) occurred while parsing query"
                             : "error(s) occurred while compiling query",
                   errors);
}

Result<net::Answer> answer_query(OpaService& service, const net::Request& request,
                                 net::Context& context, std::string_view text, Term input,
                                 const Timing& timing, const Parameters& parameters) {
  DecisionLogging logging(service, request, context);
  if (auto instead = logging.admit()) return std::move(*instead);
  rego::Session& session = service.session(context.worker);
  rego::DecideOptions options;
  options.limits = service.options().limits;
  options.strict_builtin_errors = parameters.is_set("strict-builtin-errors");
  options.stop = context.stop;
  auto answered = [&] {
    const observe::Span span = observe::child_span("policy.decide");
    return session.ask(text, input, options);
  }();
  if (!answered) return refused(answered.error());
  const rego::Answer& answer = **answered;
  rego::Arena arena;
  const Term rows = answer.error ? rego::empty_array() : rows_of(arena, session.query(), answer);
  LoggedDecision logged{.query = text, .input = input};
  if (rows.size() > 0) logged.result = rows;
  if (answer.error) logged.error = &*answer.error;
  if (auto instead = logging.record(logged, timing)) return std::move(*instead);
  if (answer.error) {
    return opa_error(500, "internal_error", "error(s) occurred while evaluating query",
                     {*answer.error});
  }
  std::vector<Member> members;
  if (rows.size() > 0) members.push_back({borrow_string("result"), rows});
  if (wanted_explanation(parameters)) {
    WRIT_TRY(const Term explanation, explain(arena, service, context, {text, input}, parameters));
    members.push_back({borrow_string("explanation"), explanation});
  }
  add_annexes(arena, members, service, session, timing, parameters);
  return json_answer(200, make_object(arena, std::move(members)), parameters);
}

}  // namespace

Result<net::Answer> get_query(OpaService& service, const net::Request& request,
                              net::Context& context) {
  Timing timing;
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  const std::string* const text = parameters.find("q");
  if (text == nullptr || text->empty()) {
    return opa_error(400, "invalid_parameter", "missing parameter 'q'");
  }
  service.session(context.worker).begin();
  return answer_query(service, request, context, *text, Term(), timing, parameters);
}

Result<net::Answer> post_query(OpaService& service, const net::Request& request,
                               net::Context& context) {
  Timing timing;
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Arena& arena = service.session(context.worker).begin();
  auto body = parse_document(arena, request);
  if (!body) return opa_error(400, "invalid_parameter", body.error().message);
  const Term* const text = body->is_object() ? body->find("query") : nullptr;
  if (text == nullptr || !text->is_string()) {
    return opa_error(400, "invalid_parameter", "missing required 'query' value");
  }
  const Term* const input = body->find("input");
  timing.has_parsed();
  return answer_query(service, request, context, text->text(), input != nullptr ? *input : Term(),
                      timing, parameters);
}

}  // namespace writ::server
