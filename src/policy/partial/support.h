#pragma once
// Rules that a residual query needs beside it: modules below data.partial. Private to
// policy/partial.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/compile/program.h"
#include "policy/partial/partial.h"
#include "policy/partial/residual.h"

namespace writ::rego::partial {

class Support {
 public:
  // What a node's rules are called: data.partial.<path>.
  static ast::Term ref_of(const Node& node);

  // Whether there can be rules in the place of the node: some part of its path is a name.
  static bool has_name(const Node& node);

  void add_value(const Node& node, const Residue& residue);
  void add_default(const Node& node, const ast::Term& value);
  void add_member(const Node& node, const Residue& residue);
  // Below the node, at the residue's keys.
  void add_entry(const Node& node, const Residue& residue, bool is_set);
  // The node is an object, be there entries or not: a package, or rules with keys.
  void add_empty(const Node& node);
  void add_function(const Node& node, const std::vector<ast::Term>& args, const Residue& residue);
  void add_default_function(const Node& node, std::size_t arity, const ast::Term& value);
  // A rule of its own name, which holds where the residue does.
  void add_helper(const std::string& name, const std::vector<ast::Term>& args,
                  const Residue& residue);

  std::expected<std::vector<SupportModule>, PolicyErrors> modules() const;

 private:
  void add(const Node& node, const std::string& text);
  std::map<std::string, std::vector<std::string>> rules_;  // by package
  std::set<std::string> known_;
};

// "x; y" on lines, indented.
std::string lines_of(const ast::Body& body);

}  // namespace writ::rego::partial
