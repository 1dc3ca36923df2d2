#include "policy/format/same_syntax.h"

#include <algorithm>
#include <functional>

namespace writ::rego {
namespace {

using ast::Body;
using ast::Rule;
using ast::Statement;
using ast::Term;

bool same_body(const Body& a, const Body& b);

bool same_optional_body(const std::shared_ptr<Body>& a, const std::shared_ptr<Body>& b) {
  return (a == nullptr) == (b == nullptr) && (a == nullptr || same_body(*a, *b));
}

bool same_term(const Term& a, const Term& b) {
  return a.kind == b.kind && a.name == b.name &&
         (!a.is(Term::Kind::scalar) || a.value == b.value) &&
         std::ranges::equal(a.parts, b.parts, same_term) && same_optional_body(a.body, b.body);
}

bool same_optional_term(const std::optional<Term>& a, const std::optional<Term>& b) {
  return a.has_value() == b.has_value() && (!a || same_term(*a, *b));
}

bool same_with(const ast::With& a, const ast::With& b) {
  return same_term(a.target, b.target) && same_term(a.value, b.value);
}

bool same_statement(const Statement& a, const Statement& b) {
  return a.kind == b.kind && a.negated == b.negated &&
         std::ranges::equal(a.terms, b.terms, same_term) &&
         std::ranges::equal(a.with, b.with, same_with) && same_optional_body(a.body, b.body);
}

bool same_body(const Body& a, const Body& b) { return std::ranges::equal(a, b, same_statement); }

bool is_true(const std::optional<Term>& value) {
  return !value || (value->is(Term::Kind::scalar) && value->value.is_true());
}

bool is_always(const Body& body) {
  return body.empty() || (body.size() == 1 && is_constant_true(body[0]));
}

// A value that is `true` may be left out where a body stands, and a body that is `true` where a
// value does.
bool same_branch(const std::optional<Term>& value_a, const Body& a,
                 const std::optional<Term>& value_b, const Body& b) {
  const bool same_value =
      (is_true(value_a) && is_true(value_b)) || same_optional_term(value_a, value_b);
  return same_value && ((is_always(a) && is_always(b)) || same_body(a, b));
}

bool same_else(const ast::Else& a, const ast::Else& b) {
  return same_branch(a.value, a.body, b.value, b.body);
}

bool same_annotations(const ast::Annotations& a, const ast::Annotations& b) {
  return a.scope == b.scope && a.value == b.value;
}

bool same_rule(const Rule& a, const Rule& b) {
  return a.is_default == b.is_default && a.is_function == b.is_function &&
         a.is_partial_set == b.is_partial_set && same_term(a.ref, b.ref) &&
         std::ranges::equal(a.args, b.args, same_term) && same_optional_term(a.member, b.member) &&
         same_branch(a.value, a.body, b.value, b.body) &&
         std::ranges::equal(a.otherwise, b.otherwise, same_else) &&
         std::ranges::equal(a.annotations, b.annotations, same_annotations);
}

std::vector<std::string> import_texts(const ast::Module& module) {
  std::vector<std::string> out;
  for (const ast::Import& import : module.imports) {
    out.push_back(to_text(import.path) + " as " + import.alias);
  }
  std::ranges::sort(out);
  return out;
}

std::vector<std::string> comment_texts(const ast::Module& module) {
  std::vector<std::string> out;
  for (const ast::Comment& comment : module.comments) {
    out.emplace_back(trimmed_comment(comment.text));
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

std::string_view trimmed_comment(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool is_constant_true(const ast::Statement& statement) {
  return statement.kind == Statement::Kind::term && !statement.negated && statement.with.empty() &&
         statement.terms[0].is(ast::Term::Kind::scalar) && statement.terms[0].value.is_true();
}

bool is_same_syntax(const ast::Module& a, const ast::Module& b) {
  return a.package == b.package && import_texts(a) == import_texts(b) &&
         std::ranges::equal(a.rules, b.rules, same_rule) &&
         std::ranges::equal(a.package_annotations, b.package_annotations, same_annotations) &&
         comment_texts(a) == comment_texts(b);
}

}  // namespace writ::rego
