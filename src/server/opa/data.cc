// Decisions: the documents below `data`, base and virtual alike.
#include <optional>
#include <utility>

#include "observe/current_span.h"
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
using rego::Decision;
using rego::Member;
using rego::Term;

constexpr std::string_view kV1 = "/v1/data";
constexpr std::string_view kV0 = "/v0/data";

// A decision, or that the loop is no place for it, or the answer that says why there is none.
struct Decided {
  Decision decision;
  std::optional<net::Answer> instead;
};

Result<Decided> decide(OpaService& service, net::Context& context,
                       std::span<const std::string> path, Term input, const Timing& timing,
                       const Parameters& parameters, DecisionLogging& logging) {
  if (auto instead = logging.admit()) return Decided{{}, std::move(instead)};
  rego::DecideOptions options;
  options.limits = service.options().limits;
  options.strict_builtin_errors = parameters.is_set("strict-builtin-errors");
  options.stop = context.stop;
  if (!context.is_on_pool) options.limits.steps = service.options().steps_on_loop;
  observe::Span span = observe::child_span("policy.decide");
  WRIT_TRY(Decision decision, service.session(context.worker).decide(path, input, options));
  const bool ran_out = decision.error != nullptr && !context.is_on_pool &&
                       decision.error->code == rego::kCancelError;
  if (ran_out) {
    span.forget();  // the pool decides anew
    return Decided{{}, net::Elsewhere{}};
  }
  span.set("writ.defined", decision.result.is_defined());
  if (decision.error != nullptr) {
    span.set("error.type", decision.error->code);
    span.fail();
  }
  span.end();
  auto instead = logging.record(
      {.path = path, .input = input, .result = decision.result, .error = decision.error}, timing);
  if (instead) return Decided{{}, std::move(instead)};
  if (decision.error == nullptr) return Decided{decision, {}};
  return Decided{{},
                 opa_error(500, "internal_error", "error(s) occurred while evaluating query",
                           {*decision.error})};
}

// What a request of v1 asks for.
struct Asked {
  std::span<const std::string> path;
  const Term* input;  // nullptr: it says none
  const Timing& timing;
};

Result<net::Answer> data_answer(OpaService& service, const net::Context& context,
                                const Asked& asked, const Decision& decision,
                                const Parameters& parameters, const std::string& id) {
  rego::Session& session = service.session(context.worker);
  rego::Arena& arena = session.arena();
  std::vector<Member> members;
  if (!id.empty()) members.push_back({borrow_string("decision_id"), borrow_string(id)});
  if (decision.result.is_defined()) members.push_back({borrow_string("result"), decision.result});
  if (asked.input == nullptr) {
    members.push_back(
        {borrow_string("warning"),
         make_object(arena, {{borrow_string("code"), borrow_string("api_usage_warning")},
                             {borrow_string("message"),
                              borrow_string("'input' key missing from the request")}})});
  }
  if (wanted_explanation(parameters)) {
    std::string query;
    rego::append_document_query(query, asked.path);
    const Explained what{query, asked.input != nullptr ? *asked.input : Term()};
    WRIT_TRY(const Term explanation, explain(arena, service, context, what, parameters));
    members.push_back({borrow_string("explanation"), explanation});
  }
  add_annexes(arena, members, service, session, asked.timing, parameters);
  return json_answer(200, make_object(arena, std::move(members)), parameters);
}

net::Response bad_input(std::string_view prefix, const Error& error) {
  return opa_error(400, "invalid_parameter", std::string(prefix) + error.message);
}

std::string dotted(std::span<const std::string> path) {
  std::string out = "data";
  for (const std::string& key : path) out += "." + key;
  return out;
}

// The v0 answers: the bare document, or that there is none.
Result<net::Answer> bare_answer(OpaService& service, const net::Request& request,
                                net::Context& context, std::span<const std::string> path,
                                std::string_view undefined) {
  Timing timing;
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Arena& arena = service.session(context.worker).begin();
  Term input;
  if (!request.body.empty()) {
    auto parsed = parse_document(arena, request);
    if (!parsed) return bad_input("body contains malformed input document: ", parsed.error());
    input = *parsed;
  }
  timing.has_parsed();
  DecisionLogging logging(service, request, context);
  WRIT_TRY(Decided decided, decide(service, context, path, input, timing, parameters, logging));
  if (decided.instead) return std::move(*decided.instead);
  if (decided.decision.result.is_defined()) {
    return json_answer(200, decided.decision.result, parameters);
  }
  return opa_error(404, "undefined_document", std::string(undefined) + dotted(path));
}

}  // namespace

Result<net::Answer> get_data(OpaService& service, const net::Request& request,
                             net::Context& context) {
  Timing timing;
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  if (wanted_explanation(parameters) && !context.is_on_pool) return net::Elsewhere{};
  WRIT_TRY(const std::vector<std::string> path, document_path(request, kV1));
  rego::Arena& arena = service.session(context.worker).begin();
  Term input;
  if (const std::string* text = parameters.find("input"); text != nullptr) {
    auto parsed = rego::parse_json(arena, *text);
    if (!parsed) return bad_input("parameter contains malformed input document: ", parsed.error());
    input = *parsed;
  }
  timing.has_parsed();
  DecisionLogging logging(service, request, context);
  WRIT_TRY(Decided decided, decide(service, context, path, input, timing, parameters, logging));
  if (decided.instead) return std::move(*decided.instead);
  return data_answer(service, context, {path, &input, timing}, decided.decision, parameters,
                     logging.id());
}

Result<net::Answer> post_data(OpaService& service, const net::Request& request,
                              net::Context& context) {
  Timing timing;
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  if (wanted_explanation(parameters) && !context.is_on_pool) return net::Elsewhere{};
  WRIT_TRY(const std::vector<std::string> path, document_path(request, kV1));
  rego::Arena& arena = service.session(context.worker).begin();
  const Term* input = nullptr;
  Term body;
  if (!request.body.empty()) {
    auto parsed = parse_document(arena, request);
    if (!parsed) return bad_input("body contains malformed input document: ", parsed.error());
    body = *parsed;
    if (!body.is_object()) {
      return opa_error(400, "invalid_parameter",
                       "body contains malformed input document: it must be an object");
    }
    input = body.find("input");
  }
  timing.has_parsed();
  DecisionLogging logging(service, request, context);
  WRIT_TRY(Decided decided, decide(service, context, path, input != nullptr ? *input : Term(),
                                   timing, parameters, logging));
  if (decided.instead) return std::move(*decided.instead);
  return data_answer(service, context, {path, input, timing}, decided.decision, parameters,
                     logging.id());
}

Result<net::Answer> post_v0_data(OpaService& service, const net::Request& request,
                                 net::Context& context) {
  WRIT_TRY(const std::vector<std::string> path, document_path(request, kV0));
  return bare_answer(service, request, context, path, "document undefined: ");
}

Result<net::Answer> post_default(OpaService& service, const net::Request& request,
                                 net::Context& context) {
  return bare_answer(service, request, context, service.options().default_decision,
                     "document missing: ");
}

}  // namespace writ::server
