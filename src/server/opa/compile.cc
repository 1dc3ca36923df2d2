// Partial evaluation: what a query comes to over the unknowns, as conditions in Rego's syntax.
#include <utility>

#include "policy/parse/ast_term.h"
#include "policy/partial/partial.h"
#include "server/opa/annexes.h"
#include "server/opa/answers.h"
#include "server/opa/handlers.h"
#include "server/opa/request.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::borrow_string;
using rego::Member;
using rego::Term;

Result<std::vector<std::string>> texts_of(const Term& list, std::string_view name) {
  std::vector<std::string> out;
  bool is_list = list.is_array();
  for (std::size_t i = 0; is_list && i < list.size(); ++i) {
    const Term& item = list.items()[i];
    is_list = item.is_string();
    if (is_list) out.emplace_back(item.text());
  }
  if (is_list) return out;
  return fail(Code::invalid_input, std::string(name) + " must be an array of strings");
}

Result<rego::PartialOptions> options_of(const Term& body, const OpaService& service,
                                        const net::Context& context, const Parameters& parameters) {
  rego::PartialOptions out;
  out.limits = service.options().limits;
  out.stop = context.stop;
  out.strict_builtin_errors = parameters.is_set("strict-builtin-errors");
  const Term* const unknowns = body.find("unknowns");
  if (unknowns != nullptr && !unknowns->is_null()) {
    WRIT_TRY(out.unknowns, texts_of(*unknowns, "unknowns"));
  }
  const Term* const options = body.find("options");
  if (options == nullptr || options->is_null()) return out;
  if (!options->is_object()) return fail(Code::invalid_input, "options must be an object");
  if (const Term* const disabled = options->find("disableInlining")) {
    WRIT_TRY(out.disable_inlining, texts_of(*disabled, "options.disableInlining"));
  }
  const Term* const calls = options->find("nondeterministicBuiltins");
  out.calls_nondeterministic = calls != nullptr && calls->is_true();
  return out;
}

net::Response refused(const rego::PolicyErrors& errors) {
  const std::string& code = errors.front().code;
  if (code == rego::kParseError) {
    return opa_error(400, "invalid_parameter", "error(s) occurred while parsing query", errors);
  }
  if (code.starts_with("rego_")) {
    return opa_error(400, "invalid_parameter", "error(s) occurred while compiling query", errors);
  }
  return opa_error(500, "internal_error", "error(s) occurred while evaluating query", errors);
}

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
  WRIT_CHECK(expect_answerable(parameters));
  rego::Session& session = service.session(context.worker);
  auto body = parse_document(session.begin(), request);
  if (!body) return opa_error(400, "invalid_parameter", body.error().message);
  const Term* const query = body->is_object() ? body->find("query") : nullptr;
  if (query == nullptr || !query->is_string() || query->text().empty()) {
    return opa_error(400, "invalid_parameter", "missing required 'query' value");
  }
  WRIT_TRY(const rego::PartialOptions options, options_of(*body, service, context, parameters));
  const Term* const input = body->find("input");
  timing.has_parsed();
  const auto answer =
      session.ask_partially(query->text(), input != nullptr ? *input : Term(), options);
  if (!answer) return refused(answer.error());
  rego::Arena arena;
  std::vector<Member> members{{borrow_string("result"), result_of(arena, *answer)}};
  add_annexes(arena, members, service, session, timing, parameters);
  return json_answer(200, make_object(arena, std::move(members)), parameters);
}

}  // namespace writ::server
