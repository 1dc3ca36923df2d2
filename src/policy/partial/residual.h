#pragma once
// What is left to be asked: conditions over unknowns and how they are written. Private to
// policy/partial.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "policy/parse/ast.h"

namespace writ::rego::partial {

// A condition of a residual body. An existence says only that `ref` is defined: it stands for a
// variable that has been replaced by what it was bound to.
struct Condition {
  ast::Statement statement;
  bool is_existence = false;
};
using Conditions = std::vector<Condition>;

// One way in which a body may hold.
struct Residue {
  std::vector<ast::Term> keys;  // of a rule's head
  ast::Term value;
  ast::Body body;
};

// Variables of residual bodies have numbers below those of slots, the first made has the highest.
inline constexpr std::int32_t kFirstResidual = -2;
inline bool is_residual_var(const ast::Term& term) {
  return term.is_var() && term.slot <= kFirstResidual;
}

inline bool is_known(const ast::Term& term) { return term.is(ast::Term::Kind::scalar); }
Condition make_condition(ast::Term term);
Condition make_existence(ast::Term ref);
ast::Term make_eq(ast::Term left, ast::Term right);
bool is_eq(const ast::Term& term);

// Calls `visit` for every variable, also those inside of closures.
void visit_vars(ast::Term& term, const std::function<void(ast::Term&)>& visit);
void visit_vars(ast::Statement& statement, const std::function<void(ast::Term&)>& visit);
std::set<std::int32_t> residual_vars(const ast::Statement& statement);

// The conditions as a body: none twice, existences only where no other condition implies them.
ast::Body finished(const Conditions& conditions, std::size_t from);

// Whether the opposite of all bodies together can be said by plain conditions. `mark`: variables
// below that number came with the bodies and are bound nowhere else.
bool has_plain_opposite(const std::vector<Residue>& residues, std::int32_t mark);

// The statement, or its opposite.
ast::Statement opposite(ast::Statement statement);

}  // namespace writ::rego::partial
