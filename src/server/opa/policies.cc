// Policies by id.
#include <algorithm>
#include <map>
#include <utility>

#include "policy/parse/ast_term.h"
#include "policy/parse/carried_errors.h"
#include "policy/term/json.h"
#include "server/opa/answers.h"
#include "server/opa/handlers.h"
#include "server/opa/request.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::borrow_string;
using rego::Member;
using rego::Term;

// Which module of the program is which policy: the file's name is the id.
using Modules = std::map<std::string_view, const rego::ast::Module*>;

Modules modules_of(const rego::Snapshot& snapshot) {
  Modules out;
  for (const rego::ast::Module& module : snapshot.program->modules) out[module.file] = &module;
  return out;
}

Term policy_term(rego::Arena& arena, const std::string& id, const rego::PolicyText& policy,
                 const Modules& modules) {
  std::vector<Member> members{{borrow_string("id"), borrow_string(id)},
                              {borrow_string("raw"), borrow_string(policy.text)}};
  if (const auto at = modules.find(id); at != modules.end()) {
    members.push_back({borrow_string("ast"), rego::to_term(arena, *at->second)});
  }
  return make_object(arena, std::move(members));
}

// Line `number` of a text, from 1 on.
std::string line_of(std::string_view text, std::size_t number) {
  for (; number > 1 && !text.empty(); --number) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return std::string(text.substr(0, text.find('\n')));
}

// With the line of the text for what could not be read.
net::Response refused(const Error& error, const std::string& id, std::string_view text) {
  if (error.diagnostics.empty()) return opa_error(error);
  std::vector<rego::PolicyError> errors = rego::carried_errors(error);
  for (rego::PolicyError& one : errors) {
    const bool has_line = one.code == rego::kParseError && one.file == id && one.at.is_known();
    if (has_line) one.line = line_of(text, one.at.line);
  }
  return opa_error(400, "invalid_parameter", "error(s) occurred while compiling module(s)", errors);
}

net::Response result_answer(rego::Arena& arena, Term result, const Parameters& parameters) {
  return json_answer(200, make_object(arena, {{borrow_string("result"), result}}), parameters);
}

net::Response no_policy(const std::string& id) {
  return opa_error(404, "resource_not_found", "storage_not_found_error: policy id \"" + id + "\"");
}

}  // namespace

Result<net::Answer> list_policies(OpaService& service, const net::Request& request,
                                  net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Session& session = service.session(context.worker);
  rego::Arena& arena = session.begin();
  const Modules modules = modules_of(session.snapshot());
  std::vector<Term> rows;
  for (const auto& [id, policy] : session.snapshot().policies) {
    rows.push_back(policy_term(arena, id, policy, modules));
  }
  return result_answer(arena, make_array(arena, rows), parameters);
}

Result<net::Answer> get_policy(OpaService& service, const net::Request& request,
                               net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  rego::Session& session = service.session(context.worker);
  rego::Arena& arena = session.begin();
  const auto at = session.snapshot().policies.find(context.parameters.front());
  if (at == session.snapshot().policies.end()) return no_policy(context.parameters.front());
  const Modules modules = modules_of(session.snapshot());
  return result_answer(arena, policy_term(arena, at->first, at->second, modules), parameters);
}

Result<net::Answer> put_policy(OpaService& service, const net::Request& request,
                               net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  const std::string& id = context.parameters.front();
  const auto put =
      service.fabric().put_policy(id, std::string(request.body), service.options().rego_version);
  if (!put) return refused(put.error(), id, request.body);
  return json_answer(200, rego::empty_object(), parameters);
}

Result<net::Answer> delete_policy(OpaService& service, const net::Request& request,
                                  net::Context& context) {
  WRIT_TRY(const Parameters parameters, Parameters::of(request));
  const auto deleted = service.fabric().delete_policy(context.parameters.front());
  if (!deleted) return opa_error(deleted.error());
  return json_answer(200, rego::empty_object(), parameters);
}

}  // namespace writ::server
