#include "policy/types/rule_types.h"

namespace writ::rego::types {

Type& RuleTypes::place(const Node& node) {
  for (const Node* at = &node; at != nullptr; at = at->parent) {
    populated_.insert(at);
    extents_.erase(at);
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
Type RuleTypes::with_below(Type object, const Node& node) {
  std::vector<Type> keys{object->key};
  std::vector<Type> values{object->rest};
  for (const auto& [name, child] : node.children) {
    if (!has(*child) || pool_.fuel().is_empty()) continue;
    const Type member = of(*child);
    keys.push_back(pool_.of(name));
    values.push_back(member != nullptr ? member : with_below(pool_.object({}), *child));
  }
  if (keys.size() == 1) return object;
  return pool_.object(object->fields, pool_.either(std::move(keys)),
                      pool_.either(std::move(values)));
}

void RuleTypes::take_in_below(const Node& node) {
  const auto found = types_.find(&node);
  if (found == types_.end() || node.children.empty()) return;
  if (found->second->is(Shape::Form::object)) place(node) = with_below(found->second, node);
}

Type RuleTypes::extent(const Node& node) {
  if (const Type known = of(node); known != nullptr) return known;
  if (const auto found = extents_.find(&node); found != extents_.end()) return found->second;
  if (pool_.fuel().is_empty()) return forgotten();
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

void RuleTypes::finish(const Node& root) { extent(root); }

}  // namespace writ::rego::types
