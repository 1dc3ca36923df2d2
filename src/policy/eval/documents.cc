// Documents that are partly base data and partly rules.
#include <algorithm>

#include "policy/eval/machine.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// Base documents win where both have a value that is no object.
Term merged(Arena& arena, const Term& virtual_part, const Term& base) {
  if (!virtual_part.is_object() || !base.is_object()) return base;
  std::vector<Member> members;
  for (std::size_t i = 0; i < virtual_part.size(); ++i) {
    members.push_back({virtual_part.keys()[i], virtual_part.values()[i]});
  }
  for (std::size_t i = 0; i < base.size(); ++i) {
    const Term& key = base.keys()[i];
    const Term* other = virtual_part.find(key);
    members.push_back(
        {key, other != nullptr ? merged(arena, *other, base.values()[i]) : base.values()[i]});
  }
  return make_object(arena, std::move(members));
}

void add_keys(const Term* base, std::vector<Term>& out) {
  if (base == nullptr) return;
  if (base->is_object()) {
    out.insert(out.end(), base->keys().begin(), base->keys().end());
  } else if (base->is_set()) {
    out.insert(out.end(), base->items().begin(), base->items().end());
  } else if (base->is_array()) {
    for (std::size_t i = 0; i < base->size(); ++i) {
      out.push_back(Term::integer(static_cast<std::int64_t>(i)));
    }
  }
}

}  // namespace

const Term* in_base(const Term& base, const Term& key) {
  const Term* found = base.at(key);
  if (found != nullptr || !base.is_object() || !key.is_number()) return found;
  return base.find(number_text(key));
}

bool Machine::is_masked(const Node& node) const {
  return std::ranges::any_of(scope_->masks, [&](const Node* mask) { return node.is_within(mask); });
}

const Term* Machine::base_at(const Node& node) const {
  const Term* at = &scope_->data;
  for (const Term& key : node.path) {
    at = at->at(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

Flow Machine::follow(const DocumentPath& path, std::size_t i, const Node* node, const Term* base,
                     Term* frame) {
  if (node != nullptr && !scope_->masks.empty() && is_masked(*node)) node = nullptr;
  if (node != nullptr && node->rules != nullptr) {
    if (node->rules->kind != RuleSet::Kind::function) {
      const Term value = value_of(*node);
      if (failed()) return Flow::stop;
      return value.is_defined() ? follow_value(path, i, value, frame) : Flow::back;
    }
    node = nullptr;
  }
  if (node == nullptr) {
    return base != nullptr ? follow_value(path, i, *base, frame) : Flow::back;
  }
  if (i == path.keys.size()) {
    const Term whole = document(*node, base);
    if (failed()) return Flow::stop;
    frame[path.out] = whole;
    return run(path.next, frame);
  }
  if (!path.keys[i].is_known) return follow_all(path, i, node, base, frame);
  const Term& key = path.keys[i].operand.in(frame);
  return follow(path, i + 1, node->child(key), base != nullptr ? in_base(*base, key) : nullptr,
                frame);
}

// Every key that the rules below `node` or the base document have.
Flow Machine::follow_all(const DocumentPath& path, std::size_t i, const Node* node,
                         const Term* base, Term* frame) {
  std::vector<Term> keys;
  for (const auto& [key, child] : node->children) keys.push_back(key);
  if (base != nullptr && base->is_object()) add_keys(base, keys);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  for (const Term& key : keys) {
    if (!path.keys[i].target.take(key, frame)) continue;
    const Term* inner = base != nullptr && base->is_object() ? base->at(key) : nullptr;
    if (follow(path, i + 1, node->child(key), inner, frame) == Flow::stop) return Flow::stop;
  }
  return Flow::back;
}

Flow Machine::follow_value(const DocumentPath& path, std::size_t i, const Term& value,
                           Term* frame) {
  if (i == path.keys.size()) {
    frame[path.out] = value;
    return run(path.next, frame);
  }
  const DocumentPath::Key& key = path.keys[i];
  if (key.is_known) {
    const Term* inner = value.at(key.operand.in(frame));
    return inner != nullptr ? follow_value(path, i + 1, *inner, frame) : Flow::back;
  }
  std::vector<Term> keys;
  add_keys(&value, keys);
  for (const Term& one : keys) {
    if (!key.target.take(one, frame)) continue;
    if (follow_value(path, i + 1, *value.at(one), frame) == Flow::stop) return Flow::stop;
  }
  return Flow::back;
}

Term Machine::document(const Node& node, const Term* base) {
  std::vector<Member> members;
  for (const auto& [key, child] : node.children) {
    if (!scope_->masks.empty() && is_masked(*child)) continue;
    if (child->rules == nullptr) {
      members.push_back({key, document(*child, nullptr)});
    } else if (child->rules->kind != RuleSet::Kind::function) {
      const Term value = value_of(*child);
      if (value.is_defined()) members.push_back({key, value});
    }
    if (failed()) return {};
  }
  const Term own = make_sorted_object(arena_, members);
  return base != nullptr && base->is_object() ? merged(arena_, own, *base) : own;
}

}  // namespace writ::rego
