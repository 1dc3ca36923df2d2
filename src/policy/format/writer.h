#pragma once
// Syntax onto a page. Lines are broken where the source breaks them: between the items of a
// collection, the statements of a body, before `with`. Private to policy/format.
#include <functional>
#include <string>
#include <vector>

#include "policy/format/page.h"
#include "policy/parse/ast.h"

namespace writ::rego {

class Writer {
 public:
  explicit Writer(const ast::Module& module) : module_(module), page_(module) {}

  std::string write_module();

 private:
  // How an operator within is written. `k, v in xs` has parentheses wherever it is not a statement.
  enum class Parentheses { no, around_operators, no_statement };

  // What rules and their else branches have in common.
  struct Branch {
    const ast::Body& body;
    std::size_t head_end;
    std::size_t body_end;
    bool has_if;
  };
  struct Item {
    std::size_t begin;
    std::size_t end;
    std::function<void()> write;
  };

  // format_rule.cc
  void write_package();
  void write_import(const ast::Import& import);
  void write_imports(std::vector<const ast::Import*> imports);
  void write_rules(const std::vector<const ast::Rule*>& rules);
  void write_rule(const ast::Rule& rule);
  void write_head(const ast::Rule& rule, bool is_constant);
  void write_value(const ast::Term& value, bool is_assigned);
  enum class Shape { line, block };
  Shape write_branch_body(const Branch& branch);
  bool fits_line(const Branch& branch) const;
  bool is_constant(const ast::Rule& rule) const;
  void write_parts(const ast::Rule& rule);
  void write_name(const ast::Term& ref);
  Shape write_else(const ast::Rule& rule, const ast::Else& otherwise, Shape before);
  bool is_v0_member(const ast::Rule& rule) const;

  // format_body.cc
  void write_body(const ast::Body& body, std::size_t close);
  Shape write_block(const ast::Body& body, std::size_t head, std::size_t close);
  void write_statement(const ast::Statement& statement);
  void write_statement_parts(const ast::Statement& statement);
  void write_some(const ast::Statement& statement);
  void write_members(const ast::Statement& statement);
  void write_modifiers(const ast::Statement& statement);

  // format_term.cc
  void write_term(const ast::Term& term, Parentheses parentheses = Parentheses::no);
  void write_operand(const ast::Term& term) { write_term(term, Parentheses::around_operators); }
  void write_item(const ast::Term& term);
  void write_key(const ast::Term& key);
  void write_scalar(const ast::Term& term);
  void write_ref(const ast::Term& term);
  void write_call(const ast::Term& term, Parentheses parentheses);
  void write_infix(const ast::Term& term, std::string_view sign);
  void write_template(const ast::Term& term);
  void write_comprehension(const ast::Term& term);
  void write_list(std::size_t open, std::size_t close, const std::vector<Item>& items);
  void write_lines(std::size_t close, const std::vector<Item>& items);
  std::vector<Item> items_of(const std::vector<ast::Term>& terms, std::size_t from,
                             bool is_collection);
  std::vector<Item> members_of(const ast::Term& object);

  std::size_t offset(const ast::Term& term) const { return page_.offset_of(term.at); }
  std::size_t row(const ast::Term& term) const { return term.at.line; }

  const ast::Module& module_;
  Page page_;
  bool guards_minus_ = false;  // the next number stands in parentheses
};

// The sign of an operator called by its name, for example "+" for plus; "" if there is none, or if
// it is written as a call.
std::string_view infix_sign(const ast::Term& call);
// What the text of the term begins with, unless that is a parenthesis.
const ast::Term& leftmost(const ast::Term& term);
bool begins_with_brace(const ast::Term& term);
bool begins_with_minus(const ast::Term& term);

}  // namespace writ::rego
