#pragma once
// Bodies to steps: statements are taken apart, put in an order in which every variable is bound
// before it is needed, and written down as steps. Private to policy/compile.
#include <set>
#include <vector>

#include "policy/compile/body_order.h"
#include "policy/compile/callee.h"
#include "policy/compile/goal.h"
#include "policy/compile/program.h"
#include "policy/observe/observer.h"

namespace writ::rego {

// Steps in the order they run.
class Chain {
 public:
  void add(Step* step) {
    if (last_ == nullptr) {
      first_ = step;
    } else {
      last_->next = step;
    }
    last_ = step;
  }
  Steps code() const { return first_; }

 private:
  Step* first_ = nullptr;
  Step* last_ = nullptr;
};

class BodyCompiler {
 public:
  BodyCompiler(const Program& program, CodeStore& store, Names& names);

  // Tells an observer of what is compiled: text of statements out of `source`. The first body that
  // is compiled is that of `rule`, if that is not empty. `file` must outlive the code.
  void observe(const std::string* file, std::string_view source, std::string rule, Position at);

  // Goals, then `heads`, which become operands that are known at the end of the body.
  struct Compiled {
    Steps code = nullptr;
    std::vector<Operand> heads;
    BodyOrder order;
  };
  Compiled compile(std::vector<Goal> goals, const std::vector<ast::Term>& heads, Bound bound);
  Compiled compile(const ast::Body& body, const std::vector<ast::Term>& heads, Bound bound);

  Flattener& flattener() { return flattener_; }
  // Nodes whose rules the code evaluates.
  const std::set<const Node*>& dependencies() const { return dependencies_; }

 private:
  template <typename T>
  T* make(Position at) {
    auto step = std::make_unique<T>(at);
    T* const out = step.get();
    store_.steps.push_back(std::move(step));
    return out;
  }

  // Writes down in `order` what it emits, and when. `goals` must outlive it.
  void emit_all(const std::vector<Goal>& goals, Chain& chain, Bound& bound, BodyOrder& order);
  // A body within the goal that is being emitted.
  void note_inner(BodyOrder inner) { step_->inner.push_back(std::move(inner)); }
  // Before the first goal of each statement: a step that tells of it.
  void emit_observed(const Goal& goal, Chain& chain, std::set<Position>& told);
  Observe* emit_place(Observe::Kind kind, Position at, std::string text, Chain& chain);
  void emit(const Goal& goal, Chain& chain, Bound& bound);
  void emit_unify(const ast::Term& a, const ast::Term& b, Position at, Chain& chain, Bound& bound);
  void emit_unpack(const Operand& value, const ast::Term& pattern, Chain& chain, Bound& bound);
  void emit_holds(const Operand& value, Position at, Chain& chain);
  void emit_reference(const Goal& goal, Chain& chain, Bound& bound);
  void emit_data(const ast::Term& ref, const Goal& goal, Chain& chain, Bound& bound);
  void emit_document(const Node* node, const ast::Term& ref, std::size_t from, const Goal& goal,
                     Chain& chain, Bound& bound);
  void emit_keys(Root root, Operand base, const ast::Term& ref, std::size_t from, const Goal& goal,
                 Chain& chain, Bound& bound);
  void emit_call(const Goal& goal, Chain& chain, Bound& bound);
  bool emit_comparison(const Goal& goal, Chain& chain);
  void emit_comprehension(const Goal& goal, Chain& chain, Bound& bound);
  void emit_set(const Goal& goal, Chain& chain, Bound& bound);
  void emit_every(const Goal& goal, Chain& chain, Bound& bound);
  void emit_negation(const Goal& goal, Chain& chain, Bound& bound);
  void emit_with(const Goal& goal, Chain& chain, Bound& bound);
  bool read_replacement(const ast::With& with, Replacement& out, Chain& chain, Bound& bound);
  bool read_function_target(const ast::With& with, Replacement& out);

  // The slot that a value goes to before `accept` compares or unpacks it.
  Slot slot_for(const Goal& goal, const Bound& bound);
  // What happens with the value in `slot`: bound, compared, unpacked, tested.
  void accept(Slot slot, const Goal& goal, Chain& chain, Bound& bound);
  // The simple, ground term as an operand.
  Operand operand(const ast::Term& term, Chain& chain);
  // What takes a value that meets `pattern`; patterns that are not simple are unpacked later.
  struct Pending {
    Slot slot;
    const ast::Term* pattern;
  };
  Target target(const ast::Term& pattern, Chain& chain, Bound& bound,
                std::vector<Pending>& pending);
  void unpack_pending(const std::vector<Pending>& pending, Chain& chain, Bound& bound);

  void depend_on(const Node* node);
  void depend_on_matching(const Node* node, const ast::Term& ref, std::size_t from);
  void report_unsafe(const std::vector<Goal>& goals, const std::vector<std::size_t>& placed,
                     const Bound& bound);
  void refuse(std::string_view code, Position at, std::string message);

  const Program& program_;
  CodeStore& store_;
  Names& names_;
  Flattener flattener_;
  std::set<const Node*> dependencies_;
  BodyOrder::Step* step_ = nullptr;  // of the goal that is being emitted

  // What is observed; `source_` is empty when nothing is.
  const std::string* file_ = nullptr;
  std::string_view source_;
  std::string rule_;
  Position rule_at_;
  const Observe* last_place_ = nullptr;  // of the body that is being compiled
};

}  // namespace writ::rego
