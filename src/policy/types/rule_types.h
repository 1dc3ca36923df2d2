#pragma once
// The types of the rules of a program, by their place in the tree of documents. Filled while the
// rules are checked, in the order of their dependencies; read-only after `finish`.
#include <unordered_map>
#include <unordered_set>

#include "policy/compile/program.h"
#include "policy/types/type.h"

namespace writ::rego::types {

// What input and data are as a whole; nullptr: anything, and for data what its rules make it.
struct Roots {
  Type input = nullptr;
  Type data = nullptr;
};

class RuleTypes {
 public:
  TypePool& pool() { return pool_; }
  Roots& roots() { return roots_; }
  const Roots& roots() const { return roots_; }

  // One more definition of the rule at `node`.
  void add(const Node& node, Type type);
  // A rule with errors of its own: whatever refers to it is not to blame.
  void give_up(const Node& node) { place(node) = anything(); }
  // Rules below an object are members of it. For when all of them have been added.
  void take_in_below(const Node& node);
  // All that stands between rules. Nothing is added after it.
  void finish(const Node& root);

  // Of the rules at the node; nullptr without any.
  Type of(const Node& node) const;
  // Of the document at the node: its rules' type, or an object of what stands below.
  Type extent(const Node& node);
  // Requires: finish.
  Type extent(const Node& node) const;
  // Whether rules at or below the node have types.
  bool has(const Node& node) const { return populated_.contains(&node); }

 private:
  // The type to be set; what stands around it is another document from now on.
  Type& place(const Node& node);
  Type with_below(Type object, const Node& node);

  TypePool pool_;
  Roots roots_;
  std::unordered_map<const Node*, Type> types_;
  std::unordered_map<const Node*, Type> extents_;
  std::unordered_set<const Node*> populated_;  // typed themselves, or something below is
};

}  // namespace writ::rego::types
