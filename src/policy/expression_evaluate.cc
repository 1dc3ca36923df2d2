// Three-valued evaluation, and what would have to change for another answer.
#include <cmath>

#include "policy/expression.h"

namespace writ::policy {
namespace {

Truth truth(bool holds) { return holds ? Truth::yes : Truth::no; }

Truth opposite(Truth t) {
  if (t == Truth::unknown) return t;
  return t == Truth::yes ? Truth::no : Truth::yes;
}

// nullptr when the fact is absent.
const Value* operand(const Expression& e, const Facts& facts) {
  if (e.kind == Expression::Kind::literal) return &e.literal;
  const auto found = facts.facts.find(e.name);
  return found == facts.facts.end() ? nullptr : &found->second.value;
}

bool same_type(const Value& a, const Value& b) {
  return a.is_number() ? b.is_number() : a.kind() == b.kind();
}

bool holds(Comparison comparison, int order) {
  switch (comparison) {
    case Comparison::eq:
      return order == 0;
    case Comparison::ne:
      return order != 0;
    case Comparison::lt:
      return order < 0;
    case Comparison::le:
      return order <= 0;
    case Comparison::gt:
      return order > 0;
    case Comparison::ge:
      break;
  }
  return order >= 0;
}

// Values of another type than the table says are as good as absent.
Truth compare(const Expression& e, const Facts& facts) {
  const Value* left = operand(e.args[0], facts);
  const Value* right = operand(e.args[1], facts);
  if (left == nullptr || right == nullptr || !same_type(*left, *right)) return Truth::unknown;
  if (left->is_number()) return truth(holds(e.comparison, compare_numbers(*left, *right)));
  return truth(holds(e.comparison, *left == *right ? 0 : 1));
}

Truth is_member(const Expression& e, const Facts& facts) {
  const Value* value = operand(e.args[0], facts);
  if (value == nullptr) return Truth::unknown;
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    if (!same_type(*value, e.args[i].literal)) return Truth::unknown;
    if (*value == e.args[i].literal) return Truth::yes;
  }
  return Truth::no;
}

Truth bare(const Expression& e, const Facts& facts) {
  const Value* value = operand(e, facts);
  return value == nullptr || !value->is_bool() ? Truth::unknown : truth(value->as_bool());
}

// `decides` settles it at once: no for `and`, yes for `or`.
Truth joined(const Expression& e, const Facts& facts, Truth decides) {
  Truth result = opposite(decides);
  for (const Expression& arg : e.args) {
    const Truth value = evaluate_expression(arg, facts);
    if (value == decides) return decides;
    if (value == Truth::unknown) result = Truth::unknown;
  }
  return result;
}

Wanted leaf(const Expression& e, Truth wanted) {
  Expression shown = e;
  if (wanted == Truth::no && e.kind == Expression::Kind::comparison) {
    constexpr Comparison kOpposites[] = {Comparison::ne, Comparison::eq, Comparison::ge,
                                         Comparison::gt, Comparison::le, Comparison::lt};
    shown.comparison = kOpposites[static_cast<std::size_t>(e.comparison)];
  } else if (wanted == Truth::no) {
    shown = Expression();
    shown.kind = Expression::Kind::negation;
    shown.args.push_back(e);
  }
  std::set<std::string, std::less<>> names;
  collect_facts(e, names);
  return {expression_text(shown), {names.begin(), names.end()}};
}

std::vector<Wanted> every(const Expression& e, Truth wanted, const Facts& facts) {
  std::vector<Wanted> all;
  for (const Expression& arg : e.args) {
    for (Wanted& part : what_is_wanted(arg, wanted, facts)) all.push_back(std::move(part));
  }
  return all;
}

std::vector<Wanted> cheapest(const Expression& e, Truth wanted, const Facts& facts) {
  std::vector<Wanted> best = what_is_wanted(e.args[0], wanted, facts);
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    auto other = what_is_wanted(e.args[i], wanted, facts);
    if (other.size() < best.size()) best = std::move(other);
  }
  return best;
}

int order_of(double a, double b) { return a < b ? -1 : (a > b ? 1 : 0); }

}  // namespace

int compare_numbers(const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) {
    return a.as_integer() < b.as_integer() ? -1 : (a.as_integer() > b.as_integer() ? 1 : 0);
  }
  if (!a.is_integer() && !b.is_integer()) return order_of(a.as_number(), b.as_number());
  if (b.is_integer()) return -compare_numbers(b, a);
  const std::int64_t integer = a.as_integer();
  const double real = b.as_number();
  if (real >= 0x1p63) return -1;
  if (real < -0x1p63) return 1;
  const double whole = std::trunc(real);
  const auto rounded = static_cast<std::int64_t>(whole);
  if (integer != rounded) return integer < rounded ? -1 : 1;
  return order_of(whole, real);
}

Truth evaluate_expression(const Expression& e, const Facts& facts) {
  switch (e.kind) {
    case Expression::Kind::literal:
    case Expression::Kind::fact:
      return bare(e, facts);
    case Expression::Kind::comparison:
      return compare(e, facts);
    case Expression::Kind::membership:
      return is_member(e, facts);
    case Expression::Kind::negation:
      return opposite(evaluate_expression(e.args[0], facts));
    case Expression::Kind::all_of:
      return joined(e, facts, Truth::no);
    case Expression::Kind::any_of:
      break;
  }
  return joined(e, facts, Truth::yes);
}

std::vector<Wanted> what_is_wanted(const Expression& e, Truth wanted, const Facts& facts) {
  if (evaluate_expression(e, facts) == wanted) return {};
  const bool wants_yes = wanted == Truth::yes;
  switch (e.kind) {
    case Expression::Kind::negation:
      return what_is_wanted(e.args[0], opposite(wanted), facts);
    case Expression::Kind::all_of:
      return wants_yes ? every(e, wanted, facts) : cheapest(e, wanted, facts);
    case Expression::Kind::any_of:
      return wants_yes ? cheapest(e, wanted, facts) : every(e, wanted, facts);
    default:
      return {leaf(e, wanted)};
  }
}

}  // namespace writ::policy
