#pragma once
// A statement taken apart: goals without nested calls or references, each of which can be put in
// order by what it needs bound and what it binds. Private to policy/compile.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/compile/names.h"
#include "policy/compile/step.h"
#include "policy/parse/ast.h"

namespace writ::rego {

// Which slots are bound at a point of a body.
class Bound {
 public:
  bool has(Slot slot) const {
    return static_cast<std::size_t>(slot) < bound_.size() && bound_[static_cast<std::size_t>(slot)];
  }
  void add(Slot slot) {
    const auto at = static_cast<std::size_t>(slot);
    if (at >= bound_.size()) bound_.resize(at + 1);
    bound_[at] = true;
  }

 private:
  std::vector<bool> bound_;
};

struct Goal {
  enum class Kind : std::uint8_t {
    unify,          // terms[0] = terms[1]
    holds,          // terms[0] is neither undefined nor false
    reference,      // out = terms[0]
    call,           // out = terms[0]; a test when there is no `out`
    set,            // out = terms[0]: a set with variables in it
    comprehension,  // out = terms[0]
    every,          // statement
    negation,       // goals have no solution
    with,           // goals under statement->with
    fail,           // never holds
  };
  Kind kind = Kind::holds;
  Position at;
  std::vector<ast::Term> terms;
  std::optional<ast::Term> out;
  bool must_hold = false;  // of a reference or call without `out`
  // For messages: `out` stood on the right of `=`; and both sides of the equation that was taken
  // apart into this goal and others.
  bool is_turned = false;
  std::shared_ptr<const std::pair<ast::Term, ast::Term>> whole;
  bool is_statement = false;  // a call that is all of a query's statement, whose value is asked for
  bool is_argument = false;   // compares what a function is given with the pattern of its head
  const ast::Statement* statement = nullptr;
  std::vector<ast::With> with;  // values taken apart
  std::vector<Goal> goals;
  // Where the statement stands that the goal is of, when there is one; bytes of its text.
  Position statement_at;
  std::size_t statement_begin = 0;
  std::size_t statement_end = 0;
};

// Takes statements and terms apart. Terms come back simple: variables, constants, and arrays and
// objects of such.
class Flattener {
 public:
  // How many arguments what is called takes; nullopt: nobody knows it.
  using Arity = std::function<std::optional<std::size_t>(const ast::Term& callee)>;
  Flattener(Names& names, Arena& arena, Arity arity)
      : names_(names), arena_(arena), arity_(std::move(arity)) {}

  void statement(const ast::Statement& statement, std::vector<Goal>& out);
  // The statement as a value: what it comes to, without the test that it holds.
  ast::Term value(const ast::Statement& statement, std::vector<Goal>& out);
  ast::Term simple(const ast::Term& term, std::vector<Goal>& out);
  void unify(ast::Term a, ast::Term b, Position at, std::vector<Goal>& out);

 private:
  using Whole = std::shared_ptr<const std::pair<ast::Term, ast::Term>>;
  void unify_parts(ast::Term a, ast::Term b, Position at, const Whole& whole,
                   std::vector<Goal>& out);
  void conditions(const ast::Statement& statement, std::vector<Goal>& out);
  void plain(const ast::Statement& statement, std::vector<Goal>& out);
  static void mark(const ast::Statement& statement, std::span<Goal> goals);
  void test(const ast::Term& term, std::vector<Goal>& out);
  void equation(const ast::Term& left, const ast::Term& right, Position at, std::vector<Goal>& out);
  void some_in(const ast::Statement& statement, std::vector<Goal>& out);
  void unify_objects(const ast::Term& a, const ast::Term& b, Position at, const Whole& whole,
                     std::vector<Goal>& out);
  Goal value_goal(const ast::Term& term, std::vector<Goal>& out);
  ast::Term simple_parts(const ast::Term& term, std::vector<Goal>& out);
  ast::Term temporary(Position at);

  Names& names_;
  Arena& arena_;
  Arity arity_;
};

// The value of a term without variables, references and calls; undefined if it has some.
rego::Term constant_of(Arena& arena, const ast::Term& term);
// A constant array or object as a term of parts, where it meets a pattern; others as they are.
ast::Term unfolded(const ast::Term& term);

// Whether the simple term has no unbound variable.
bool is_ground(const ast::Term& term, const Bound& bound);
// Whether the goal can be run now.
bool is_ready(const Goal& goal, const Bound& bound);
// Marks what the goal binds.
void bind(const Goal& goal, Bound& bound);
// Every slot that the goal mentions, those of closures that are not their own included.
void visit_slots(const Goal& goal, const std::function<void(Slot)>& visit);
// Positions of `goals` in an order in which each is ready; shorter than `goals` if there is none.
std::vector<std::size_t> order(const std::vector<Goal>& goals, Bound bound);

}  // namespace writ::rego
