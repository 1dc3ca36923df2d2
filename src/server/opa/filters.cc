// Data filters: what remains of a decision as a WHERE clause or a UCAST document, by Accept.
#include <algorithm>
#include <utility>

#include "policy/filter/write_filter.h"
#include "policy/term/print.h"
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

constexpr std::string_view kSql = "application/vnd.opa.sql.";
constexpr std::string_view kUcast = "application/vnd.opa.ucast.";
constexpr std::string_view kMultitarget = "application/vnd.opa.multitarget+json";
constexpr std::string_view kJson = "+json";

// A form in which the filter is wanted.
struct Target {
  std::string_view key;  // of an answer with several
  std::optional<rego::Dialect> dialect;
  std::optional<rego::UcastVariant> ucast;
};

std::optional<Target> sql_target(std::string_view name) {
  const auto dialect = rego::dialect_named(name);
  if (!dialect) return std::nullopt;
  return Target{name, dialect, {}};
}

std::optional<Target> ucast_target(std::string_view variant) {
  const auto ucast = rego::ucast_named(variant);
  if (!ucast) return std::nullopt;
  return Target{"ucast", {}, ucast};
}

// "sql+postgresql", "ucast+prisma"
std::optional<Target> target_named(std::string_view text) {
  if (text.starts_with("sql+")) return sql_target(text.substr(4));
  if (text.starts_with("ucast+")) return ucast_target(text.substr(6));
  return std::nullopt;
}

std::optional<Target> accepted(std::string_view type) {
  if (!type.ends_with(kJson)) return std::nullopt;
  const std::string_view name = type.substr(0, type.size() - kJson.size());
  if (name.starts_with(kSql)) return sql_target(name.substr(kSql.size()));
  if (name.starts_with(kUcast)) return ucast_target(name.substr(kUcast.size()));
  return std::nullopt;
}

// The member of the body's options; nullptr: none.
const Term* option(const Term& body, std::string_view name) {
  const Term* const options = body.find("options");
  return options != nullptr && options->is_object() ? options->find(name) : nullptr;
}

Result<std::vector<Target>> targets_of(std::string_view accept, const Term& body) {
  if (const auto one = accepted(accept)) return std::vector<Target>{*one};
  if (accept != kMultitarget) {
    return fail(Code::invalid_input, "Accept header: unsupported header: " + std::string(accept));
  }
  std::vector<Target> out;
  const Term* const dialects = option(body, "targetDialects");
  const bool is_list = dialects != nullptr && dialects->is_array();
  for (std::size_t i = 0; is_list && i < dialects->size(); ++i) {
    const Term& name = dialects->items()[i];
    const auto target = name.is_string() ? target_named(name.text()) : std::nullopt;
    if (!target) return fail(Code::invalid_input, "unsupported target: " + rego::to_rego(name));
    out.push_back(*target);
  }
  if (!out.empty()) return out;
  return fail(Code::invalid_input, "options.targetDialects must name what the filter is for");
}

// {"fruits": {"$self": "FR", "name": "nm"}} of the dialect.
Result<rego::TableNames> names_of(const Term& body, std::string_view dialect) {
  rego::TableNames out;
  const Term* const all = option(body, "targetSQLTableMappings");
  const Term* const own = all != nullptr && all->is_object() ? all->find(dialect) : nullptr;
  if (own == nullptr) return out;
  const auto refused = fail(Code::invalid_input,
                            "options.targetSQLTableMappings must be names of tables and columns");
  if (!own->is_object()) return refused;
  for (std::size_t i = 0; i < own->size(); ++i) {
    const Term& columns = own->values()[i];
    if (!columns.is_object()) return refused;
    auto& names = out[std::string(own->keys()[i].text())];
    for (std::size_t k = 0; k < columns.size(); ++k) {
      if (!columns.values()[k].is_string()) return refused;
      names[std::string(columns.keys()[k].text())] = columns.values()[k].text();
    }
  }
  return out;
}

// The annotation `compile` of the rule at the path; undefined: none.
Term annotation_of(const rego::Program& program, const std::vector<std::string>& path) {
  for (const auto& module : program.modules) {
    const bool is_package =
        module.package.size() + 1 == path.size() &&
        std::equal(module.package.begin(), module.package.end(), path.begin(),
                   [](const Term& a, const std::string& b) { return a.text() == b; });
    if (!is_package) continue;
    for (const auto& rule : module.rules) {
      if (!rule.ref.is_var() || rule.ref.name != path.back()) continue;
      for (const auto& annotations : rule.annotations) {
        if (const Term* const found = annotations.value.find("compile")) return *found;
      }
    }
  }
  return {};
}

std::string query_of(const std::vector<std::string>& path) {
  std::string out = "data";
  for (const std::string& part : path) out += "[" + rego::to_rego(borrow_string(part)) + "]";
  return out + " == true";
}

struct Written {
  std::vector<Member> members;
  rego::PolicyErrors errors;
};

