#pragma once
// Compiled modules: a tree of documents with their rules as steps. Immutable and shared by any
// number of evaluations and threads.
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/builtins/table.h"
#include "policy/compile/step.h"
#include "policy/parse/ast.h"

namespace writ::rego {

namespace types {
class RuleTypes;  // policy/types/rule_types.h
}

// One rule: a head and a body, and what is tried when the body has no solution.
struct Definition {
  Steps body = nullptr;
  std::size_t slots = 0;      // arguments come first
  std::vector<Operand> path;  // keys of the head that are not part of the node's place
  Operand value;              // or the member, for sets
  bool is_set = false;        // `contains`
  std::unique_ptr<Definition> otherwise;
  Position at;
  const std::string* file = nullptr;
};

// `where` is compared with the constants that rules want there, so that only those rules run which
// may hold. One reference, the one that most rules mention.
struct RuleIndex {
  Root root = Root::input;  // operand: an argument
  Slot argument = kNoSlot;
  std::vector<Term> where;  // keys below input, data or the argument
  struct Hash {
    std::size_t operator()(const Term& term) const { return hash_of(term); }
  };
  std::unordered_map<Term, std::vector<const Definition*>, Hash> candidates;
  std::vector<const Definition*> others;  // when the value is none of them, or undefined
};

struct RuleSet {
  // complete: one value. set: `contains`. object: heads with keys, merged with all below the node.
  enum class Kind : std::uint8_t { complete, set, object, function };
  Kind kind = Kind::complete;
  std::uint32_t id = 0;
  std::size_t arity = 0;
  std::vector<std::unique_ptr<Definition>> definitions;
  std::vector<const Definition*> all;
  std::unique_ptr<Definition> fallback;  // `default`
  std::optional<RuleIndex> index;
  // All definitions have one and the same constant value: the first solution decides.
  bool has_one_value = false;
};

// A place in the tree of documents.
struct Node {
  Node* parent = nullptr;
  Term key;
  std::map<Term, std::unique_ptr<Node>> children;
  std::unique_ptr<RuleSet> rules;
  std::vector<Term> path;  // from data on

  const Node* child(const Term& at) const {
    const auto found = children.find(at);
    return found == children.end() ? nullptr : found->second.get();
  }
  // Whether this node is `other` or stands below it.
  bool is_within(const Node* other) const {
    const Node* node = this;
    while (node != nullptr && node != other) node = node->parent;
    return node != nullptr;
  }
};

// "data.foo.bar"
std::string to_text(const Node& node);

// Steps and the constants in them.
struct CodeStore {
  Arena arena;
  std::deque<std::unique_ptr<Step>> steps;
};

struct Program {
  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::vector<ast::Module> modules;  // own the constants of the text
  const BuiltinTable* builtins = nullptr;
  std::unique_ptr<Node> root = std::make_unique<Node>();
  std::uint32_t rule_sets = 0;
  CodeStore code;
  std::shared_ptr<const types::RuleTypes> types;  // nullptr: not checked, neither are queries
};

// A query against a program: one body, and what is shown of each solution.
struct Query {
  std::shared_ptr<const Program> program;
  Arena arena;  // constants of the text
  CodeStore code;
  Steps body = nullptr;
  std::size_t slots = 0;
  struct Binding {
    std::string name;
    Slot slot = kNoSlot;
  };
  std::vector<Binding> bindings;
  struct Expression {
    Operand value;
    std::string text;
    Position at;
  };
  std::vector<Expression> expressions;
};

}  // namespace writ::rego
