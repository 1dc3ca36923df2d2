// Whole numbers are exact at any size; everything else has 64 bits of mantissa.
#include <cmath>

#include "policy/builtins/families.h"
#include "policy/term/big_integer.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// What an operator does with small integers (false: overflow), big ones, and reals.
struct Operator {
  bool (*small)(std::int64_t, std::int64_t, std::int64_t*);
  BigInteger (*big)(const BigInteger&, const BigInteger&);
  long double (*real)(long double, long double);
};

constexpr Operator kPlus = {
    [](std::int64_t a, std::int64_t b, std::int64_t* out) {
      return !__builtin_add_overflow(a, b, out);
    },
    [](const BigInteger& a, const BigInteger& b) { return BigInteger(a + b); },
    [](long double a, long double b) { return a + b; }};
constexpr Operator kMinus = {
    [](std::int64_t a, std::int64_t b, std::int64_t* out) {
      return !__builtin_sub_overflow(a, b, out);
    },
    [](const BigInteger& a, const BigInteger& b) { return BigInteger(a - b); },
    [](long double a, long double b) { return a - b; }};
constexpr Operator kTimes = {
    [](std::int64_t a, std::int64_t b, std::int64_t* out) {
      return !__builtin_mul_overflow(a, b, out);
    },
    [](const BigInteger& a, const BigInteger& b) { return BigInteger(a * b); },
    [](long double a, long double b) { return a * b; }};

Outcome real_result(Call& call, long double value) {
  if (!std::isfinite(value)) return call.error("result out of range");
  return make_real(call.arena(), value);
}

Outcome apply(Call& call, const Operator& op, const Term& a, const Term& b) {
  std::int64_t out = 0;
  if (a.is_small_integer() && b.is_small_integer() &&
      op.small(a.as_small_integer(), b.as_small_integer(), &out)) {
    return Term::integer(out);
  }
  const auto x = to_big_integer(a);
  const auto y = x ? to_big_integer(b) : std::nullopt;
  if (x && y) return make_number(call.arena(), op.big(*x, *y));
  return real_result(call, op.real(to_real(a), to_real(b)));
}

Outcome plus(Call& call) { return apply(call, kPlus, call.arg(0), call.arg(1)); }
Outcome times(Call& call) { return apply(call, kTimes, call.arg(0), call.arg(1)); }

Outcome minus(Call& call) {
  const Term& a = call.arg(0);
  const Term& b = call.arg(1);
  if (a.is_number() && b.is_number()) return apply(call, kMinus, a, b);
  if (a.is_set() && b.is_set()) {
    std::vector<Term> rest;
    for (const Term& member : a.items()) {
      if (!b.contains(member)) rest.push_back(member);
    }
    return make_set(call.arena(), std::move(rest));
  }
  if (!a.is_number() && !a.is_set()) return call.wrong_type(0, "one of {number, set}");
  return call.wrong_type(1, a.is_set() ? "set" : "number");
}

bool is_zero(const Term& number) { return number == Term::integer(0); }

Outcome divide(Call& call) {
  const Term& a = call.arg(0);
  const Term& b = call.arg(1);
  if (is_zero(b)) return call.error("divide by zero");
  const auto x = to_big_integer(a);
  const auto y = x ? to_big_integer(b) : std::nullopt;
  if (x && y && *x % *y == 0) return make_number(call.arena(), BigInteger(*x / *y));
  return real_result(call, to_real(a) / to_real(b));
}

Outcome remainder(Call& call) {
  const Term& a = call.arg(0);
  const Term& b = call.arg(1);
  if (!is_integral(a) || !is_integral(b)) return call.error("modulo on floating-point number");
  if (is_zero(b)) return call.error("modulo by zero");
  const auto x = to_big_integer(a);
  const auto y = to_big_integer(b);
  if (!x || !y) return call.error("number too large");
  return make_number(call.arena(), BigInteger(*x % *y));
}

Outcome absolute(Call& call) {
  const Term& x = call.arg(0);
  if (compare(x, Term::integer(0)) >= 0) return x;
  const std::string text = number_text(x);
  return make_number(call.arena(), std::string_view(text).substr(1));
}

template <long double (*round)(long double)>
Outcome rounded(Call& call) {
  const Term& x = call.arg(0);
  if (const auto whole = to_big_integer(x)) return make_number(call.arena(), *whole);
  return real_result(call, round(to_real(x)));
}

constexpr std::string_view kUnary = "(x: number) => (y: number)";
constexpr std::string_view kBinary = "(x: number, y: number) => (z: number)";
constexpr Builtin kArithmetic[] = {
    {"abs", kUnary, &absolute},
    {"ceil", kUnary, &rounded<std::ceil>},
    {"div", kBinary, &divide, Trait::none, "/"},
    {"floor", kUnary, &rounded<std::floor>},
    {"minus", "(x: any<number, set[any]>, y: any<number, set[any]>) => (z: any<number, set[any]>)",
     &minus, Trait::none, "-"},
    {"mul", kBinary, &times, Trait::none, "*"},
    {"plus", kBinary, &plus, Trait::none, "+"},
    {"rem", kBinary, &remainder, Trait::none, "%"},
    {"round", kUnary, &rounded<std::round>},
};

}  // namespace

std::span<const Builtin> arithmetic_builtins() { return kArithmetic; }

}  // namespace writ::rego