// {"query": …} for one target; nothing when no row is allowed.
Result<Written> written(rego::Arena& arena, const rego::Filter& filter, const Target& target,
                        const Term& body) {
  Written out;
  if (filter.kind == rego::Filter::Kind::never) return out;
  Term query;
  if (target.dialect) {
    WRIT_TRY(const rego::TableNames names, names_of(body, target.key));
    const auto sql = to_sql(filter, *target.dialect, names);
    if (sql) {
      query = make_string(arena, *sql);
    } else {
      out.errors = sql.error();
    }
  } else {
    const auto ucast = to_ucast(arena, filter, *target.ucast);
    if (ucast) {
      query = *ucast;
    } else {
      out.errors = ucast.error();
    }
  }
  if (out.errors.empty()) out.members.push_back({borrow_string("query"), query});
  return out;
}

net::Response untranslated(const rego::PolicyErrors& errors) {
  return opa_error(400, "evaluation_error", "error(s) occurred while translating the filter",
                   errors);
}

// What the rule says about columns that the caller may not see; undefined: no such rule.
Result<Term> masks_of(rego::Session& session, const Term& body, const Term& annotation,
                      const std::vector<std::string>& path, const rego::PartialOptions& options) {
  const Term* name = option(body, "maskRule");
  if (name == nullptr && annotation.is_object()) name = annotation.find("mask_rule");
  if (name == nullptr) return Term();
  if (!name->is_string()) return fail(Code::invalid_input, "the mask rule must be a string");
  std::string query(name->text());
  if (!query.starts_with("data.")) {
    const std::string whole = query_of({path.begin(), path.end() - 1});
    query = whole.substr(0, whole.rfind(" == ")) + "." + query;
  }
  const Term* const input = body.find("input");
  rego::DecideOptions how;
  how.limits = options.limits;
  how.stop = options.stop;
  WRIT_TRY(const rego::Answer* const answer,
           session.ask(query, input != nullptr ? *input : Term(), how));
  if (answer->error) return fail(Code::invalid_input, answer->error->text());
  return answer->rows.empty() ? Term() : answer->rows[0].values[0];
}

struct Question {
  std::vector<std::string> path;
  std::vector<Target> targets;
  std::string_view accept;
  Timing timing;
};

Result<net::Answer> answer_filters(OpaService& service, net::Context& context, const Term& body,
                                   const Question& question, DecisionLogging& logging,
                                   const Parameters& parameters) {
  rego::Session& session = service.session(context.worker);
  WRIT_TRY(auto options, partial_options(body, service, context, parameters));
  const Term annotation = annotation_of(*session.snapshot().program, question.path);
  const Term* const unknowns = annotation.is_object() ? annotation.find("unknowns") : nullptr;
  if (unknowns != nullptr && body.find("unknowns") == nullptr) {
    WRIT_TRY(options.unknowns, texts_of(*unknowns, "unknowns of the annotation"));
  }
  const Term* const given = body.find("input");
  const Term input = given != nullptr ? *given : Term();
  const auto answer = session.ask_partially(query_of(question.path), input, options);
  if (!answer) return refused_compile(answer.error());
  const auto filter = to_filter(*answer);
  if (!filter) return untranslated(filter.error());
  WRIT_TRY(const Term masks, masks_of(session, body, annotation, question.path, options));
  rego::Arena arena;
  std::vector<Member> result;
  for (const Target& target : question.targets) {
    WRIT_TRY(Written one, written(arena, *filter, target, body));
    if (!one.errors.empty()) return untranslated(one.errors);
    if (masks.is_defined()) one.members.push_back({borrow_string("masks"), masks});
    if (question.accept != kMultitarget) {
      result = std::move(one.members);
    } else {
      result.push_back({borrow_string(target.key), make_object(arena, std::move(one.members))});
    }
  }
  const Term told = make_object(arena, std::move(result));
  if (auto instead = logging.record({.path = question.path, .input = input, .result = told},
                                    question.timing)) {
    return std::move(*instead);
  }
  std::vector<Member> members{{borrow_string("result"), told}};
  add_annexes(arena, members, service, session, question.timing, parameters);
  net::Response response = json_answer(200, make_object(arena, std::move(members)), parameters);
  response.content_type = question.accept;
  return response;
}

}  // namespace

Result<net::Answer> post_filters(OpaService& service, const net::Request& request,
                                 net::Context& context) {
  Question question;
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Session& session = service.session(context.worker);
  auto body = parse_document(session.begin(), request);
  if (!body) return opa_error(400, "invalid_parameter", body.error().message);
  if (!body->is_object()) return opa_error(400, "invalid_parameter", "the body must be an object");
  question.accept = request.fields.value_or("Accept", "*/*");
  WRIT_TRY(question.path, document_path(request, "/v1/compile"));
  WRIT_TRY(question.targets, targets_of(question.accept, *body));
  question.timing.has_parsed();
  DecisionLogging logging(service, request, context);
  if (auto instead = logging.admit()) return std::move(*instead);
  return answer_filters(service, context, *body, question, logging, parameters);
}

}  // namespace writ::server
