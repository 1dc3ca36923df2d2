// Calls of builtins and functions, and of what stands in for them.
#include <algorithm>
#include <array>

#include "policy/eval/machine.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

// Arguments of one call: few stand on the stack.
class Arguments {
 public:
  Arguments(const std::vector<Operand>& operands, const Term* frame) : size_(operands.size()) {
    Term* out = few_.data();
    if (size_ > few_.size()) {
      many_.resize(size_);
      out = many_.data();
    }
    for (std::size_t i = 0; i < size_; ++i) out[i] = operands[i].in(frame);
  }
  std::span<const Term> all() const { return {many_.empty() ? few_.data() : many_.data(), size_}; }

 private:
  std::size_t size_;
  std::array<Term, 6> few_;
  std::vector<Term> many_;
};

}  // namespace

const StandIn* Machine::stand_in_of(const Node* function, const BuiltinEntry* builtin) const {
  const auto& stand_ins = scope_->stand_ins;
  for (auto stand_in = stand_ins.rbegin(); stand_in != stand_ins.rend(); ++stand_in) {
    if (stand_in->function == function && stand_in->builtin == builtin) return &*stand_in;
  }
  return nullptr;
}

// A stand-in runs without stand-ins, so that it may call what it stands for.
Term Machine::call_stand_in(const StandIn& stand_in, std::span<const Term> args, Position at) {
  const Replacement& by = *stand_in.by;
  if (by.by_node == nullptr && by.by_builtin == nullptr) return stand_in.value;
  Scope& inner = push_scope();
  inner.stand_ins.clear();
  scope_ = &inner;
  Term out;
  if (by.by_node != nullptr) {
    out = call(*by.by_node, args);
  } else {
    apply(*by.by_builtin, args, at, out);
  }
  pop_scope();
  return out;
}

bool Machine::apply_once(const BuiltinEntry& builtin, std::span<const Term> args, Position at,
                         Term& out) {
  Call call(*builtin.row, args, env_);
  const Outcome outcome = invoke(builtin, call);
  if (outcome.failed()) return builtin_failed(call.problem(), at) != Flow::stop;
  out = outcome.value();
  return true;
}

const Term* Machine::recorded(const BuiltinEntry& builtin, std::span<const Term> args) const {
  if (!input_->nd_builtin_cache.is_object()) return nullptr;
  const Term* const calls = input_->nd_builtin_cache.find(builtin.row->name);
  if (calls == nullptr || !calls->is_object()) return nullptr;
  Arena arena;
  return calls->find(to_json(make_array(arena, args)));
}

std::vector<NdCall> Machine::nd_calls() const {
  std::vector<NdCall> out;
  for (const Observed& observed : observed_) {
    out.push_back({observed.builtin->row->name, observed.args, observed.value});
  }
  return out;
}

// False when the machine has failed. `out` stays undefined when there is no value.
bool Machine::apply(const BuiltinEntry& builtin, std::span<const Term> args, Position at,
                    Term& out) {
  if (!builtin.is(Trait::nondeterministic)) return apply_once(builtin, args, at, out);
  for (const Observed& observed : observed_) {
    if (observed.builtin == &builtin && std::ranges::equal(observed.args, args)) {
      out = observed.value;
      return true;
    }
  }
  if (const Term* const known = recorded(builtin, args); known != nullptr) {
    out = *known;
  } else if (!apply_once(builtin, args, at, out)) {
    return false;
  }
  const Term kept = make_array(arena_, args);
  observed_.push_back({&builtin, kept.items(), out});
  return true;
}

Flow Machine::call_builtin(const CallBuiltin& step, Term* frame) {
  const Arguments args(step.args, frame);
  Term out;
  const StandIn* stand_in =
      scope_->stand_ins.empty() ? nullptr : stand_in_of(nullptr, step.builtin);
  if (stand_in != nullptr) {
    out = call_stand_in(*stand_in, args.all(), step.at);
  } else {
    apply(*step.builtin, args.all(), step.at, out);
  }
  if (failed()) return Flow::stop;
  if (!out.is_defined()) return Flow::back;
  if (stand_in != nullptr || !step.builtin->is(Trait::relation)) {
    frame[step.out] = out;
    return Flow::next;
  }
  for (const Term& one : out.items()) {
    frame[step.out] = one;
    if (run(step.next, frame) == Flow::stop) return Flow::stop;
  }
  return Flow::back;
}

Flow Machine::call_function(const CallFunction& step, Term* frame) {
  const Arguments args(step.args, frame);
  const StandIn* stand_in =
      scope_->stand_ins.empty() ? nullptr : stand_in_of(step.function, nullptr);
  const Term out = stand_in != nullptr ? call_stand_in(*stand_in, args.all(), step.at)
                                       : call(*step.function, args.all());
  if (failed()) return Flow::stop;
  if (!out.is_defined()) return Flow::back;
  frame[step.out] = out;
  return Flow::next;
}

}  // namespace writ::rego
