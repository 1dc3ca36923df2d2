#include <cmath>

#include "policy/builtins/families.h"
#include "policy/term/big_integer.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

Outcome count(Call& call) {
  const Term& of = call.arg(0);
  if (of.is_collection()) return Term::integer(static_cast<std::int64_t>(of.size()));
  if (of.is_string()) return Term::integer(static_cast<std::int64_t>(code_points(of.text())));
  return call.wrong_type(0, "one of {array, object, set, string}");
}

bool is_list(const Term& term) { return term.is_array() || term.is_set(); }

// Folds numbers: exactly as long as all are whole, else as reals.
template <typename Fold>
Outcome fold(Call& call, std::int64_t start, Fold combine) {
  const Term& of = call.arg(0);
  if (!is_list(of)) return call.wrong_type(0, "one of {array, set}");
  BigInteger exact = start;
  long double real = static_cast<long double>(start);
  bool is_exact = true;
  for (const Term& item : of.items()) {
    if (!item.is_number()) {
      return call.bad_operand(0, "must be " + std::string(kind_name(of.kind())) +
                                     " of numbers but got " + std::string(kind_name(of.kind())) +
                                     " containing " + std::string(kind_name(item.kind())));
    }
    const auto whole = is_exact ? to_big_integer(item) : std::nullopt;
    is_exact = whole.has_value();
    if (whole) exact = combine(exact, *whole);
    real = combine(real, to_real(item));
    if (!call.keep_going()) return Outcome::undefined();
  }
  if (is_exact) return make_number(call.arena(), exact);
  if (!std::isfinite(real)) return call.error("result out of range");
  return make_real(call.arena(), real);
}

Outcome sum(Call& call) {
  return fold(call, 0,
              [](const auto& a, const auto& b) -> std::decay_t<decltype(a)> { return a + b; });
}

Outcome product(Call& call) {
  return fold(call, 1,
              [](const auto& a, const auto& b) -> std::decay_t<decltype(a)> { return a * b; });
}

Outcome largest(Call& call) {
  const Term& of = call.arg(0);
  if (!is_list(of)) return call.wrong_type(0, "one of {set, array}");
  if (of.size() == 0) return Outcome::undefined();
  return *std::max_element(of.items().begin(), of.items().end());
}

Outcome smallest(Call& call) {
  const Term& of = call.arg(0);
  if (!is_list(of)) return call.wrong_type(0, "one of {set, array}");
  if (of.size() == 0) return Outcome::undefined();
  return *std::min_element(of.items().begin(), of.items().end());
}

Outcome sort(Call& call) {
  const Term& of = call.arg(0);
  if (!is_list(of)) return call.wrong_type(0, "one of {set, array}");
  std::vector<Term> items(of.items().begin(), of.items().end());
  std::stable_sort(items.begin(), items.end());
  return make_array(call.arena(), items);
}

constexpr Builtin kAggregates[] = {
    {"count", "(collection: any<string, array[any], object[any: any], set[any]>) => (n: number)",
     &count},
    {"max", "(collection: any<array[any], set[any]>) => (n: any)", &largest},
    {"min", "(collection: any<array[any], set[any]>) => (n: any)", &smallest},
    {"product", "(collection: any<array[number], set[number]>) => (n: number)", &product},
    {"sort", "(collection: any<array[any], set[any]>) => (n: array[any])", &sort},
    {"sum", "(collection: any<array[number], set[number]>) => (n: number)", &sum},
};

}  // namespace

std::span<const Builtin> aggregate_builtins() { return kAggregates; }

}  // namespace writ::rego
