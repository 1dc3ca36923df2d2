#include "policy/partial/machine.h"

#include <fmt/format.h>

#include "policy/compile/compiler.h"
#include "policy/parse/parser.h"
#include "policy/parse/token_stream.h"
#include "policy/term/build.h"

namespace writ::rego::partial {

PartialMachine::PartialMachine(std::shared_ptr<const Program> program, const PartialInput& input,
                               const PartialOptions& options, Unknowns unknowns, Arena& arena)
    : program_(std::move(program)),
      input_(input),
      options_(options),
      arena_(arena),
      prepared_(*program_),
      unknowns_(std::move(unknowns)),
      steps_left_(options.limits.steps),
      deadline_(input.services->clock->steady() + options.limits.time),
      stack_end_(static_cast<const std::byte*>(__builtin_frame_address(0)) -
                 options.limits.stack_bytes) {
  for (const ast::Module& module : program_->modules) {
    for (const ast::Rule& rule : module.rules) {
      taken_.insert(rule.ref.is_var() ? rule.ref.name : rule.ref.parts[0].name);
    }
  }
  arena_.set_limit(options.limits.memory_bytes);
  env_.arena = &arena_;
  env_.services = input.services;
  env_.cache = &call_cache_;
  env_.now = input.services->clock->wall();
  env_.now_ns = env_.now.micros * 1000;
  env_.stopped = [this] {
    return options_.stop.stop_requested() || input_.services->clock->steady() > deadline_;
  };
}

PartialMachine::Undo::~Undo() {
  machine_.saved_.resize(saved_);
  while (machine_.trail_.size() > trail_) {
    const auto [frame, slot] = machine_.trail_.back();
    frame->is_bound[static_cast<std::size_t>(slot)] = false;
    machine_.trail_.pop_back();
  }
}

void PartialMachine::fail(std::string_view code, std::string message) {
  if (!failed()) error_ = PolicyError{std::string(code), std::move(message), {}, {}, {}};
}

bool PartialMachine::may_go_on() {
  constexpr std::uint64_t kStepsPerCheck = 256;
  if (failed()) return false;
  const auto refuse = [&](std::string_view message) {
    fail(kCancelError, std::string(message));
    return false;
  };
  if (static_cast<const std::byte*>(__builtin_frame_address(0)) < stack_end_) {
    return refuse("partial evaluation is nested too deeply");
  }
  if (steps_left_ == 0) return refuse("partial evaluation took too many steps");
  if (--steps_left_ % kStepsPerCheck != 0) return true;
  if (options_.stop.stop_requested()) return refuse("caller cancelled query execution");
  if (input_.services->clock->steady() > deadline_) {
    return refuse("partial evaluation took too long");
  }
  if (arena_.exhausted()) return refuse("partial evaluation used too much memory");
  if (arena_.too_deep()) return refuse("a value is nested too deeply");
  return true;
}

void PartialMachine::count_body(std::size_t bodies) {
  if (bodies <= options_.most_queries) return;
  fail(kCancelError,
       fmt::format("partial evaluation comes to more than {} bodies; make more of the input known, "
                   "or disable inlining of a rule",
                   options_.most_queries));
}

std::vector<Residue> PartialMachine::collect(const std::function<void(ThenResidue)>& search) {
  std::vector<Residue> out;
  std::set<std::string> said;
  const std::size_t from = saved_.size();
  search([&](const Residue& found) {
    if (failed()) return;
    Residue residue = found;
    residue.body = finished(saved_, from);
    std::string text = ast::to_text(residue.value);
    for (const ast::Term& key : residue.keys) text += "\n" + ast::to_text(key);
    if (!said.insert(text + "\n" + lines_of(residue.body)).second) return;
    out.push_back(std::move(residue));
    count_body(out.size());
  });
  return out;
}

std::vector<ast::Body> PartialMachine::solve_query(ast::Body query,
                                                   const std::vector<std::string>& bindings) {
  query_names_ = bindings;
  taken_.insert(bindings.begin(), bindings.end());
  const Branch& branch = prepared_.query(std::move(query));
  Frame frame(branch);
  frame.is_query = true;
  std::vector<ast::Body> out;
  std::set<std::string> said;
  bool is_certain = false;
  run(branch.goals, 0, frame, [&] {
    if (failed() || is_certain) return;
    Conditions conditions = saved_;
    for (std::size_t i = 0; i < branch.names.size(); ++i) {
      const std::string& name = branch.names[i];
      if (name.empty() || name == "_" || name.contains('$') || !frame.is_bound[i]) continue;
      const ast::Term& value = frame.slots[i];
      if (value.is_var() && value.name == name) continue;
      const ast::Term var = make_var(name, {});
      conditions.push_back(make_condition(is_known(value) ? make_eq(var, value)  //
                                                          : make_eq(value, var)));
    }
    ast::Body body = finished(conditions, 0);
    is_certain = body.empty();
    if (!said.insert(lines_of(body)).second) return;
    out.push_back(std::move(body));
    count_body(out.size());
  });
  // What always holds needs no alternatives.
  if (is_certain && !failed()) out = {ast::Body{}};
  return out;
}

}  // namespace writ::rego::partial

