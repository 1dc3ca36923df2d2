// What each step does.
#include "policy/eval/machine.h"

namespace writ::rego {

Flow Bind::run(Machine&, Term* frame) const {
  frame[out] = value.in(frame);
  return Flow::next;
}

Flow MakeArray::run(Machine& machine, Term* frame) const {
  auto& values = machine.values();
  const std::size_t first = values.size();
  for (const Operand& item : items) values.push_back(item.in(frame));
  frame[out] = make_array(machine.arena(), std::span<const Term>(values).subspan(first));
  values.resize(first);
  return Flow::next;
}

Flow MakeSet::run(Machine& machine, Term* frame) const {
  auto& values = machine.values();
  const std::size_t first = values.size();
  for (const Operand& item : items) values.push_back(item.in(frame));
  frame[out] = make_set_in_place(machine.arena(), std::span<Term>(values).subspan(first));
  values.resize(first);
  return Flow::next;
}

Flow MakeObject::run(Machine& machine, Term* frame) const {
  std::vector<Member> members;
  members.reserve(parts.size() / 2);
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    members.push_back({parts[i].in(frame), parts[i + 1].in(frame)});
  }
  if (!make_unique(members)) {
    return machine.fail(kConflictError, at, "object keys must be unique");
  }
  frame[out] = make_sorted_object(machine.arena(), members);
  return Flow::next;
}

Flow UnpackArray::run(Machine&, Term* frame) const {
  const Term array = value.in(frame);
  if (!array.is_array() || array.size() != items.size()) return Flow::back;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].take(array.items()[i], frame)) return Flow::back;
  }
  return Flow::next;
}

Flow UnpackObject::run(Machine&, Term* frame) const {
  const Term object = value.in(frame);
  if (!object.is_object() || object.size() != keys.size()) return Flow::back;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Term* found = object.find(keys[i].in(frame));
    if (found == nullptr || !values[i].take(*found, frame)) return Flow::back;
  }
  return Flow::next;
}

Flow Holds::run(Machine&, Term* frame) const {
  const Term& term = value.in(frame);
  return term.is_defined() && !term.is_false() ? Flow::next : Flow::back;
}

Flow Compare::run(Machine&, Term* frame) const {
  const Term& a = left.in(frame);
  const Term& b = right.in(frame);
  bool holds = false;
  switch (comparison) {
    case Comparison::equal:
      holds = a == b;
      break;
    case Comparison::not_equal:
      holds = a != b;
      break;
    case Comparison::less:
      holds = compare(a, b) < 0;
      break;
    case Comparison::at_most:
      holds = compare(a, b) <= 0;
      break;
    case Comparison::greater:
      holds = compare(a, b) > 0;
      break;
    case Comparison::at_least:
      holds = compare(a, b) >= 0;
      break;
  }
  return holds ? Flow::next : Flow::back;
}

Flow Fail::run(Machine&, Term*) const { return Flow::back; }

// ---- references ----

namespace {

const Term& root_of(Machine& machine, Root root, const Operand& base, const Term* frame) {
  switch (root) {
    case Root::input:
      return machine.scope().input;
    case Root::data:
      return machine.scope().data;
    case Root::operand:
      break;
  }
  return base.in(frame);
}

}  // namespace

Flow Path::run(Machine& machine, Term* frame) const {
  const Term* term = &root_of(machine, root, base, frame);
  if (!term->is_defined()) return Flow::back;
  for (const Operand& key : keys) {
    term = root == Root::data ? in_base(*term, key.in(frame)) : term->at(key.in(frame));
    if (term == nullptr) return Flow::back;
  }
  frame[out] = *term;
  return Flow::next;
}

Flow Scan::run(Machine& machine, Term* frame) const {
  const Term collection = root_of(machine, root, base, frame);
  if (!collection.is_collection()) return Flow::back;
  const bool is_object = collection.is_object();
  const std::span<const Term> values = is_object ? collection.values() : collection.items();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool takes_key =
        key.kind == Target::Kind::ignore ||
        key.take(is_object             ? collection.keys()[i]
                 : collection.is_set() ? values[i]
                                       : Term::integer(static_cast<std::int64_t>(i)),
                 frame);
    if (!takes_key || !value.take(values[i], frame)) continue;
    if (machine.run(next, frame) == Flow::stop) return Flow::stop;
  }
  return Flow::back;
}

Flow RuleValue::run(Machine& machine, Term* frame) const {
  const Term value = machine.value_of(*node);
  if (!value.is_defined()) return machine.failed() ? Flow::stop : Flow::back;
  frame[out] = value;
  return Flow::next;
}

