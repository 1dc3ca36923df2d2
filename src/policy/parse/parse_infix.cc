// Infix operators by precedence, weakest first: in; comparisons; |; &; + and -; * / and %.
#include "policy/parse/token_stream.h"

namespace writ::rego {
namespace {

using ast::Term;

struct Operator {
  std::string_view sign;
  std::string_view builtin;
  int strength;
};
constexpr Operator kOperators[] = {
    {"==", "equal", 1}, {"!=", "neq", 1}, {"<", "lt", 1},  {"<=", "lte", 1}, {">", "gt", 1},
    {">=", "gte", 1},   {"|", "or", 2},   {"&", "and", 3}, {"+", "plus", 4}, {"-", "minus", 4},
    {"*", "mul", 5},    {"/", "div", 5},  {"%", "rem", 5},
};
constexpr int kWeakest = 1;
// Operators in a row nest to the left, so they count as depth.
constexpr std::size_t kLongestRow = 1000;

// `a op b` in the place of `a`.
void join(std::string_view builtin, Term& a, Term b) {
  const Position at = a.at;
  const std::uint32_t end = b.end;
  std::vector<Term> operands;
  operands.reserve(3);
  operands.push_back(std::move(a));
  operands.push_back(std::move(b));
  a = make_call(builtin, std::move(operands), at);
  a.end = end;
}

const Operator* operator_at(const Token& token, int strength) {
  if (token.kind != TokenKind::sign) return nullptr;
  for (const Operator& op : kOperators) {
    if (op.sign == token.text && op.strength >= strength) return &op;
  }
  return nullptr;
}

// Operators at least as strong as `strength`, the first operand given.
bool climb(TokenStream& in, int strength, Term first, Term& out) {
  out = std::move(first);
  for (std::size_t length = 0; const Operator* op = operator_at(in.token(), strength); ++length) {
    const Deeper deeper(in);
    if (!deeper.is_fine()) return false;
    if (length == kLongestRow) return in.refuse("max recursion depth exceeded");
    in.advance();
    Term operand;
    Term right;
    if (!parse_operand(in, operand)) return false;
    if (!climb(in, op->strength + 1, std::move(operand), right)) return false;
    join(op->builtin, out, std::move(right));
  }
  return true;
}

bool parse_relation(TokenStream& in, Term& out) {
  Term first;
  return parse_operand(in, first) && climb(in, kWeakest, std::move(first), out);
}

// Whether `, term in` follows, so that what was read is the key of a membership test.
bool parse_membership_value(TokenStream& in, Term& value, bool& found) {
  const TokenStream::Mark mark = in.mark();
  in.advance();
  found = parse_relation(in, value) && in.token().is_keyword_named("in");
  if (found) return true;
  if (!in.may_attempt()) return in.unexpected();
  in.go_back(mark);
  return true;
}

}  // namespace

bool parse_infix(TokenStream& in, Place place, ast::Term& out) {
  ast::Term first;
  return parse_operand(in, first) && continue_infix(in, place, std::move(first), out);
}

bool continue_infix(TokenStream& in, Place place, ast::Term first, ast::Term& out) {
  if (!climb(in, kWeakest, std::move(first), out)) return false;
  if (place == Place::alone && in.token().is(",")) {
    ast::Term value;
    bool found = false;
    if (!parse_membership_value(in, value, found)) return false;
    if (found) {
      in.advance();
      ast::Term collection;
      if (!parse_relation(in, collection)) return false;
      const Position at = out.at;
      const std::uint32_t end = collection.end;
      out = make_call("internal.member_3",
                      {std::move(out), std::move(value), std::move(collection)}, at);
      out.end = end;
    }
  }
  for (std::size_t length = 0; in.token().is_keyword_named("in"); ++length) {
    if (length == kLongestRow) return in.refuse("max recursion depth exceeded");
    in.advance();
    ast::Term collection;
    if (!parse_relation(in, collection)) return false;
    join("internal.member_2", out, std::move(collection));
  }
  return true;
}

}  // namespace writ::rego