namespace writ::rego {
namespace {

using partial::GroundRef;

std::expected<std::vector<GroundRef>, PolicyErrors> ground_refs(
    Arena& arena, const std::vector<std::string>& texts, std::string_view what) {
  std::vector<GroundRef> out;
  for (const std::string& text : texts) {
    auto term = parse_term(arena, text);
    if (!term) return std::unexpected(std::move(term).error());
    const ast::Term& root = term->is(ast::Term::Kind::ref) ? term->parts[0] : *term;
    bool is_ground = root.is_var() && (root.name == "input" || root.name == "data");
    GroundRef ref{root.name == "data", {}};
    for (std::size_t i = 1; i < term->parts.size(); ++i) {
      is_ground = is_ground && partial::is_known(term->parts[i]);
      ref.path.push_back(term->parts[i].value);
    }
    if (!is_ground) {
      return std::unexpected(PolicyErrors{
          {std::string(kParseError),
           fmt::format("{} {} is no reference of constants from input or data", what, text),
           {},
           {},
           {}}});
    }
    out.push_back(std::move(ref));
  }
  return out;
}

}  // namespace

std::expected<PartialAnswer, PolicyErrors> partially_evaluate(
    std::shared_ptr<const Program> program, std::string_view query, const PartialInput& input,
    const PartialOptions& options) {
  PartialAnswer out;
  out.arena = std::make_shared<Arena>();
  auto unknowns = ground_refs(*out.arena, options.unknowns, "unknown");
  if (!unknowns) return std::unexpected(std::move(unknowns).error());
  auto disabled = ground_refs(*out.arena, options.disable_inlining, "disabled inlining of");
  if (!disabled) return std::unexpected(std::move(disabled).error());
  // Says what is wrong with the query.
  const auto compiled = compile_query(program, query);
  if (!compiled) return std::unexpected(compiled.error());
  auto parsed = parse_query(*out.arena, query);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  std::vector<std::string> bindings;
  for (const Query::Binding& binding : (*compiled)->bindings) bindings.push_back(binding.name);

  // Terms of a residue stand in the arena of the machine's work until they are read again.
  Arena work;
  partial::PartialMachine machine(
      std::move(program), input, options,
      partial::Unknowns(*std::move(unknowns), *std::move(disabled), options.calls_nondeterministic),
      work);
  const std::vector<ast::Body> bodies = machine.solve_query(*std::move(parsed), bindings);
  if (const auto& error = machine.error()) return std::unexpected(PolicyErrors{*error});
  for (const ast::Body& body : bodies) {
    ast::Body& written = out.queries.emplace_back();
    if (body.empty()) continue;
    auto again = parse_query(*out.arena, partial::lines_of(body));
    if (!again) return std::unexpected(std::move(again).error());
    written = *std::move(again);
  }
  auto support = machine.support();
  if (!support) return std::unexpected(std::move(support).error());
  out.support = *std::move(support);
  return out;
}

}  // namespace writ::rego
