// An expression as text and as canonical JSON.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/units.h"
#include "policy/expression.h"

namespace writ::policy {
namespace {

// Deeper than any tree that the parser makes of text within its own limits.
constexpr std::size_t kValueMaxDepth = 4 * kExpressionMaxDepth;

constexpr std::string_view kComparisons[] = {"==", "!=", "<", "<=", ">", ">="};

std::string_view comparison_text(Comparison c) { return kComparisons[static_cast<std::size_t>(c)]; }

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string real_text(double number) {
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed);
  std::string text(buffer, end.ptr);
  if (!text.contains('.')) text += ".0";
  return text;
}

std::string literal_text(const Value& value) {
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_number()) return real_text(value.as_number());
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  return value.is_string() ? in_quotes(value.as_string()) : std::string(kind_name(value.kind()));
}

bool is_plain_name(std::string_view name) {
  bool after_dot = true;  // where a segment must begin
  for (const char c : name) {
    const bool is_word =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!is_word && (c != '.' || after_dot)) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

// What is no identifier behind the first point is quoted: benchmark."BM_Apply/64".
std::string fact_text(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos || is_plain_name(name.substr(dot + 1))) {
    return std::string(name);
  }
  return std::string(name.substr(0, dot + 1)) + in_quotes(name.substr(dot + 1));
}

// Tighter binding needs no parentheses inside looser: or 1, and 2, not 3, comparison 4.
int tightness(const Expression& e) {
  switch (e.kind) {
    case Expression::Kind::any_of:
      return 1;
    case Expression::Kind::all_of:
      return 2;
    case Expression::Kind::negation:
      return e.args[0].kind == Expression::Kind::membership ? 4 : 3;
    default:
      return 4;
  }
}

std::string in_parentheses(const Expression& e, int at_least) {
  const std::string text = expression_text(e);
  return tightness(e) < at_least ? "(" + text + ")" : text;
}

std::string membership_text(const Expression& e, std::string_view word) {
  std::string out = expression_text(e.args[0]) + std::string(word) + "[";
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    if (i > 1) out += ", ";
    out += expression_text(e.args[i]);
  }
  return out + "]";
}

std::string joined_text(const Expression& e) {
  const bool is_and = e.kind == Expression::Kind::all_of;
  std::string out;
  for (const Expression& arg : e.args) {
    if (!out.empty()) out += is_and ? " and " : " or ";
    out += in_parentheses(arg, is_and ? 3 : 2);
  }
  return out;
}

Value literal_value(const Expression& e) {
  return Object{{e.is_duration ? "duration_ms" : "value", e.literal}};
}

Value values_of(const std::vector<Expression>& args, std::size_t from) {
  Array values;
  for (std::size_t i = from; i < args.size(); ++i) values.push_back(expression_value(args[i]));
  return values;
}

std::unexpected<Error> not_an_expression(std::string what) {
  return fail(Code::invalid_input, "this is no canonical gate expression: " + std::move(what));
}

class Reader {
 public:
  Result<Expression> read(const Value& value, std::size_t depth) {
    if (depth > kValueMaxDepth) return not_an_expression("it is nested too deeply");
    if (++nodes_ > kExpressionMaxNodes) return not_an_expression("it is too long");
    if (value.find("fact") != nullptr) return fact(value);
    if (value.find("value") != nullptr || value.find("duration_ms") != nullptr) {
      return literal(value);
    }
    const std::string_view op = value.string_or("op", "");
    const Value* args = value.find("args");
    if (args == nullptr || !args->is_array() || value.as_object().size() != 2) {
      return not_an_expression("an operation has exactly `op` and `args`");
    }
    Expression made;
    WRIT_CHECK(kind_of(op, args->as_array().size(), made));
    for (const Value& arg : args->as_array()) {
      WRIT_TRY(Expression read_arg, read(arg, depth + 1));
      made.args.push_back(std::move(read_arg));
    }
    WRIT_CHECK(check_shape(made));
    return made;
  }

 private:
  Result<Expression> fact(const Value& value) {
    const Value* name = value.find("fact");
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    if (!name->is_string() || value.as_object().size() != 1 ||
        std::ranges::any_of(name->as_string(), is_control)) {
      return not_an_expression("`fact` is a name alone");
    }
    Expression made;
    made.kind = Expression::Kind::fact;
    made.name = name->as_string();
    return made;
  }

  Result<Expression> literal(const Value& value) {
    Expression made;
    const Value* duration = value.find("duration_ms");
    const Value* literal = duration != nullptr ? duration : value.find("value");
    made.is_duration = duration != nullptr;
    const bool is_scalar = literal->is_number() || literal->is_string() || literal->is_bool();
    if (value.as_object().size() != 1 || !is_scalar ||
        (made.is_duration && !(literal->is_integer() && literal->as_integer() >= 0))) {
      return not_an_expression("a constant is one number, string, boolean or duration");
    }
    made.literal = literal->is_number() && !literal->is_integer()
                       ? plain_number(literal->as_number())
                       : *literal;
    return made;
  }

