#include "policy/partial/residual.h"

#include <algorithm>

#include "policy/parse/token_stream.h"

namespace writ::rego::partial {
namespace {

using Form = ast::Term::Kind;

// Bodies whose opposites multiply to more are said by rules instead.
constexpr std::size_t kMostOpposites = 10;

// Every reference in the term that must be defined for the term to be, and its beginnings.
void implied(const ast::Term& term, std::set<std::string>& out) {
  if (term.is_comprehension() || term.is(Form::template_string)) return;
  if (term.is(Form::ref)) {
    ast::Term prefix = term;
    while (prefix.parts.size() > 1) {
      out.insert(ast::to_text(prefix));
      prefix.parts.pop_back();
    }
  }
  for (const ast::Term& part : term.parts) implied(part, out);
}

bool has_nested(const ast::Term& term) {
  if (term.is_comprehension() || term.is(Form::call) || term.is(Form::ref)) return true;
  return std::ranges::any_of(term.parts, has_nested);
}

// A reference may stand alone or beside `=`; within anything else it decides, by being undefined,
// what becomes of the whole, and `not` would hide that.
bool is_plain_operand(const ast::Term& term) {
  if (!term.is(Form::ref)) return !has_nested(term);
  return std::ranges::none_of(term.parts, has_nested);
}

bool is_plain(const ast::Statement& statement) {
  if (statement.kind != ast::Statement::Kind::term || !statement.with.empty()) return false;
  const ast::Term& term = statement.terms[0];
  if (is_eq(term)) return is_plain_operand(term.parts[1]) && is_plain_operand(term.parts[2]);
  if (!term.is(Form::call)) return is_plain_operand(term);
  return std::none_of(term.parts.begin() + 1, term.parts.end(), has_nested);
}

}  // namespace

Condition make_condition(ast::Term term) {
  Condition out;
  out.statement.terms.push_back(std::move(term));
  return out;
}

Condition make_existence(ast::Term ref) {
  Condition out = make_condition(std::move(ref));
  out.is_existence = true;
  return out;
}

ast::Term make_eq(ast::Term left, ast::Term right) {
  const Position at = left.at;
  return make_call("eq", {std::move(left), std::move(right)}, at);
}

bool is_eq(const ast::Term& term) {
  return term.is(Form::call) && term.parts.size() == 3 && term.parts[0].is_var() &&
         term.parts[0].name == "eq";
}

void visit_vars(ast::Term& term, const std::function<void(ast::Term&)>& visit) {
  if (term.is_var()) return visit(term);
  for (ast::Term& part : term.parts) visit_vars(part, visit);
  if (!term.body) return;
  term.body = std::make_shared<ast::Body>(*term.body);
  for (ast::Statement& inner : *term.body) visit_vars(inner, visit);
}

void visit_vars(ast::Statement& statement, const std::function<void(ast::Term&)>& visit) {
  for (ast::Term& term : statement.terms) visit_vars(term, visit);
  for (ast::With& with : statement.with) visit_vars(with.value, visit);
  if (!statement.body) return;
  statement.body = std::make_shared<ast::Body>(*statement.body);
  for (ast::Statement& inner : *statement.body) visit_vars(inner, visit);
}

std::set<std::int32_t> residual_vars(const ast::Statement& statement) {
  std::set<std::int32_t> out;
  ast::Statement copy = statement;
  visit_vars(copy, [&](const ast::Term& var) {
    if (is_residual_var(var)) out.insert(var.slot);
  });
  return out;
}

ast::Body finished(const Conditions& conditions, std::size_t from) {
  std::set<std::string> known;
  for (std::size_t i = from; i < conditions.size(); ++i) {
    const ast::Statement& statement = conditions[i].statement;
    const bool implies =
        !conditions[i].is_existence && !statement.negated && statement.with.empty();
    // Of `every` the domain, which must be there.
    if (implies) implied(statement.terms.back(), known);
  }
  ast::Body out;
  std::set<std::string> said;
  for (std::size_t i = from; i < conditions.size(); ++i) {
    ast::Statement statement = conditions[i].statement;
    if (conditions[i].is_existence) {
      const std::string text = ast::to_text(statement.terms[0]);
      if (known.contains(text)) continue;
      known.insert(text);
      statement.terms[0] = make_eq(make_var("_", {}), std::move(statement.terms[0]));
    }
    if (said.insert(ast::to_text(statement)).second) out.push_back(std::move(statement));
  }
  return out;
}

bool has_plain_opposite(const std::vector<Residue>& residues, std::int32_t mark) {
  std::size_t size = 1;
  for (const Residue& residue : residues) {
    size *= residue.body.size();
    if (size > kMostOpposites) return false;
    for (const ast::Statement& statement : residue.body) {
      if (!is_plain(statement)) return false;
      bool is_safe = true;
      ast::Statement copy = statement;
      visit_vars(copy, [&](const ast::Term& var) {
        if (var.is_wildcard()) is_safe = false;
        if (is_residual_var(var) && var.slot <= mark) is_safe = false;
      });
      if (!is_safe && !statement.negated) return false;
    }
  }
  return true;
}

ast::Statement opposite(ast::Statement statement) {
  statement.negated = !statement.negated;
  return statement;
}

}  // namespace writ::rego::partial
