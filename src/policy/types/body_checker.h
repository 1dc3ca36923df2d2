#pragma once
// One body against the types of what it uses: infers the types of its variables, statement by
// statement in the order in which they run, and reports what cannot hold, in OPA's words.
//
// Follows OPA's checker decision by decision, so that it refuses what OPA refuses. Where the two
// must differ (types that grew too large, work without end) it accepts.
#include <string>
#include <unordered_map>
#include <vector>

#include "policy/compile/body_order.h"
#include "policy/types/rule_types.h"

namespace writ::rego::types {

// Errors beyond which the rest is not looked at.
inline constexpr std::size_t kMostErrors = 1000;

class BodyChecker {
 public:
  // What one body is checked against and with. All of it is borrowed.
  struct Context {
    const Program* program = nullptr;
    RuleTypes* growing = nullptr;      // while rules are checked
    const RuleTypes* rules = nullptr;  // the same, or those of a program that is complete
    TypePool* pool = nullptr;
    Roots roots;
    std::string file;
    PolicyErrors* errors = nullptr;
  };
  explicit BodyChecker(Context context) : context_(std::move(context)) {}

  // False: it has errors, which have been added.
  bool check(const BodyOrder& body);
  // After check: of a simple term; nullptr where nothing is known.
  Type type_of(const ast::Term& term);
  // Variables without a type may be anything.
  void settle(const ast::Term& term);

 private:
  // Whether enough is wrong, or too much has been looked at, to go on.
  bool is_done() const;
  void check_step(const BodyOrder::Step& step);
  void check_references(const BodyOrder& body);
  void check_unify(const Goal& goal);
  void check_reference(const Goal& goal);
  void check_call(const Goal& goal);
  void check_arguments(const Goal& goal, Type function);
  void check_comprehension(const BodyOrder::Step& step);
  void check_every(const BodyOrder::Step& step);
  void settle_out(const Goal& goal);
  // `out = value`, where the value has no term of its own.
  void check_out(const Goal& goal, Type value);

  // body_unify.cc: whether the two can be equal; variables take the type of what they meet.
  bool match(const ast::Term& a, const ast::Term& b);
  bool match_known(const ast::Term& a, Type value);
  bool match_open(const ast::Term& a, const ast::Term& b);
  bool match_open_objects(const ast::Term& a, const ast::Term& b);
  // Whether the term can be of that type. joins: variables may be of several types.
  bool assign(const ast::Term& term, Type type, bool joins);
  bool assign_parts(const ast::Term& term, Type type, bool joins);
  bool fits(const Term& value, Type type);
  bool fits_parts(const Term& value, Type type);

  // body_references.cc
  // What the reference is; `any` when it cannot be, which has been reported.
  Type check_path(const ast::Term& ref);
  bool check_whole(const ast::Term& ref, Type whole);
  bool check_data(const ast::Term& ref);
  bool check_below(Type type, const ast::Term& ref, std::size_t from);
  bool check_key(Type type, const ast::Term& ref, std::size_t at);
  Type type_of_reference(const ast::Term& ref);
  Type select(Type type, const ast::Term& ref, std::size_t from);
  Type extent(const Node& node);
  void refuse_key(const ast::Term& ref, std::size_t at, Type have, Type want,
                  const std::vector<Term>& one_of);
  void refuse_below(const ast::Term& ref, std::size_t at, Type have);

  bool meet(Type a, Type b) { return unifies(a, b, context_.pool->fuel()); }
  Type known(const ast::Term& var) const;
  void put(const ast::Term& var, Type type);
  void refuse(Position at, std::string message, std::vector<std::string> details);

  Context context_;
  std::vector<Type> slots_;
  // What a closure changed, to be undone when it is left.
  std::vector<std::pair<Slot, Type>> changes_;
  std::unordered_map<const ast::Term*, Type> constants_;  // types of large constants
  std::unordered_map<const BuiltinEntry*, Type> builtins_;
  const void* refused_whole_ = nullptr;  // the equation that an error was reported for
};

}  // namespace writ::rego::types
