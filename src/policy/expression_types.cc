// Whether what an expression compares can be compared.
#include <optional>

#include "base/suggest.h"
#include "policy/expression.h"

namespace writ::policy {
namespace {

std::string_view type_name(FactType type) {
  constexpr std::string_view kNames[] = {"number", "boolean", "string"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string an_unknown_fact(std::string_view name) {
  std::vector<std::string_view> names;
  for (const FactRow& row : fact_table()) names.push_back(row.name);
  return "there is no fact `" + std::string(name) + "`" + did_you_mean(name, names);
}

class TypeChecker {
 public:
  explicit TypeChecker(std::vector<ExpressionProblem>& problems) : problems_(problems) {}

  // Where a condition is needed.
  void condition(const Expression& e) {
    switch (e.kind) {
      case Expression::Kind::comparison:
        return comparison(e);
      case Expression::Kind::membership:
        return membership(e);
      case Expression::Kind::literal:
      case Expression::Kind::fact:
        return bare(e);
      case Expression::Kind::negation:
      case Expression::Kind::all_of:
      case Expression::Kind::any_of:
        for (const Expression& arg : e.args) nested(arg);
    }
  }

 private:
  // `true` may be a whole condition (the last row of a list), never a part of one.
  void nested(const Expression& e) {
    if (e.kind != Expression::Kind::literal || !e.literal.is_bool()) return condition(e);
    add(e, "`" + expression_text(e) + "` decides nothing here", "Leave it out");
  }

  void add(const Expression& e, std::string message, std::string remedy = {}) {
    problems_.push_back({e.offset, std::move(message), std::move(remedy)});
  }

  // Nothing, and a problem, for an unknown fact.
  std::optional<FactType> type_of(const Expression& e) {
    if (e.kind == Expression::Kind::literal) {
      if (e.literal.is_bool()) return FactType::boolean;
      return e.literal.is_string() ? FactType::string : FactType::number;
    }
    if (const FactRow* row = find_fact(e.name)) return row->type;
    add(e, an_unknown_fact(e.name), "docs/formats/facts.md lists every fact");
    return std::nullopt;
  }

  void bare(const Expression& e) {
    const auto type = type_of(e);
    if (!type || *type == FactType::boolean) return;
    const std::string text = expression_text(e);
    add(e, "`" + text + "` is a " + std::string(type_name(*type)) + " and no condition",
        "Compare it, as in `" + text + (*type == FactType::number ? " == 0`" : " == \"x\"`"));
  }

  void comparison(const Expression& e) {
    const auto left = type_of(e.args[0]);
    const auto right = type_of(e.args[1]);
    if (!left || !right) return;
    if (e.args[0].kind == Expression::Kind::literal) {
      return add(e, "this compares two constants", "Compare a fact, as in `tests.failed == 0`");
    }
    if (*left != *right) return mismatch(e.args[0], *left, e.args[1], *right);
    const bool orders = e.comparison != Comparison::eq && e.comparison != Comparison::ne;
    if (orders && *left != FactType::number) {
      add(e,
          "only numbers have an order; `" + expression_text(e.args[0]) + "` is a " +
              std::string(type_name(*left)),
          "Use == or !=");
    }
  }

  void membership(const Expression& e) {
    if (e.args[0].kind != Expression::Kind::fact) {
      return add(e, "a fact should stand before `in`", "Write `exit.code in [0, 3]`");
    }
    const auto type = type_of(e.args[0]);
    if (!type) return;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      const auto other = type_of(e.args[i]);
      if (other && *other != *type) mismatch(e.args[0], *type, e.args[i], *other);
    }
  }

  void mismatch(const Expression& left, FactType type, const Expression& right, FactType other) {
    add(right,
        "`" + expression_text(left) + "` is a " + std::string(type_name(type)) + ", but `" +
            expression_text(right) + "` is a " + std::string(type_name(other)),
        "Compare a " + std::string(type_name(type)) + " with a " + std::string(type_name(type)));
  }

  std::vector<ExpressionProblem>& problems_;
};

}  // namespace

void check_types(const Expression& expression, std::vector<ExpressionProblem>& problems) {
  TypeChecker(problems).condition(expression);
}

}  // namespace writ::policy
