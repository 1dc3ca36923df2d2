#pragma once
// Names to what they stand for: imports and rules become references from data, variables become
// slots, and what is only another spelling (template strings, print) is rewritten. Private to
// policy/compile.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/compile/step.h"
#include "policy/parse/ast.h"
#include "policy/parse/policy_error.h"

namespace writ::rego {

class BuiltinTable;

// What a name means outside all bodies of a module: the reference it stands for.
using Globals = std::map<std::string, ast::Term>;

// Where one rule or query is being resolved.
struct NameContext {
  const Globals* globals = nullptr;
  const BuiltinTable* builtins = nullptr;
  std::string file;
  bool keeps_print = false;
  // Constants for rego.metadata.rule() and .chain().
  Term metadata_rule;
  Term metadata_chain;
  PolicyErrors* errors = nullptr;
  bool is_strict = false;
  bool allows_deprecated = false;         // of the older dialect
  std::set<std::string>* used = nullptr;  // takes the names of `globals` that are looked up
};

class Names {
 public:
  explicit Names(NameContext context) : context_(std::move(context)) {}

  // A variable that some, every (declared) or := (assigned) brings.
  struct Local {
    std::string name;
    Slot slot = kNoSlot;
    bool is_declared = false;
  };

  // The variables of one body and those around it.
  struct Scope {
    Scope* outer = nullptr;
    std::map<std::string, Slot> slots;
    std::map<std::string, Position> declared;  // by some, := or as an argument
    std::set<std::string> used;                // before any declaration
    std::vector<Local> locals;                 // whose use is asked for
    bool is_function = false;                  // of arguments
  };

  // A new slot that no name has.
  Slot fresh() {
    slot_names_.emplace_back();
    return static_cast<Slot>(slot_names_.size()) - 1;
  }
  Slot declare(Scope& scope, const std::string& name, Position at);
  // By `some` or `every`: it must be used.
  Slot declare_local(Scope& scope, const ast::Term& var);
  // Like declare, for the arguments of a function: a name that comes twice stays the first.
  Slot argument(Scope& scope, const ast::Term& arg);
  // The name that the user gave, or "" for the compiler's own. "_" for wildcards.
  const std::string& name_of(Slot slot) const {
    return slot_names_[static_cast<std::size_t>(slot)];
  }
  std::size_t slots() const { return slot_names_.size(); }

  // Resolve in place. `heads` belong to the body's scope.
  void resolve(ast::Body& body, const std::vector<ast::Term*>& heads, Scope& scope);
  void resolve(ast::Term& term, Scope& scope);
  // Declares the variables of a pattern.
  void resolve_pattern(ast::Term& pattern, Scope& scope);
  // The same for what stands on the left of `:=`.
  void resolve_assigned(ast::Term& pattern, Scope& scope);

  const NameContext& context() const { return context_; }

 private:
  void collect(const ast::Body& body, Scope& scope);
  void collect(const ast::Term& term, Scope& scope, const std::set<std::string>& declared);
  void resolve_statement(ast::Statement& statement, Scope& scope);
  void resolve_every(ast::Statement& statement, Scope& scope);
  void resolve_assign(ast::Term& call, Scope& scope);
  void resolve_var(ast::Term& var, Scope& scope);
  void resolve_ref(ast::Term& ref, Scope& scope);
  void resolve_call(ast::Term& call, Scope& scope);
  void resolve_closure(ast::Term& closure, Scope& scope);
  void resolve_with(ast::With& with, Scope& scope);
  void rewrite_template(ast::Term& term);
  void rewrite_print(ast::Term& call);
  const ast::Term* global(const std::string& name) const;
  bool names_builtin(const ast::Term& term, const Scope& scope) const;
  Slot find(const std::string& name, const Scope& scope) const;
  Slot add(Scope& scope, const std::string& name);
  void refuse(std::string_view code, Position at, std::string message);

  NameContext context_;
  std::vector<std::string> slot_names_;
};

// Variables that a pattern declares: on the left of :=, before `in`, as an argument.
void pattern_names(const ast::Term& pattern, std::set<std::string>& out);

// Calls `visit` for every slot in the term, with the ones inside closures that are not their own.
void visit_slots(const ast::Term& term, const std::function<void(Slot)>& visit);
void visit_slots(const ast::Statement& statement, const std::function<void(Slot)>& visit);

// "data.foo.bar" of a reference to a builtin or function; "" when some part is no plain string.
std::string dotted_name(const ast::Term& term);

}  // namespace writ::rego
