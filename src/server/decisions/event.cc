#include "server/decisions/event.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/id.h"
#include "policy/term/build.h"
#include "policy/term/json.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::make_string;
using rego::Member;
using rego::Term;

// What a caller says of itself is kept, but not without end.
constexpr std::size_t kLongestId = 256;

// traceparent (W3C Trace Context section 3.2): version, trace, span, flags.
struct TraceParent {
  std::string_view trace;
  std::string_view span;
};

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::optional<TraceParent> parse_trace_parent(std::string_view text) {
  constexpr std::size_t kLength = 55;
  const bool is_long_enough =
      text.size() == kLength || (text.size() > kLength && text[kLength] == '-');
  if (!is_long_enough || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const TraceParent out{text.substr(3, 32), text.substr(36, 16)};
  const bool is_valid = is_hex(text.substr(0, 2)) && text.substr(0, 2) != "ff" &&
                        is_hex(out.trace) && is_hex(out.span) && is_hex(text.substr(53, 2)) &&
                        out.trace.find_first_not_of('0') != std::string_view::npos &&
                        out.span.find_first_not_of('0') != std::string_view::npos;
  if (!is_valid) return std::nullopt;
  return out;
}

Term bundles_of(Arena& arena, const rego::Snapshot& snapshot) {
  std::vector<Member> members;
  for (const auto& [name, bundle] : snapshot.bundles) {
    std::vector<Member> one;
    const std::string& revision = bundle.manifest.revision;
    if (!revision.empty()) one.push_back({borrow_string("revision"), borrow_string(revision)});
    members.push_back({borrow_string(name), make_object(arena, std::move(one))});
  }
  return make_object(arena, std::move(members));
}

Term error_of(Arena& arena, const rego::PolicyError& error) {
  std::vector<Member> members{{borrow_string("code"), borrow_string(error.code)},
                              {borrow_string("message"), borrow_string(error.message)}};
  if (error.at.is_known()) {
    members.push_back(
        {borrow_string("location"),
         make_object(arena, {{borrow_string("file"), borrow_string(error.file)},
                             {borrow_string("row"), Term::integer(error.at.line)},
                             {borrow_string("col"), Term::integer(error.at.column)}})});
  }
  return make_object(arena, std::move(members));
}

// {"http": {"headers": {"X-Foo": ["bar"]}}}; undefined when the request has none of them.
Term request_context(Arena& arena, const net::Request& request,
                     std::span<const std::string> headers) {
  std::vector<Member> told;
  for (const std::string& name : headers) {
    std::vector<Term> values;
    for (const net::Field& field : request.fields) {
      if (net::equals_ignoring_case(field.name, name)) values.push_back(borrow_string(field.value));
    }
    if (!values.empty()) told.push_back({borrow_string(name), make_array(arena, values)});
  }
  if (told.empty()) return {};
  const Term http =
      make_object(arena, {{borrow_string("headers"), make_object(arena, std::move(told))}});
  return make_object(arena, {{borrow_string("http"), http}});
}

// What the request says it belongs to.
void add_relations(Arena& arena, const net::Request& request, std::vector<Member>& members) {
  const auto add = [&](std::string_view member, std::string_view field) {
    const auto value = request.fields.find(field);
    if (!value || value->empty()) return;
    members.push_back({borrow_string(member), make_string(arena, value->substr(0, kLongestId))});
  };
  add("correlation_id", "X-Correlation-Id");
  add("thread_id", "X-Thread-Id");
  const auto parent = parse_trace_parent(request.fields.value_or("traceparent", ""));
  if (!parent) return;
  members.push_back({borrow_string("trace_id"), borrow_string(parent->trace)});
  members.push_back({borrow_string("span_id"), borrow_string(parent->span)});
}

}  // namespace

Term make_event(Arena& arena, const DecisionFacts& facts, const Term& labels,
                std::span<const std::string> headers) {
  std::vector<Member> members{
      {borrow_string("labels"), labels},
      {borrow_string("decision_id"), borrow_string(facts.id)},
      {borrow_string("requested_by"), borrow_string(facts.peer)},
      {borrow_string("timestamp"), make_string(arena, to_rfc3339(facts.when))},
      {borrow_string("req_id"), Term::integer(static_cast<std::int64_t>(facts.number))}};
  const auto add = [&](std::string_view name, const Term& value) {
    if (value.is_defined()) members.push_back({borrow_string(name), value});
  };
  if (!facts.snapshot->bundles.empty()) add("bundles", bundles_of(arena, *facts.snapshot));
  if (!facts.path.empty()) add("path", borrow_string(facts.path));
  if (!facts.query.empty()) add("query", borrow_string(facts.query));
  add("input", facts.input);
  add("result", facts.result);
  if (facts.error != nullptr) add("error", error_of(arena, *facts.error));
  add("metrics", facts.metrics);
  add("nd_builtin_cache", facts.nd_builtin_cache);
  add_relations(arena, *facts.request, members);
  add("request_context", request_context(arena, *facts.request, headers));
  return make_object(arena, std::move(members));
}

Term nd_builtin_cache(Arena& arena, std::span<const rego::NdCall> calls) {
  Term out = rego::empty_object();
  for (const rego::NdCall& call : calls) {
    if (!call.value.is_defined()) continue;
    const Term name = borrow_string(call.builtin);
    const Term* const known = out.find(name);
    const Term key = make_string(arena, to_json(make_array(arena, call.args)));
    out = with_member(
        arena, out, name,
        with_member(arena, known != nullptr ? *known : rego::empty_object(), key, call.value));
  }
  return out;
}

std::string make_decision_id(Random& random) {
  Uuid uuid;
  random.fill(uuid.bytes);
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid.text();
}

}  // namespace writ::server
