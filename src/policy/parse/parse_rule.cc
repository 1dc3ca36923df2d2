#include "policy/parse/parse_rule.h"

#include <fmt/format.h>

namespace writ::rego {
namespace {

using ast::Rule;
using ast::Term;
using Kind = Term::Kind;

bool check_name(TokenStream& in, const Term& ref) {
  const Term& head = ref.is(Kind::ref) ? ref.parts[0] : ref;
  if (!head.is_var()) {
    return in.refuse_at(ref.at, fmt::format("{} cannot be used for rule name",
                                            head.is(Kind::scalar) ? kind_name(head.value.kind())
                                            : head.is(Kind::call) ? "call"
                                                                  : "term"));
  }
  if (head.name == "_") return in.refuse_at(ref.at, "rule name cannot be wildcard");
  if (head.name == "input" || head.name == "data") {
    return in.refuse_at(
        ref.at, fmt::format("rules must not shadow {} (use a different rule name)", head.name));
  }
  return true;
}

// The name with its arguments: `p`, `p.q[x]`, `f(x, y)`.
bool parse_name(TokenStream& in, Rule& rule) {
  Term head;
  if (!parse_operand(in, head)) return false;
  if (head.is(Kind::call)) {
    rule.is_function = true;
    rule.args_end = head.end;
    rule.args.assign(std::make_move_iterator(head.parts.begin() + 1),
                     std::make_move_iterator(head.parts.end()));
    Term name = std::move(head.parts[0]);
    rule.ref = std::move(name);
  } else {
    rule.ref = std::move(head);
  }
  return check_name(in, rule.ref);
}

// In v0 `p[x] { … }` without a value is a set, and so is `p[x]` alone.
void read_as_v0_set(Rule& rule) {
  if (rule.is_function || rule.value || rule.is_partial_set || !rule.ref.is(Kind::ref) ||
      rule.ref.parts.size() != 2 || rule.has_if) {
    return;
  }
  // A name after a dot is part of the rule's name, not a member.
  if (rule.ref.parts[1].is_string() && rule.has_if) return;
  rule.is_partial_set = true;
  rule.member = std::move(rule.ref.parts[1]);
  Term name = std::move(rule.ref.parts[0]);
  rule.ref = std::move(name);
}

bool parse_value(TokenStream& in, Rule& rule) {
  rule.head_end = in.last_end();
  if (in.take_keyword("contains")) {
    rule.is_partial_set = true;
    rule.member.emplace();
    if (!parse_infix(in, Place::in_list, *rule.member)) return false;
    rule.head_end = in.last_end();
    return true;
  }
  rule.is_assigned = in.token().is(":=");
  if (!rule.is_assigned && !in.token().is("=")) return true;
  in.advance();
  rule.value.emplace();
  if (!parse_infix(in, Place::alone, *rule.value)) return false;
  rule.head_end = in.last_end();
  if (in.token().is_keyword_named("with")) {
    return in.refuse("expressions using with keyword cannot be used for rule head");
  }
  return true;
}

// `if x`, `if { … }`, in v0 also `{ … }`.
bool parse_rule_body(TokenStream& in, Rule& rule) {
  if (in.take_keyword("if")) {
    rule.has_if = rule.has_body = true;
    if (!in.token().is("{")) {
      ast::Statement statement;
      if (!parse_statement(in, statement)) return false;
      rule.body.push_back(std::move(statement));
      return true;
    }
    // Braces may open a body or a collection that is the only statement.
    const TokenStream::Mark mark = in.mark();
    in.advance();
    if (in.token().is("}")) return in.refuse("found empty body");
    in.go_back(mark);
    if (parse_braced_body(in, rule.body)) {
      rule.body_end = in.last_end();
      return true;
    }
    const auto error = in.error();
    if (!in.may_attempt()) return false;
    in.go_back(mark);
    rule.body.clear();
    ast::Statement statement;
    if (parse_statement(in, statement)) {
      rule.body.push_back(std::move(statement));
      return true;
    }
    in.go_back(mark);
    return error ? in.refuse_at(error->at, error->message) : in.unexpected();
  }
  if (!in.token().is("{")) return true;
  if (!in.is_v0()) return in.refuse_at(rule.at, "`if` keyword is required before rule body");
  rule.has_body = true;
  if (!parse_braced_body(in, rule.body)) return false;
  rule.body_end = in.last_end();
  return true;
}

bool parse_else(TokenStream& in, Rule& rule) {
  while (in.token().is_keyword_named("else")) {
    ast::Else branch;
    branch.keyword_at = in.token().at;
    in.advance();
    branch.at = in.token().at;
    Rule part;
    part.at = branch.at;
    if (!parse_value(in, part)) return false;
    if (!parse_rule_body(in, part)) return false;
    if (!part.value && !part.has_body) return in.unexpected("body");
    branch.value = std::move(part.value);
    branch.body = std::move(part.body);
    branch.head_end = part.head_end;
    branch.body_end = part.body_end;
    branch.has_if = part.has_if;
    branch.is_assigned = part.is_assigned;
    rule.otherwise.push_back(std::move(branch));
    if (!part.has_body && in.token().is_keyword_named("else")) {
      return in.refuse("unexpected else keyword");
    }
  }
  return true;
}

const char* constant_problem(const Term& term) {
  switch (term.kind) {
    case Kind::var:
      return "var";
    case Kind::ref:
      return "ref";
    case Kind::call:
      return "call";
    default:
      break;
  }
  if (term.is_comprehension() || term.is(Kind::template_string)) return nullptr;
  for (const Term& part : term.parts) {
    if (const char* problem = constant_problem(part)) return problem;
  }
  return nullptr;
}

bool check_default(TokenStream& in, const Rule& rule) {
  if (rule.is_partial_set || !rule.value) {
    return in.refuse_at(rule.at, "illegal default rule (must have a value)");
  }
  if (rule.has_body) return in.refuse_at(rule.at, "illegal default rule (cannot have a body)");
  if (const char* problem = constant_problem(*rule.value)) {
    return in.refuse_at(rule.at,
                        fmt::format("illegal default rule (value cannot contain {})", problem));
  }
  for (const Term& arg : rule.args) {
    if (arg.is_var()) continue;
    const std::string_view what = arg.is(Kind::scalar)  ? kind_name(arg.value.kind())
                                  : arg.is(Kind::array) ? "array"
                                                        : "object";
    return in.refuse_at(rule.at,
                        fmt::format("illegal default rule (arguments cannot contain {})", what));
  }
  return true;
}

bool check_head(TokenStream& in, const Rule& rule) {
  const bool is_bare = !rule.value && !rule.is_partial_set && !rule.has_body;
  if (is_bare && !rule.is_function && (rule.ref.is_var() || !in.is_v0())) {
    return in.refuse_at(rule.at, in.is_v0() || rule.ref.is_var()
                                     ? "var cannot be used for rule name"
                                     : "`contains` keyword is required for partial set rules");
  }
  if (is_bare && rule.is_function) {
    return in.refuse_at(rule.at, "function without value or body cannot be used for rule name");
  }
  return true;
}

}  // namespace

bool parse_rule(TokenStream& in, std::vector<ast::Rule>& out) {
  ast::Rule rule;
  rule.at = in.token().at;
  rule.begin = in.token().begin;
  rule.is_default = in.take_keyword("default");
  if (!parse_name(in, rule) || !parse_value(in, rule) || !parse_rule_body(in, rule)) return false;
  if (in.is_v0()) read_as_v0_set(rule);
  if (!check_head(in, rule) || (rule.is_default && !check_default(in, rule))) return false;
  if (!parse_else(in, rule)) return false;
  rule.end = in.last_end();
  out.push_back(std::move(rule));
  // Further bodies of the same head.
  while (in.is_v0() && in.token().is("{") && out.back().otherwise.empty()) {
    ast::Rule next = out.back();
    next.body.clear();
    next.at = in.token().at;
    if (!parse_braced_body(in, next.body)) return false;
    next.end = next.body_end = in.last_end();
    out.push_back(std::move(next));
  }
  return true;
}

}  // namespace writ::rego
