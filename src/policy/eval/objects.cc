// Objects that several rules make together: heads with keys, and the rules at places below.
#include <algorithm>
#include <map>

#include "policy/eval/machine.h"

namespace writ::rego {
namespace {

constexpr std::string_view kKeysConflict = "object keys must be unique";

// An object that grows. A place is an object, a set that grows, or a value; once.
class Growing {
 public:
  // The place of `key` below; nullptr when a value or set is here.
  Growing* below(const Term& key) {
    if (form_ == Form::value || form_ == Form::set) return nullptr;
    form_ = Form::object;
    auto& child = children_[key];
    if (!child) child = std::make_unique<Growing>();
    return child.get();
  }
  bool become_object() {
    if (form_ == Form::empty) form_ = Form::object;
    return form_ == Form::object;
  }
  bool put(const Term& value) {
    if (form_ == Form::value) return value_ == value;
    if (form_ != Form::empty) return false;
    form_ = Form::value;
    value_ = value;
    return true;
  }
  bool add(const Term& member) {
    if (form_ != Form::empty && form_ != Form::set) return false;
    form_ = Form::set;
    members_.push_back(member);
    return true;
  }
  // A set without members is one too.
  bool become_set() {
    if (form_ == Form::empty) form_ = Form::set;
    return form_ == Form::set;
  }

  Term finish(Arena& arena) {
    if (form_ == Form::value) return value_;
    if (form_ == Form::set) return make_set_in_place(arena, members_);
    std::vector<Member> members;
    for (auto& [key, child] : children_) members.push_back({key, child->finish(arena)});
    return make_sorted_object(arena, members);
  }

 private:
  enum class Form : std::uint8_t { empty, object, set, value };
  Form form_ = Form::empty;
  std::map<Term, std::unique_ptr<Growing>> children_;
  std::vector<Term> members_;
  Term value_;
};

class Grow final : public Sink {
 public:
  explicit Grow(Growing& root) : root_(root) {}
  void begin(const Definition& definition) {
    definition_ = &definition;
    hit_ = false;
  }
  bool hit() const { return hit_; }

  Flow accept(Machine& machine, const Term* frame) override {
    hit_ = true;
    Growing* at = &root_;
    for (const Operand& key : definition_->path) {
      at = at->below(key.in(frame));
      if (at == nullptr) return conflict(machine);
    }
    const Term& value = definition_->value.in(frame);
    const bool fits = definition_->is_set ? at->add(value) : at->put(value);
    return fits ? Flow::back : conflict(machine);
  }

 private:
  Flow conflict(Machine& machine) const {
    return machine.fail(kConflictError, *definition_, std::string(kKeysConflict));
  }

  Growing& root_;
  const Definition* definition_ = nullptr;
  bool hit_ = false;
};

// Adds what the rules below `node` come to.
class Below {
 public:
  Below(Machine& machine, const Definition& at) : machine_(machine), at_(at) {}

  bool add(const Node& node, Growing& into) {
    for (const auto& [key, child] : node.children) {
      if (child->rules == nullptr) {
        Growing* inner = into.below(key);
        if (inner == nullptr || !inner->become_object() || !add(*child, *inner)) return refuse();
        continue;
      }
      if (child->rules->kind == RuleSet::Kind::function) continue;
      const Term value = machine_.value_of(*child);
      if (machine_.failed()) return false;
      if (!value.is_defined()) continue;
      Growing* inner = into.below(key);
      if (inner == nullptr || !place(*child, value, *inner)) return refuse();
    }
    return true;
  }

 private:
  bool place(const Node& child, const Term& value, Growing& into) {
    if (child.rules->kind == RuleSet::Kind::set && value.is_set()) {
      if (!into.become_set()) return false;
      return std::ranges::all_of(value.items(), [&](const Term& one) { return into.add(one); });
    }
    if (child.rules->kind != RuleSet::Kind::object || !value.is_object()) return into.put(value);
    if (!into.become_object()) return false;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (!into.below(value.keys()[i])->put(value.values()[i])) return false;
    }
    return true;
  }

  bool refuse() {
    machine_.fail(kConflictError, at_, std::string(kKeysConflict));
    return false;
  }

  Machine& machine_;
  const Definition& at_;
};

}  // namespace

bool make_unique(std::vector<Member>& members) {
  const auto before = [](const Member& a, const Member& b) { return a.key < b.key; };
  if (!std::is_sorted(members.begin(), members.end(), before)) {
    std::stable_sort(members.begin(), members.end(), before);
  }
  std::size_t kept = 0;
  for (const Member& member : members) {
    if (kept > 0 && members[kept - 1].key == member.key) {
      if (members[kept - 1].value != member.value) return false;
    } else {
      members[kept++] = member;
    }
  }
  members.resize(kept);
  return true;
}

Term Machine::object(const Node& node) {
  const RuleSet& rules = *node.rules;
  Growing root;
  Grow sink(root);
  for (const Definition* definition : candidates(rules, {})) {
    do {
      sink.begin(*definition);
      run_definition(*definition, {}, sink);
      if (failed()) return {};
      definition = definition->otherwise.get();
    } while (!sink.hit() && definition != nullptr);
  }
  if (!Below(*this, *rules.all.front()).add(node, root)) return {};
  return root.finish(arena_);
}

}  // namespace writ::rego
