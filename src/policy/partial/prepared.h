#pragma once
// Rules in the form that partial evaluation goes through: names resolved, statements taken apart
// into goals, goals in an order in which everything is bound. Made when a rule is first needed.
// Private to policy/partial.
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "policy/compile/annotation_index.h"
#include "policy/compile/goal.h"
#include "policy/compile/program.h"
#include "policy/compile/rule_tree.h"

namespace writ::rego::partial {

// A body with what is said about its solutions.
struct Branch {
  std::vector<Slot> args;       // in order; patterns are goals
  std::vector<ast::Term> path;  // keys of the head below the node: simple
  ast::Term value;              // simple; the member of a set
  bool is_set = false;
  ast::Body body;  // resolved
  std::vector<Goal> goals;
  std::vector<std::string> names;  // of slots
};

// A rule: the branch, and its else branches in order.
using Chain = std::vector<const Branch*>;

struct RuleChains {
  std::vector<Chain> chains;
  const Branch* fallback = nullptr;
  std::size_t arity = 0;
};

class Prepared {
 public:
  explicit Prepared(const Program& program);

  const Program& program() const { return program_; }
  // Requires: node.rules.
  const RuleChains& rules(const Node& node);
  // Goals of the body of an `every`, in order.
  const std::vector<Goal>& every_body(const ast::Statement& every) const {
    return every_bodies_.at(&every);
  }
  // A query, which the compiler has accepted.
  const Branch& query(ast::Body body);

 private:
  struct Written {
    const ast::Module* module;
    const ast::Rule* rule;
    std::vector<ast::Term> path;
  };

  void place(const ast::Module& module, const ast::Rule& rule);
  const Branch* prepare(const Written& written, const Node& node,
                        const std::optional<ast::Term>& value, const ast::Body& body);
  const Globals& globals(const ast::Module& module);
  void plan(Branch& branch, Names& names, std::vector<Goal> goals, Bound bound);
  void sort(std::vector<Goal>& goals, Bound& bound);
  void plan_every(const Goal& goal, Bound bound);

  const Program& program_;
  const AnnotationIndex annotations_;
  Arena arena_;
  Flattener* flattener_ = nullptr;  // of the branch that is being prepared
  PolicyErrors errors_;             // none: the program has been compiled
  std::map<const Node*, std::vector<Written>> written_;
  std::map<const Node*, RuleChains> rules_;
  std::map<const ast::Module*, Globals> globals_;
  std::map<const ast::Statement*, std::vector<Goal>> every_bodies_;
  std::deque<Branch> branches_;
};

}  // namespace writ::rego::partial
