#include "server/opa/authorize.h"

#include <map>
#include <utility>

#include "server/opa/answers.h"
#include "server/opa/request.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::make_string;
using rego::Member;
using rego::Term;

constexpr std::string_view kRejected = "request rejected by administrative policy";
constexpr std::string_view kUndefined = "authorization policy missing or undefined";

using Lists = std::map<std::string, std::vector<Term>>;

Term object_of(Arena& arena, const Lists& lists) {
  std::vector<Member> members;
  for (const auto& [name, values] : lists) {
    members.push_back({make_string(arena, name), make_array(arena, values)});
  }
  return make_object(arena, std::move(members));
}

// "content-type" as Go spells it: "Content-Type".
std::string canonical(std::string_view name) {
  std::string out(name);
  bool is_first = true;
  for (char& c : out) {
    if (c >= 'a' && c <= 'z' && is_first) c = static_cast<char>(c - 'a' + 'A');
    if (c >= 'A' && c <= 'Z' && !is_first) c = static_cast<char>(c - 'A' + 'a');
    is_first = c == '-';
  }
  return out;
}

Term headers_of(Arena& arena, const net::Request& request) {
  Lists out;
  for (const net::Field& field : request.fields) {
    std::string name = canonical(field.name);
    if (name != "Host") out[std::move(name)].push_back(make_string(arena, field.value));
  }
  return object_of(arena, out);
}

Result<Term> params_of(Arena& arena, const net::Request& request) {
  WRIT_TRY(const auto pairs, net::parse_query(request.query));
  Lists out;
  for (const auto& [name, value] : pairs) out[name].push_back(make_string(arena, value));
  return object_of(arena, out);
}

// Of "/" one segment, which is empty.
Result<Term> path_of(Arena& arena, const net::Request& request) {
  std::vector<Term> out;
  std::string_view rest = request.path.substr(1);
  while (true) {
    const std::size_t slash = rest.find('/');
    WRIT_TRY(const std::string segment, net::percent_decode(rest.substr(0, slash)));
    out.push_back(make_string(arena, segment));
    if (slash == std::string_view::npos) return make_array(arena, out);
    rest.remove_prefix(slash + 1);
  }
}

// Of "Bearer abc"; empty: there is none.
std::string_view token_of(const net::Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  std::string_view value = request.fields.value_or("Authorization", "");
  if (!net::equals_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return {};
  value.remove_prefix(kScheme.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  return value.substr(0, value.find(' '));
}

Result<Term> input_of(Arena& arena, const AccessOptions& options, const net::Request& request) {
  WRIT_TRY(const Term path, path_of(arena, request));
  WRIT_TRY(const Term params, params_of(arena, request));
  std::vector<Member> members{
      {borrow_string("path"), path},
      {borrow_string("method"), borrow_string(net::method_name(request.method))},
      {borrow_string("params"), params},
      {borrow_string("headers"), headers_of(arena, request)}};
  if (sees_body(request) && !request.body.empty()) {
    WRIT_TRY(const Term body, parse_document(arena, request));
    members.push_back({borrow_string("body"), body});
  }
  const std::string_view token = options.reads_tokens ? token_of(request) : std::string_view();
  if (!token.empty()) members.push_back({borrow_string("identity"), borrow_string(token)});
  return make_object(arena, std::move(members));
}

// What OPA makes of the decision.
std::optional<net::Answer> verdict(const Term& result) {
  if (result.is_true()) return std::nullopt;
  const Term* const allowed = result.is_object() ? result.find("allowed") : nullptr;
  if (!result.is_defined() || (result.is_object() && allowed == nullptr)) {
    return opa_error(500, "internal_error", kUndefined);
  }
  if (allowed != nullptr && allowed->is_true()) return std::nullopt;
  const Term* const reason = result.is_object() ? result.find("reason") : nullptr;
  const bool has_reason = reason != nullptr && reason->is_string();
  return opa_error(401, "unauthorized", has_reason ? reason->text() : kRejected);
}

}  // namespace

bool sees_body(const net::Request& request) {
  if (request.method != net::Method::POST) return false;
  for (const std::string_view root : {"/v0/data", "/v1/data"}) {
    const std::string_view rest = request.path.substr(std::min(root.size(), request.path.size()));
    if (request.path.starts_with(root) && (rest.empty() || rest.starts_with('/'))) return true;
  }
  return request.path == "/";
}

std::optional<net::Answer> refusal(OpaService& service, const AccessOptions& options,
                                   const net::Request& request, const net::Context& context) {
  if (!options.is_checked) return std::nullopt;
  rego::Session& session = service.session(context.worker);
  Arena& arena = session.begin();
  const auto input = input_of(arena, options, request);
  if (!input) return opa_error(400, "invalid_parameter", input.error().message);
  rego::DecideOptions how;
  how.limits = service.options().limits;
  how.stop = context.stop;
  if (!context.is_on_pool) how.limits.steps = service.options().steps_on_loop;
  const auto decided = session.decide(options.decision, *input, how);
  if (!decided) return opa_error(500, "internal_error", decided.error().message);
  if (decided->error == nullptr) return verdict(decided->result);
  const bool ran_out = !context.is_on_pool && decided->error->code == rego::kCancelError;
  if (ran_out) return net::Elsewhere{};
  return opa_error(500, "internal_error", "error(s) occurred while evaluating query",
                   {*decided->error});
}

}  // namespace writ::server
