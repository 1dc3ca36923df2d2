#pragma once
// The syntax that an observed place is about, as a document: a rule, an expression, a query's body.
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "policy/compile/program.h"
#include "policy/observe/observer.h"
#include "policy/parse/ast.h"

namespace writ::rego {

class SyntaxOf {
 public:
  // `arena` takes the documents. Everything is borrowed. Requires: `query` has been compiled.
  SyntaxOf(Arena& arena, const Program& program, std::string_view query);

  struct Node {
    std::string_view type;  // "rule", "expr", "body"
    Term term;              // the same each time it is asked for
    std::size_t size = 0;   // of the term as JSON
  };
  Node of(const Observe& place);

 private:
  struct File {
    const ast::Module* module = nullptr;
    Term rules;                                              // of the whole module
    std::map<Position, std::size_t> rule_at;                 // also where its else branches begin
    std::map<Position, const ast::Statement*> statement_at;  // at any depth
  };
  static void add(File& file, const ast::Body& body);
  static void add(File& file, const ast::Term& term);
  File& file_of(const std::string& name);
  Term expression(const File& file, const Observe& place) const;
  Term make(const Observe& place);

  Arena& arena_;
  const Program& program_;
  ast::Body query_;
  File query_file_;
  std::map<std::string, File, std::less<>> files_;
  std::unordered_map<const Observe*, Node> known_;
};

}  // namespace writ::rego
