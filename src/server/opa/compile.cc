// Partial evaluation: what a query comes to over the unknowns, as conditions in Rego's syntax.
#include <utility>

#include "policy/parse/ast_term.h"
#include "policy/partial/partial.h"
#include "server/opa/annexes.h"
#include "server/opa/answers.h"
#include "server/opa/compile_request.h"
#include "server/opa/handlers.h"
#include "server/opa/logged.h"
#include "server/opa/request.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::borrow_string;
using rego::Member;
using rego::Term;

// {"queries": [[…], …], "support": […]}; without queries when it never holds.
Term result_of(rego::Arena& arena, const rego::PartialAnswer& answer) {
  std::vector<Term> queries;
  for (const auto& query : answer.queries) queries.push_back(to_term(arena, query));
  std::vector<Term> support;
  for (const auto& one : answer.support) support.push_back(to_term(arena, one.module));
  std::vector<Member> members;
  if (!queries.empty()) members.push_back({borrow_string("queries"), make_array(arena, queries)});
  if (!support.empty()) members.push_back({borrow_string("support"), make_array(arena, support)});
  return make_object(arena, std::move(members));
}

}  // namespace

Result<net::Answer> post_compile(OpaService& service, const net::Request& request,
                                 net::Context& context) {
  Timing timing;
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Session& session = service.session(context.worker);
  auto body = parse_document(session.begin(), request);
  if (!body) return opa_error(400, "invalid_parameter", body.error().message);
  const Term* const query = body->is_object() ? body->find("query") : nullptr;
  if (query == nullptr || !query->is_string() || query->text().empty()) {
    return opa_error(400, "invalid_parameter", "missing required 'query' value");
  }
  WRIT_TRY(const rego::PartialOptions options,
           partial_options(*body, service, context, parameters));
  const Term* const given = body->find("input");
  const Term input = given != nullptr ? *given : Term();
  timing.has_parsed();
  DecisionLogging logging(service, request, context);
  if (auto instead = logging.admit()) return std::move(*instead);
  const auto answer = session.ask_partially(query->text(), input, options);
  if (!answer) return refused_compile(answer.error());
  rego::Arena arena;
  const Term result = result_of(arena, *answer);
  if (auto instead =
          logging.record({.query = query->text(), .input = input, .result = result}, timing)) {
    return std::move(*instead);
  }
  std::vector<Member> members{{borrow_string("result"), result}};
  add_annexes(arena, members, service, session, timing, parameters);
  return json_answer(200, make_object(arena, std::move(members)), parameters);
}

}  // namespace writ::server
