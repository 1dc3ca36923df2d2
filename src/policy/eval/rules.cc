// Values of rules: complete documents, sets and functions.
#include "policy/eval/gave_up.h"
#include "policy/eval/machine.h"

namespace writ::rego {
namespace {

// One value; another one that differs is a conflict.
class OneValue final : public Sink {
 public:
  OneValue(std::string_view conflict) : conflict_(conflict) {}

  void begin(const Definition& definition) {
    definition_ = &definition;
    hit_ = false;
  }
  // Whether the definition that was begun last has had a solution.
  bool hit() const { return hit_; }
  const Term& value() const { return value_; }

  Flow accept(Machine& machine, const Term* frame) override {
    const Term& found = definition_->value.in(frame);
    hit_ = true;
    if (value_.is_defined() && value_ != found) {
      return machine.fail(kConflictError, *definition_, std::string(conflict_));
    }
    if (!value_.is_defined()) value_ = found;
    // All further solutions would have the same value.
    return definition_->value.is_constant() ? Flow::stop : Flow::back;
  }

 private:
  std::string_view conflict_;
  const Definition* definition_ = nullptr;
  bool hit_ = false;
  Term value_;
};

class Members final : public Sink {
 public:
  void begin(const Definition& definition) { definition_ = &definition; }
  Flow accept(Machine& machine, const Term* frame) override {
    machine.values().push_back(definition_->value.in(frame));
    return Flow::back;
  }

 private:
  const Definition* definition_ = nullptr;
};

constexpr std::string_view kCompleteConflict = "complete rules must not produce multiple outputs";
constexpr std::string_view kFunctionConflict =
    "functions must not produce multiple outputs for same inputs";

}  // namespace

void Machine::run_definition(const Definition& definition, std::span<const Term> args, Sink& sink) {
  if (!has_stack()) {
    fail(kCancelError, definition, std::string(kRulesTooDeep));
    return;
  }
  const FrameStack::Mark mark = frames_.mark();
  Term* const frame = frames_.push(definition.slots);
  std::copy(args.begin(), args.end(), frame);
  const std::string* const file = file_;
  file_ = definition.file;
  solve(definition.body, frame, sink);
  file_ = file;
  frames_.pop(mark);
}

const std::vector<const Definition*>& Machine::candidates(const RuleSet& rules,
                                                          std::span<const Term> args) const {
  if (!rules.index) return rules.all;
  const RuleIndex& index = *rules.index;
  const Term* at =
      index.root == Root::input ? &scope_->input : &args[static_cast<std::size_t>(index.argument)];
  for (const Term& key : index.where) {
    if (at != nullptr) at = at->at(key);
  }
  if (at == nullptr || !at->is_defined()) return index.others;
  const auto found = index.candidates.find(*at);
  return found == index.candidates.end() ? index.others : found->second;
}

Term Machine::complete(const RuleSet& rules, std::span<const Term> args, bool is_function) {
  OneValue sink(is_function ? kFunctionConflict : kCompleteConflict);
  for (const Definition* definition : candidates(rules, args)) {
    do {
      sink.begin(*definition);
      run_definition(*definition, args, sink);
      if (failed()) return {};
      definition = definition->otherwise.get();
    } while (!sink.hit() && definition != nullptr);
    if (sink.hit() && rules.has_one_value) break;
  }
  if (sink.value().is_defined() || rules.fallback == nullptr) return sink.value();
  sink.begin(*rules.fallback);
  run_definition(*rules.fallback, args, sink);
  return failed() ? Term() : sink.value();
}

Term Machine::set(const RuleSet& rules) {
  const std::size_t first = values_.size();
  Members sink;
  for (const Definition* definition : candidates(rules, {})) {
    sink.begin(*definition);
    run_definition(*definition, {}, sink);
    if (failed()) return {};
  }
  const Term out = make_set_in_place(arena_, std::span(values_).subspan(first));
  values_.resize(first);
  return out;
}

Term Machine::value_of(const Node& node) {
  if (!scope_->masks.empty() && is_masked(node)) {
    const Term* base = base_at(node);
    return base != nullptr ? *base : Term();
  }
  const RuleSet& rules = *node.rules;
  if (const Term* known = scope_->rules.find(rules.id)) return *known;
  Scope& scope = *scope_;
  Term out;
  switch (rules.kind) {
    case RuleSet::Kind::complete:
      out = complete(rules, {}, false);
      break;
    case RuleSet::Kind::set:
      out = set(rules);
      break;
    case RuleSet::Kind::object:
      out = object(node);
      break;
    case RuleSet::Kind::function:
      return {};
  }
  if (!failed()) scope.rules.store(rules.id, out);
  return out;
}

Term Machine::call(const Node& function, std::span<const Term> args) {
  const RuleSet& rules = *function.rules;
  if (const Term* known = scope_->calls.find(rules.id, args)) return *known;
  Scope& scope = *scope_;
  const Term out = complete(rules, args, true);
  if (failed()) return {};
  auto* const kept = static_cast<Term*>(arena_.allocate(args.size() * sizeof(Term)));
  std::uninitialized_copy(args.begin(), args.end(), kept);
  scope.calls.store(rules.id, {kept, args.size()}, out);
  return out;
}

}  // namespace writ::rego