Flow DocumentPath::run(Machine& machine, Term* frame) const {
  return machine.follow(*this, 0, node, machine.base_at(*node), frame);
}

Flow CallBuiltin::run(Machine& machine, Term* frame) const {
  return machine.call_builtin(*this, frame);
}

Flow CallFunction::run(Machine& machine, Term* frame) const {
  return machine.call_function(*this, frame);
}

// ---- bodies within bodies ----

Flow Not::run(Machine& machine, Term* frame) const {
  Exists exists;
  machine.solve(body, frame, exists);
  if (machine.failed()) return Flow::stop;
  return exists.found ? Flow::back : Flow::next;
}

Flow Every::run(Machine& machine, Term* frame) const {
  const Term collection = domain.in(frame);
  if (!collection.is_collection()) return Flow::back;
  const bool is_object = collection.is_object();
  const std::span<const Term> items = is_object ? collection.values() : collection.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    key.take(is_object             ? collection.keys()[i]
             : collection.is_set() ? items[i]
                                   : Term::integer(static_cast<std::int64_t>(i)),
             frame);
    value.take(items[i], frame);
    Exists exists;
    machine.solve(body, frame, exists);
    if (machine.failed()) return Flow::stop;
    if (!exists.found) return Flow::back;
  }
  return Flow::next;
}

namespace {

// Collects what a comprehension yields.
class Collected final : public Sink {
 public:
  explicit Collected(const Comprehension& of) : of_(of) {}

  Flow accept(Machine& machine, const Term* frame) override {
    auto& values = machine.values();
    if (of_.kind == Kind::object) values.push_back(of_.key.in(frame));
    values.push_back(of_.value.in(frame));
    return Flow::back;
  }

 private:
  const Comprehension& of_;
};

bool collect_object(Machine& machine, std::span<const Term> parts, Term& out) {
  std::vector<Member> members;
  members.reserve(parts.size() / 2);
  for (std::size_t i = 0; i < parts.size(); i += 2) members.push_back({parts[i], parts[i + 1]});
  if (!make_unique(members)) return false;
  out = make_sorted_object(machine.arena(), members);
  return true;
}

}  // namespace

Flow Comprehension::run(Machine& machine, Term* frame) const {
  auto& values = machine.values();
  const std::size_t first = values.size();
  Collected collected(*this);
  machine.solve(body, frame, collected);
  if (machine.failed()) return Flow::stop;
  const std::span<Term> found = std::span(values).subspan(first);
  if (kind == Kind::array) {
    frame[out] = make_array(machine.arena(), found);
  } else if (kind == Kind::set) {
    frame[out] = make_set_in_place(machine.arena(), found);
  } else if (!collect_object(machine, found, frame[out])) {
    return machine.fail(kConflictError, at, "object keys must be unique");
  }
  values.resize(first);
  return Flow::next;
}

// ---- with ----

namespace {

// `term` with `value` at `path`; what stands in the way and is no object becomes one.
Term patched(Arena& arena, const Term& term, std::span<const Term> path, const Term& value) {
  if (path.empty()) return value;
  const Term object = term.is_object() ? term : empty_object();
  const Term* inner = object.find(path[0]);
  const Term changed = patched(arena, inner != nullptr ? *inner : Term(), path.subspan(1), value);
  return with_member(arena, object, path[0], changed);
}

void replace(Scope& scope, Arena& arena, const Replacement& replacement, const Term* frame) {
  const bool is_call = replacement.by_node != nullptr || replacement.by_builtin != nullptr;
  const Term value = is_call ? Term() : replacement.value.in(frame);
  switch (replacement.kind) {
    case Replacement::Kind::input:
      scope.input = patched(arena, scope.input, replacement.path, value);
      return;
    case Replacement::Kind::data:
      scope.data = patched(arena, scope.data, replacement.path, value);
      if (replacement.node != nullptr) scope.masks.push_back(replacement.node);
      return;
    case Replacement::Kind::function:
      scope.stand_ins.push_back({replacement.node, replacement.builtin, &replacement, value});
      return;
  }
}

}  // namespace

Flow With::run(Machine& machine, Term* frame) const {
  Scope& inner = machine.push_scope();
  for (const Replacement& replacement : replacements) {
    replace(inner, machine.arena(), replacement, frame);
  }
  machine.set_scope(inner);
  const Flow flow = machine.run(body, frame);
  machine.pop_scope();
  return flow;
}

Flow Outside::run(Machine& machine, Term* frame) const {
  Scope& inner = machine.scope();
  machine.set_scope(*inner.outer);
  const Flow flow = machine.run(with->next, frame);
  machine.set_scope(inner);
  return flow;
}

}  // namespace writ::rego
