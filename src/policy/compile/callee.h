#pragma once
// What a call calls: a builtin or a function of the program. Private to policy/compile.
#include <cstddef>

#include "policy/compile/program.h"

namespace writ::rego {

struct Callee {
  const BuiltinEntry* builtin = nullptr;
  const Node* function = nullptr;
  std::size_t arity = 0;

  bool is_known() const { return builtin != nullptr || function != nullptr; }
};

// `name` has been resolved: a variable with a builtin's name, or a reference from data.
Callee find_callee(const Program& program, const ast::Term& name);

// The node that a reference from data reaches through constants, and how many of its parts that
// took; it stops at a node that has rules.
struct Reached {
  const Node* node = nullptr;  // nullptr: no rules that way
  std::size_t parts = 0;
};
Reached reach(const Program& program, const ast::Term& ref);

}  // namespace writ::rego