  static Result<void> kind_of(std::string_view op, std::size_t count, Expression& made) {
    made.kind = Expression::Kind::comparison;
    for (std::size_t i = 0; i < std::size(kComparisons); ++i) {
      if (op != kComparisons[i]) continue;
      made.comparison = static_cast<Comparison>(i);
      return count == 2 ? Result<void>() : not_an_expression("a comparison has two operands");
    }
    struct Row {
      std::string_view op;
      Expression::Kind kind;
      std::size_t least, most;
    };
    constexpr Row kRows[] = {{"and", Expression::Kind::all_of, 2, kExpressionMaxNodes},
                             {"in", Expression::Kind::membership, 2, kExpressionMaxNodes},
                             {"not", Expression::Kind::negation, 1, 1},
                             {"or", Expression::Kind::any_of, 2, kExpressionMaxNodes}};
    for (const Row& row : kRows) {
      if (op != row.op) continue;
      made.kind = row.kind;
      if (count >= row.least && count <= row.most) return {};
      return not_an_expression("`" + std::string(op) + "` has the wrong number of operands");
    }
    return not_an_expression("unknown operation `" + std::string(op) + "`");
  }

  // What the parser guarantees: operands are facts and constants, chains are one node.
  static Result<void> check_shape(const Expression& made) {
    for (std::size_t i = 0; i < made.args.size(); ++i) {
      const auto kind = made.args[i].kind;
      const bool is_fact = kind == Expression::Kind::fact;
      const bool is_literal = kind == Expression::Kind::literal;
      if (made.kind == Expression::Kind::comparison && !(is_fact || (is_literal && i == 1))) {
        return not_an_expression("a comparison starts with a fact and ends with an operand");
      }
      if (made.kind == Expression::Kind::membership && !(i == 0 ? is_fact : is_literal)) {
        return not_an_expression("`in` takes a fact and constants");
      }
      if (kind == made.kind && kind != Expression::Kind::negation) {
        return not_an_expression("a chain of `and` or `or` is one operation");
      }
    }
    return {};
  }

  std::size_t nodes_ = 0;
};

}  // namespace

Value plain_number(double number) {
  constexpr double kExact = 0x1p53;
  if (std::abs(number) < kExact && std::trunc(number) == number) {
    return static_cast<std::int64_t>(number);
  }
  return number;
}

std::string value_text(const Value& value) {
  if (value.is_string() && value.as_string().size() > 80) {
    return in_quotes(value.as_string().substr(0, 77)) + "...";
  }
  if (value.is_number() && !value.is_integer())
    return literal_text(plain_number(value.as_number()));
  return literal_text(value);
}

std::string expression_text(const Expression& e) {
  switch (e.kind) {
    case Expression::Kind::literal:
      return e.is_duration ? to_text(Duration(e.literal.as_integer())) : literal_text(e.literal);
    case Expression::Kind::fact:
      return fact_text(e.name);
    case Expression::Kind::comparison:
      return expression_text(e.args[0]) + " " + std::string(comparison_text(e.comparison)) + " " +
             expression_text(e.args[1]);
    case Expression::Kind::membership:
      return membership_text(e, " in ");
    case Expression::Kind::negation:
      if (e.args[0].kind == Expression::Kind::membership) {
        return membership_text(e.args[0], " not in ");
      }
      return "not " + in_parentheses(e.args[0], 3);
    case Expression::Kind::all_of:
    case Expression::Kind::any_of:
      break;
  }
  return joined_text(e);
}

Value expression_value(const Expression& e) {
  const auto operation = [&](std::string_view op) -> Value {
    return Object{{"op", op}, {"args", values_of(e.args, 0)}};
  };
  switch (e.kind) {
    case Expression::Kind::literal:
      return literal_value(e);
    case Expression::Kind::fact:
      return Object{{"fact", e.name}};
    case Expression::Kind::comparison:
      return operation(comparison_text(e.comparison));
    case Expression::Kind::membership:
      return operation("in");
    case Expression::Kind::negation:
      return operation("not");
    case Expression::Kind::all_of:
      return operation("and");
    case Expression::Kind::any_of:
      break;
  }
  return operation("or");
}

Result<Expression> expression_from_value(const Value& value) {
  WRIT_TRY(Expression made, Reader().read(value, 0));
  std::vector<ExpressionProblem> problems;
  check_types(made, problems);
  if (!problems.empty()) return not_an_expression(problems.front().message);
  return made;
}

}  // namespace writ::policy
