#include "policy/partial/support.h"

#include <algorithm>

#include "policy/format/format.h"
#include "policy/parse/parser.h"
#include "policy/parse/token_stream.h"
#include "policy/term/print.h"

namespace writ::rego::partial {
namespace {

// Where the name of the rule stands in a node's path: the last part that can be one. What stands
// behind it are keys of the head.
std::size_t name_index(const Node& node) {
  std::size_t out = node.path.size() - 1;
  while (out > 0 && !(node.path[out].is_string() && ast::is_plain_name(node.path[out].text()))) {
    --out;
  }
  return out;
}

std::string bracketed(const Term& key) { return "[" + to_rego(key) + "]"; }

// The first parts of the node's path.
std::string package_of(const Node& node, std::size_t parts) {
  std::string out = "partial";
  for (std::size_t i = 0; i < parts; ++i) {
    const Term& key = node.path[i];
    const bool is_plain = key.is_string() && ast::is_plain_name(key.text());
    out += is_plain ? "." + std::string(key.text()) : bracketed(key);
  }
  return out;
}

std::string head_of(const Node& node) {
  const std::size_t name = name_index(node);
  std::string out(node.path[name].text());
  for (std::size_t i = name + 1; i < node.path.size(); ++i) out += bracketed(node.path[i]);
  return out;
}

std::string joined(const std::vector<ast::Term>& terms) {
  std::string out;
  for (const ast::Term& term : terms) out += (out.empty() ? "" : ", ") + ast::to_text(term);
  return out;
}

std::string with_body(std::string head, const ast::Body& body) {
  if (body.empty()) return head;
  if (body.size() == 1) return std::move(head) + " if { " + ast::to_text(body[0]) + " }";
  return std::move(head) + " if {\n" + lines_of(body) + "}";
}

std::string assigned(std::string head, const ast::Term& value) {
  return std::move(head) + " := " + ast::to_text(value);
}

}  // namespace

std::string lines_of(const ast::Body& body) {
  std::string out;
  for (const ast::Statement& statement : body) out += "\t" + ast::to_text(statement) + "\n";
  return out;
}

ast::Term Support::ref_of(const Node& node) {
  ast::Term out;
  out.kind = ast::Term::Kind::ref;
  out.parts.push_back(make_var("data", {}));
  out.parts.push_back(make_scalar(borrow_string("partial"), {}));
  for (const Term& key : node.path) out.parts.push_back(make_scalar(key, {}));
  return out;
}

bool Support::has_name(const Node& node) {
  return std::ranges::any_of(
      node.path, [](const Term& key) { return key.is_string() && ast::is_plain_name(key.text()); });
}

void Support::add_empty(const Node& node) {
  if (node.rules) return add(node, head_of(node) + "[k] := k if some k in []");
  rules_.try_emplace(package_of(node, node.path.size()));
}

void Support::add(const Node& node, const std::string& text) {
  const std::string package = package_of(node, name_index(node));
  if (known_.insert(package + "\n" + text).second) rules_[package].push_back(text);
}

void Support::add_value(const Node& node, const Residue& residue) {
  add(node, with_body(assigned(head_of(node), residue.value), residue.body));
}

void Support::add_default(const Node& node, const ast::Term& value) {
  add(node, "default " + assigned(head_of(node), value));
}

void Support::add_member(const Node& node, const Residue& residue) {
  add(node, with_body(head_of(node) + " contains " + ast::to_text(residue.value), residue.body));
}

void Support::add_entry(const Node& node, const Residue& residue, bool is_set) {
  std::string head = head_of(node);
  for (const ast::Term& key : residue.keys) head += "[" + ast::to_text(key) + "]";
  head = is_set ? head + " contains " + ast::to_text(residue.value)
                : assigned(std::move(head), residue.value);
  add(node, with_body(std::move(head), residue.body));
}

void Support::add_function(const Node& node, const std::vector<ast::Term>& args,
                           const Residue& residue) {
  const std::string head = head_of(node) + "(" + joined(args) + ")";
  add(node, with_body(assigned(head, residue.value), residue.body));
}

void Support::add_default_function(const Node& node, std::size_t arity, const ast::Term& value) {
  std::string head = head_of(node) + "(";
  for (std::size_t i = 0; i < arity; ++i) head += i == 0 ? "_" : ", _";
  add(node, "default " + assigned(head + ")", value));
}

void Support::add_helper(const std::string& name, const std::vector<ast::Term>& args,
                         const Residue& residue) {
  const std::string head = args.empty() ? name : name + "(" + joined(args) + ")";
  const std::string text = with_body(head, residue.body);
  if (known_.insert("partial\n" + text).second) rules_["partial"].push_back(text);
}

std::expected<std::vector<SupportModule>, PolicyErrors> Support::modules() const {
  std::vector<SupportModule> out;
  for (const auto& [package, rules] : rules_) {
    std::string text = "package " + package + "\n";
    for (const std::string& rule : rules) text += "\n" + rule + "\n";
    auto formatted = format_module("partial.rego", text);
    if (!formatted) return std::unexpected(std::move(formatted).error());
    auto module = parse_module("partial.rego", *formatted);
    if (!module) return std::unexpected(std::move(module).error());
    out.push_back({*std::move(formatted), *std::move(module)});
  }
  return out;
}

}  // namespace writ::rego::partial
