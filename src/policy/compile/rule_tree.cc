#include "policy/compile/rule_tree.h"

#include <fmt/format.h>

#include "policy/compile/goal.h"
#include "policy/parse/token_stream.h"
#include "policy/term/build.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

using Form = ast::Term::Kind;

Node* grow(Node* from, const Term& key) {
  auto& child = from->children[key];
  if (!child) {
    child = std::make_unique<Node>();
    child->parent = from;
    child->key = key;
    child->path = from->path;
    child->path.push_back(key);
  }
  return child.get();
}

Node* grow(Node* from, const std::vector<Term>& keys) {
  for (const Term& key : keys) from = grow(from, key);
  return from;
}

RuleSet::Kind kind_of(const PlacedRule& placed) {
  if (placed.rule->is_function) return RuleSet::Kind::function;
  if (!placed.path.empty()) return RuleSet::Kind::object;
  return placed.rule->is_partial_set ? RuleSet::Kind::set : RuleSet::Kind::complete;
}

class Placer {
 public:
  Placer(Program& program, PolicyErrors& errors) : program_(program), errors_(errors) {}

  std::vector<PlacedRule> run() {
    for (const ast::Module& module : program_.modules) {
      for (const ast::Rule& rule : module.rules) place(module, rule);
      grow(program_.root.get(), module.package);
    }
    for (const PlacedRule& placed : placed_) check_below(placed);
    return std::move(placed_);
  }

 private:
  void place(const ast::Module& module, const ast::Rule& rule) {
    PlacedRule out{&module, &rule, grow(program_.root.get(), module.package), {}};
    out.node = grow(out.node, make_string(program_.code.arena, name_of(rule)));
    bool is_fixed = true;
    for (std::size_t i = 1; rule.ref.is(Form::ref) && i < rule.ref.parts.size(); ++i) {
      const ast::Term& key = rule.ref.parts[i];
      const Term value = is_fixed ? constant_of(program_.code.arena, key) : Term();
      is_fixed = value.is_defined();
      if (is_fixed) {
        out.node = grow(out.node, value);
      } else {
        out.path.push_back(key);
      }
    }
    if (rule.is_function && !out.path.empty()) {
      return refuse(out, kCompileError, "function heads must be ground");
    }
    add(out);
    placed_.push_back(std::move(out));
  }

  void add(const PlacedRule& placed) {
    const RuleSet::Kind kind = kind_of(placed);
    auto& rules = placed.node->rules;
    if (!rules) {
      rules = std::make_unique<RuleSet>();
      rules->kind = kind;
      rules->id = program_.rule_sets++;
      rules->arity = placed.rule->args.size();
      return;
    }
    const bool has_other_arity = kind == RuleSet::Kind::function && rules->kind == kind &&
                                 rules->arity != placed.rule->args.size();
    if (rules->kind != kind || has_other_arity) {
      refuse(placed, kTypeError, fmt::format("conflicting rules {} found", to_text(*placed.node)));
    }
  }

  // A value has no rules below it, unless all of it is one object.
  void check_below(const PlacedRule& placed) {
    const Node& node = *placed.node;
    if (kind_of(placed) == RuleSet::Kind::object || node.children.empty()) return;
    std::string below;
    for (const auto& [key, child] : node.children) {
      if (!below.empty()) below += " ";
      below += to_text(*child);
    }
    refuse(placed, kTypeError, fmt::format("rule {} conflicts with [{}]", to_text(node), below));
  }

  void refuse(const PlacedRule& placed, std::string_view code, std::string message) {
    errors_.push_back(
        {std::string(code), std::move(message), placed.module->file, placed.rule->at, {}});
  }

  Program& program_;
  PolicyErrors& errors_;
  std::vector<PlacedRule> placed_;
};

ast::Term data_ref(const std::vector<Term>& package, Position at) {
  ast::Term out;
  out.kind = Form::ref;
  out.at = at;
  out.parts.push_back(make_var("data", at));
  for (const Term& key : package) out.parts.push_back(make_scalar(key, at));
  return out;
}

void add_import(const ast::Import& import, Globals& out) {
  const std::string& root = import.path.parts[0].name;
  if (root == "future" || root == "rego") return;
  // `import data.foo` alone names nothing new; `import input as x` does.
  out.insert_or_assign(import.alias, import.path);
}

}  // namespace

std::string to_text(const Node& node) {
  std::string out = "data";
  for (const Term& key : node.path) {
    if (key.is_string() && ast::is_plain_name(key.text())) {
      out += ".";
      out += key.text();
    } else {
      out += "[" + to_rego(key) + "]";
    }
  }
  return out;
}

const std::string& name_of(const ast::Rule& rule) {
  return rule.ref.is(Form::ref) ? rule.ref.parts[0].name : rule.ref.name;
}

std::vector<PlacedRule> place_rules(Program& program, PolicyErrors& errors) {
  return Placer(program, errors).run();
}

Globals globals_of(const Program& program, const ast::Module& module) {
  Globals out;
  for (const ast::Import& import : module.imports) add_import(import, out);
  for (const ast::Module& other : program.modules) {
    if (other.package != module.package) continue;
    for (const ast::Rule& rule : other.rules) {
      const std::string& name = name_of(rule);
      if (out.contains(name)) continue;
      ast::Term ref = data_ref(module.package, rule.at);
      ref.parts.push_back(make_scalar(borrow_string(name), rule.at));
      out.emplace(name, std::move(ref));
    }
  }
  return out;
}

const Node* package_node(const Program& program, const std::vector<Term>& package) {
  const Node* node = program.root.get();
  for (const Term& key : package) {
    node = node->child(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

}  // namespace writ::rego
