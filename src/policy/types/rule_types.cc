#include "policy/types/rule_types.h"

namespace writ::rego::types {

Type& RuleTypes::place(const Node& node) {
  for (const Node* at = &node; at != nullptr && populated_.insert(at).second; at = at->parent) {
  }
  return types_[&node];
}

void RuleTypes::add(const Node& node, Type type) {
  if (type == nullptr) return;
  Type& known = place(node);
  known = pool_.merged(known, type);
  if (known == nullptr) known = anything();
}

Type RuleTypes::of(const Node& node) const {
  const auto found = types_.find(&node);
  return found == types_.end() ? nullptr : found->second;
}

// The object with everything below `node` as further members.
Type RuleTypes::below(Type object, const Node& node) {
  Type key = object->key;
  Type value = object->rest;
  for (const auto& [name, child] : node.children) {
    Type member = of(*child);
    if (member == nullptr) {
      const Type nested = pool_.object({});
      member = below(nested, *child);
      if (member == nested) continue;
    }
    key = pool_.either(key, pool_.of(name));
    value = pool_.either(value, member);
  }
  if (key == object->key && value == object->rest) return object;
  return pool_.object(object->fields, key, value);
}

void RuleTypes::take_in_below(const Node& node) {
  const auto found = types_.find(&node);
  if (found == types_.end() || node.children.empty()) return;
  if (found->second->is(Shape::Form::object)) found->second = below(found->second, node);
}

Type RuleTypes::extent(const Node& node) {
  if (const Type known = of(node); known != nullptr) return known;
  if (const auto found = extents_.find(&node); found != extents_.end()) return found->second;
  std::vector<StaticField> fields;
  for (const auto& [name, child] : node.children) {
    if (!name.is_collection() && !name.is_null() && has(*child)) {
      fields.push_back({name, extent(*child)});
    }
  }
  return extents_[&node] = pool_.object(std::move(fields), string(), anything());
}

Type RuleTypes::extent(const Node& node) const {
  if (const Type known = of(node); known != nullptr) return known;
  const auto found = extents_.find(&node);
  return found == extents_.end() ? anything() : found->second;
}

void RuleTypes::finish(const Node& root) {
  extents_.clear();
  extent(root);
}

}  // namespace writ::rego::types
