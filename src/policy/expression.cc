#include "policy/expression.h"

#include <optional>

#include "policy/expression_token.h"

namespace writ::policy {
namespace {

// Binding powers: what binds tighter has the greater one.
constexpr int kOr = 10;
constexpr int kAnd = 20;
constexpr int kNot = 30;
constexpr int kCompare = 40;

int binding_power(TokenKind kind) {
  switch (kind) {
    case TokenKind::word_or:
      return kOr;
    case TokenKind::word_and:
      return kAnd;
    case TokenKind::comparison:
    case TokenKind::word_in:
    case TokenKind::word_not:
      return kCompare;  // `not` after an operand: `x not in [..]`
    default:
      return 0;
  }
}

bool is_operand(const Expression& e) {
  return e.kind == Expression::Kind::fact || e.kind == Expression::Kind::literal;
}

// A Pratt parser. The first problem ends it: `failed_` is set and everything unwinds.
class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) { advance(); }

  std::optional<Expression> parse(ExpressionProblem& problem) {
    Expression whole = expression(0, 0);
    if (!failed_ && token_.kind != TokenKind::end) {
      refuse(token_.offset, "the gate should end here", "Join conditions with `and` or `or`");
    }
    if (!failed_) return whole;
    problem = std::move(problem_);
    return std::nullopt;
  }

 private:
  void refuse(std::size_t offset, std::string message, std::string remedy = {}) {
    if (failed_) return;
    failed_ = true;
    problem_ = {offset, std::move(message), std::move(remedy)};
  }

  void advance() {
    if (failed_) return;
    if (auto token = lexer_.next(problem_)) {
      token_ = *std::move(token);
    } else {
      failed_ = true;
    }
    if (failed_) token_ = {};
  }

  Expression node(Expression::Kind kind, std::size_t offset) {
    if (++nodes_ > kExpressionMaxNodes) {
      refuse(offset, "the gate is too long", "Split it into a list of rules");
    }
    Expression made;
    made.kind = kind;
    made.offset = static_cast<std::uint32_t>(offset);
    return made;
  }

  Expression expression(int minimum, std::size_t depth) {
    if (depth > kExpressionMaxDepth) refuse(token_.offset, "the gate is nested too deeply");
    if (failed_) return {};
    Expression left = prefix(depth);
    while (!failed_) {
      const int power = binding_power(token_.kind);
      if (power == 0 || power < minimum) break;
      if (power == kCompare) {
        left = compare(std::move(left), depth);
      } else {
        left = join(std::move(left), power, depth);
      }
    }
    return left;
  }

  Expression prefix(std::size_t depth) {
    Token token = std::move(token_);
    advance();
    switch (token.kind) {
      case TokenKind::fact: {
        Expression fact = node(Expression::Kind::fact, token.offset);
        fact.name = std::move(token.name);
        return fact;
      }
      case TokenKind::literal:
        return literal(std::move(token));
      case TokenKind::word_not: {
        Expression negation = node(Expression::Kind::negation, token.offset);
        negation.args.push_back(expression(kNot, depth + 1));
        return negation;
      }
      case TokenKind::left_parenthesis: {
        Expression inner = expression(0, depth + 1);
        if (token_.kind != TokenKind::right_parenthesis) {
          refuse(token.offset, "this parenthesis is never closed", "Add `)`");
        }
        advance();
        return inner;
      }
      case TokenKind::end:
        refuse(token.offset, "the gate ends where a condition should stand",
               "Write a condition, as in `tests.failed == 0`");
        return {};
      default:
        refuse(token.offset, "a fact, a number or a string should stand here");
        return {};
    }
  }

  Expression literal(Token token) {
    Expression made = node(Expression::Kind::literal, token.offset);
    made.literal = std::move(token.literal);
    made.is_duration = token.is_duration;
    return made;
  }

  // `left and right`, `left or right`; chains become one node.
  Expression join(Expression left, int power, std::size_t depth) {
    const auto kind = power == kAnd ? Expression::Kind::all_of : Expression::Kind::any_of;
    advance();
    if (left.kind != kind) {
      Expression first = std::move(left);
      left = node(kind, first.offset);
      left.args.push_back(std::move(first));
    }
    append(left, expression(power + 1, depth + 1));
    return left;
  }

