#include "policy/observe/syntax_of.h"

#include <algorithm>
#include <utility>

#include "policy/parse/ast_term.h"
#include "policy/parse/parser.h"
#include "policy/term/build.h"
#include "policy/term/json.h"

namespace writ::rego {

SyntaxOf::SyntaxOf(Arena& arena, const Program& program, std::string_view query)
    : arena_(arena), program_(program) {
  auto parsed = parse_query(arena_, query);
  if (parsed) query_ = *std::move(parsed);
  add(query_file_, query_);
}

void SyntaxOf::add(File& file, const ast::Term& term) {
  for (const ast::Term& part : term.parts) add(file, part);
  if (term.body != nullptr) add(file, *term.body);
}

void SyntaxOf::add(File& file, const ast::Body& body) {
  for (const ast::Statement& statement : body) {
    file.statement_at.try_emplace(statement.at, &statement);
    for (const ast::Term& term : statement.terms) add(file, term);
    for (const ast::With& with : statement.with) add(file, with.value);
    if (statement.body != nullptr) add(file, *statement.body);
  }
}

SyntaxOf::File& SyntaxOf::file_of(const std::string& name) {
  const auto [at, is_new] = files_.try_emplace(name);
  File& file = at->second;
  const auto module = std::ranges::find(program_.modules, name, &ast::Module::file);
  if (!is_new || module == program_.modules.end()) return file;
  file.module = &*module;
  const Term document = to_term(arena_, *module);
  if (const Term* const rules = document.find("rules")) file.rules = *rules;
  for (std::size_t i = 0; i < module->rules.size(); ++i) {
    const ast::Rule& rule = module->rules[i];
    file.rule_at.try_emplace(rule.at, i);
    add(file, rule.body);
    if (rule.value) add(file, *rule.value);
    if (rule.member) add(file, *rule.member);
    for (const ast::Else& branch : rule.otherwise) {
      file.rule_at.try_emplace(branch.at, i);
      add(file, branch.body);
      if (branch.value) add(file, *branch.value);
    }
  }
  return file;
}

// What stands nowhere as a statement of its own (the value of a head) is told by its text.
Term SyntaxOf::expression(const File& file, const Observe& place) const {
  const auto found = file.statement_at.find(place.at);
  if (found != file.statement_at.end()) {
    return to_term(arena_, ast::Body{*found->second}).items()[0];
  }
  return make_object(arena_, {{borrow_string("text"), make_string(arena_, place.text)}});
}

Term SyntaxOf::make(const Observe& place) {
  const bool is_statement = place.kind == Observe::Kind::statement;
  if (place.file == nullptr) {
    return is_statement ? expression(query_file_, place) : to_term(arena_, query_);
  }
  const File& file = file_of(*place.file);
  const auto rule = file.rule_at.find(place.at);
  if (is_statement || rule == file.rule_at.end()) return expression(file, place);
  return file.rules.items()[rule->second];
}

SyntaxOf::Node SyntaxOf::of(const Observe& place) {
  const auto [known, is_new] = known_.try_emplace(&place);
  if (!is_new) return known->second;
  Node& out = known->second;
  out.type = place.kind == Observe::Kind::statement ? "expr"
             : place.file == nullptr                ? "body"
                                                    : "rule";
  out.term = make(place);
  out.size = to_json(out.term).size();
  return out;
}

}  // namespace writ::rego
