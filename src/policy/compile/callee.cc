#include "policy/compile/callee.h"

namespace writ::rego {

Reached reach(const Program& program, const ast::Term& ref) {
  Reached out{program.root.get(), 1};
  while (out.parts < ref.parts.size()) {
    const ast::Term& key = ref.parts[out.parts];
    if (!key.is(ast::Term::Kind::scalar) || out.node->rules != nullptr) return out;
    out.node = out.node->child(key.value);
    if (out.node == nullptr) return out;
    ++out.parts;
  }
  return out;
}

Callee find_callee(const Program& program, const ast::Term& name) {
  Callee out;
  if (name.is_var()) {
    out.builtin = program.builtins->find(name.name);
    if (out.builtin != nullptr) out.arity = out.builtin->arity();
    return out;
  }
  if (!name.is(ast::Term::Kind::ref)) return out;
  const Reached reached = reach(program, name);
  const bool is_whole = reached.node != nullptr && reached.parts == name.parts.size();
  if (is_whole && reached.node->rules != nullptr &&
      reached.node->rules->kind == RuleSet::Kind::function) {
    out.function = reached.node;
    out.arity = reached.node->rules->arity;
  }
  return out;
}

}  // namespace writ::rego