  static void append(Expression& joined, Expression part) {
    if (part.kind != joined.kind) return joined.args.push_back(std::move(part));
    for (Expression& arg : part.args) joined.args.push_back(std::move(arg));
  }

  Expression compare(Expression left, std::size_t depth) {
    if (!is_operand(left)) {
      refuse(token_.offset, "only facts and constants can be compared",
             "Comparisons do not chain: write `a < b and b < c`");
      return {};
    }
    if (token_.kind == TokenKind::word_not) {
      Expression negation = node(Expression::Kind::negation, token_.offset);
      advance();
      if (token_.kind != TokenKind::word_in) {
        refuse(token_.offset, "`in` should follow here", "Write `x not in [1, 2]`");
        return {};
      }
      negation.args.push_back(membership(std::move(left)));
      return negation;
    }
    if (token_.kind == TokenKind::word_in) return membership(std::move(left));
    Expression made = node(Expression::Kind::comparison, left.offset);
    made.comparison = token_.comparison;
    advance();
    if (token_.kind != TokenKind::fact && token_.kind != TokenKind::literal &&
        token_.kind != TokenKind::left_parenthesis) {
      refuse(token_.offset, "a fact or a constant should stand here",
             "Write a comparison, as in `tests.failed == 0`");
      return {};
    }
    const std::size_t right_at = token_.offset;
    Expression right = prefix(depth + 1);
    if (!failed_ && !is_operand(right)) {
      refuse(right_at, "only facts and constants can be compared");
      return {};
    }
    // The fact first: `0 == tests.failed` and `tests.failed == 0` are one condition.
    if (left.kind == Expression::Kind::literal && right.kind == Expression::Kind::fact) {
      std::swap(left, right);
      made.comparison = mirrored(made.comparison);
    }
    made.args.push_back(std::move(left));
    made.args.push_back(std::move(right));
    return made;
  }

  static Comparison mirrored(Comparison c) {
    switch (c) {
      case Comparison::lt:
        return Comparison::gt;
      case Comparison::le:
        return Comparison::ge;
      case Comparison::gt:
        return Comparison::lt;
      case Comparison::ge:
        return Comparison::le;
      case Comparison::eq:
      case Comparison::ne:
        break;
    }
    return c;
  }

  Expression membership(Expression left) {
    Expression made = node(Expression::Kind::membership, left.offset);
    made.args.push_back(std::move(left));
    advance();
    if (token_.kind != TokenKind::left_bracket) {
      refuse(token_.offset, "a list should follow `in`", "Write `exit.code in [0, 3]`");
    }
    do {
      advance();
      if (failed_) return {};
      if (token_.kind != TokenKind::literal) {
        refuse(token_.offset, "a list holds constants only", "Write `exit.code in [0, 3]`");
        return {};
      }
      made.args.push_back(literal(std::move(token_)));
      advance();
    } while (token_.kind == TokenKind::comma);
    if (token_.kind != TokenKind::right_bracket) {
      refuse(token_.offset, "this list is never closed", "Add `]`");
    }
    advance();
    return made;
  }

  Lexer lexer_;
  Token token_;
  ExpressionProblem problem_;
  bool failed_ = false;
  std::size_t nodes_ = 0;
};

}  // namespace

std::optional<Expression> parse_expression(std::string_view text,
                                           std::vector<ExpressionProblem>& problems) {
  if (text.size() > kExpressionMaxBytes) {
    problems.push_back({0, "the gate is longer than 16 KiB", "Split it into a list of rules"});
    return std::nullopt;
  }
  ExpressionProblem problem;
  auto parsed = Parser(text).parse(problem);
  if (!parsed) {
    problems.push_back(std::move(problem));
    return std::nullopt;
  }
  const std::size_t before = problems.size();
  check_types(*parsed, problems);
  if (problems.size() != before) return std::nullopt;
  return parsed;
}

void collect_facts(const Expression& expression, std::set<std::string, std::less<>>& names) {
  if (expression.kind == Expression::Kind::fact) names.insert(expression.name);
  for (const Expression& arg : expression.args) collect_facts(arg, names);
}

}  // namespace writ::policy
