#include "server/opa/explanation.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <utility>

#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/observe/syntax_of.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::make_string;
using rego::Member;
using rego::Term;
using rego::Trace;

// As much as an answer has; its last event or line says that it was cut off.
constexpr std::size_t kMostEvents = 20'000;
constexpr std::size_t kMostBytes = 32 << 20;

Term event_term(Arena& arena, const Trace::Event& event, const rego::SyntaxOf::Node& node) {
  std::vector<Member> members{
      {borrow_string("op"), borrow_string(Trace::op_name(event.op))},
      {borrow_string("query_id"), Term::integer(static_cast<std::int64_t>(event.query))},
      {borrow_string("parent_id"), Term::integer(static_cast<std::int64_t>(event.parent))},
      {borrow_string("type"), borrow_string(node.type)},
      {borrow_string("node"), node.term},
      {borrow_string("locals"), rego::empty_array()},
      {borrow_string("message"), make_string(arena, event.note)}};
  return make_object(arena, std::move(members));
}

Term events_of(Arena& arena, const Trace& trace, Trace::Detail detail, rego::SyntaxOf& syntax) {
  const std::vector<const Trace::Event*> shown = trace.events(detail);
  std::vector<Term> out;
  std::size_t size = 0;
  for (const Trace::Event* event : shown) {
    const rego::SyntaxOf::Node node = syntax.of(*event->at);
    size += node.size + event->note.size();
    if (size > kMostBytes) break;
    out.push_back(event_term(arena, *event, node));
  }
  if (!out.empty() && (trace.is_cut() || out.size() < shown.size())) {
    Trace::Event last = *shown[out.size() - 1];
    last.op = Trace::Op::note;
    last.note = fmt::format("cut off after {} events", out.size());
    out.push_back(event_term(arena, last, syntax.of(*last.at)));
  }
  return make_array(arena, out);
}

Term lines_of(Arena& arena, const Trace& trace, Trace::Detail detail) {
  std::vector<Term> out;
  for (const std::string& line : trace.lines(detail)) out.push_back(make_string(arena, line));
  return make_array(arena, out);
}

}  // namespace

std::optional<Trace::Detail> wanted_explanation(const Parameters& parameters) {
  static const std::map<std::string_view, Trace::Detail> kWords = {{"notes", Trace::Detail::notes},
                                                                   {"fails", Trace::Detail::fails},
                                                                   {"full", Trace::Detail::full},
                                                                   {"debug", Trace::Detail::full}};
  if (parameters.is_empty()) return std::nullopt;
  const std::string* const word = parameters.find("explain");
  const auto found = word == nullptr ? kWords.end() : kWords.find(*word);
  if (found == kWords.end()) return std::nullopt;
  return found->second;
}

Result<Term> explain(Arena& arena, OpaService& service, const net::Context& context,
                     const Explained& what, const Parameters& parameters) {
  const auto detail = wanted_explanation(parameters);
  WRIT_ASSERT(detail.has_value());
  const rego::Snapshot& snapshot = service.session(context.worker).snapshot();
  const rego::CompileOptions watched{.is_observed = true, .is_indexed = false};
  const auto program = rego::compile(snapshot.program->modules, watched);
  if (!program) return rego::fail(program.error());
  const auto query = rego::compile_query(*program, what.query, watched);
  if (!query) return rego::fail(query.error());
  Trace trace(kMostEvents);
  rego::EvalInput input;
  input.input = what.input;
  input.data = snapshot.data;
  input.services = &service.services();
  input.limits = service.options().limits;
  input.strict_builtin_errors = parameters.is_set("strict-builtin-errors");
  input.stop = context.stop;
  input.observer = &trace;
  rego::Evaluator evaluator;
  evaluator.evaluate(**query, input);
  if (parameters.is_set("pretty")) return lines_of(arena, trace, *detail);
  rego::SyntaxOf syntax(arena, **program, what.query);
  return events_of(arena, trace, *detail, syntax);
}

}  // namespace writ::server
