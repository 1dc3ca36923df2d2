#include "server/opa/answers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/parse/carried_errors.h"
#include "policy/term/json.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::Member;
using rego::Term;

constexpr std::size_t kIndent = 2;

// Which of OPA's codes says what one of ours says.
struct Translation {
  Code code;
  int status;
  std::string_view opa;
};
constexpr Translation kTranslations[] = {
    {Code::invalid_input, 400, "invalid_parameter"}, {Code::conflict, 400, "invalid_parameter"},
    {Code::not_found, 404, "resource_not_found"},    {Code::not_permitted, 401, "unauthorized"},
    {Code::overloaded, 429, "internal_error"},       {Code::unavailable, 503, "internal_error"},
};

Term location_of(Arena& arena, const rego::PolicyError& error) {
  std::vector<Member> members;
  members.push_back({borrow_string("file"), borrow_string(error.file)});
  members.push_back({borrow_string("row"), Term::integer(error.at.line)});
  members.push_back({borrow_string("col"), Term::integer(error.at.column)});
  return make_object(arena, std::move(members));
}

}  // namespace

Term policy_error(Arena& arena, const rego::PolicyError& error) {
  std::vector<Member> members;
  members.push_back({borrow_string("code"), borrow_string(error.code)});
  members.push_back({borrow_string("message"), borrow_string(error.message)});
  if (error.at.is_known())
    members.push_back({borrow_string("location"), location_of(arena, error)});
  if (!error.line.empty()) {
    const std::int64_t index = error.at.column > 0 ? error.at.column - 1 : 0;
    members.push_back({borrow_string("details"),
                       make_object(arena, {{borrow_string("line"), borrow_string(error.line)},
                                           {borrow_string("idx"), Term::integer(index)}})});
  }
  return make_object(arena, std::move(members));
}

// A policy's errors went through Writ's diagnostics; the code stands in front of the message there.
Result<Parameters> Parameters::of(const net::Request& request) {
  Parameters out;
  WRIT_TRY(out.pairs_, net::parse_query(request.query));
  return out;
}

const std::string* Parameters::find(std::string_view name) const {
  const auto at = std::find_if(pairs_.rbegin(), pairs_.rend(),
                               [&](const auto& pair) { return pair.first == name; });
  return at == pairs_.rend() ? nullptr : &at->second;
}

bool Parameters::is_set(std::string_view name) const {
  constexpr std::array<std::string_view, 7> kTrue = {"", "1", "t", "T", "true", "TRUE", "True"};
  const std::string* const value = find(name);
  return value != nullptr && std::find(kTrue.begin(), kTrue.end(), *value) != kTrue.end();
}

net::Response json_answer(int status, const Term& body, const Parameters& parameters) {
  net::Response response;
  response.status = status;
  response.content_type = "application/json";
  if (parameters.is_set("pretty")) {
    response.body = to_pretty_json(body, kIndent, rego::Escape::html);
  } else {
    append_json(response.body, body, rego::Escape::html);
  }
  response.body += '\n';
  return response;
}

net::Response empty_answer(int status) {
  net::Response response;
  response.status = status;
  return response;
}

net::Response opa_error(int status, std::string_view code, std::string_view message,
                        const std::vector<rego::PolicyError>& errors) {
  Arena arena;
  std::vector<Member> members;
  members.push_back({borrow_string("code"), borrow_string(code)});
  members.push_back({borrow_string("message"), borrow_string(message)});
  if (!errors.empty()) {
    std::vector<Term> rows;
    for (const rego::PolicyError& error : errors) rows.push_back(policy_error(arena, error));
    members.push_back({borrow_string("errors"), make_array(arena, rows)});
  }
  net::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body =
      to_pretty_json(make_object(arena, std::move(members)), kIndent, rego::Escape::html) + "\n";
  return response;
}

net::Response opa_error(const Error& error) {
  if (!error.diagnostics.empty()) {
    return opa_error(400, "invalid_parameter", "error(s) occurred while compiling module(s)",
                     rego::carried_errors(error));
  }
  const auto* const row = std::find_if(std::begin(kTranslations), std::end(kTranslations),
                                       [&](const Translation& t) { return t.code == error.code; });
  if (row == std::end(kTranslations)) return opa_error(500, "internal_error", error.message);
  return opa_error(row->status, row->opa, error.message);
}

}  // namespace writ::server
