// Ranges of whole numbers, and random ones.
#include "policy/builtins/families.h"
#include "policy/builtins/operands.h"
#include "policy/term/big_integer.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// From the first operand to the second, both included if the steps meet it.
Outcome range(Call& call, const BigInteger& step) {
  const auto from = to_big_integer(call.arg(0));
  const auto to = to_big_integer(call.arg(1));
  if (!from || !to) return call.error("number too large");
  const BigInteger size = abs(BigInteger(*to - *from)) / step + 1;
  Arena& arena = call.arena();
  // Each element takes a Term here and one in the array.
  if (size > SIZE_MAX / 64 || !arena.admit(static_cast<std::size_t>(size) * 2 * sizeof(Term))) {
    arena.admit(SIZE_MAX);
    return Outcome::undefined();
  }
  const BigInteger delta = *from <= *to ? step : BigInteger(-step);
  std::vector<Term> numbers;
  const auto count = static_cast<std::size_t>(size);
  numbers.reserve(count);
  BigInteger at = *from;
  for (std::size_t i = 0; i < count; ++i, at += delta) {
    numbers.push_back(make_number(arena, at));
    if (i % 1024 == 0 && !call.keep_going()) return Outcome::undefined();
  }
  return make_array(arena, numbers);
}

Outcome numbers_range(Call& call) {
  if (!check_integer(call, 0) || !check_integer(call, 1)) return call.failed();
  return range(call, 1);
}

Outcome numbers_range_step(Call& call) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (!check_integer(call, i)) return call.failed();
  }
  const auto step = to_big_integer(call.arg(2));
  if (!step) return call.error("number too large");
  if (*step <= 0) return call.error("step must be a positive integer");
  return range(call, *step);
}

// One of 0 … n - 1, each as likely as the others.
std::uint64_t below(Random& random, std::uint64_t n) {
  const std::uint64_t rest = (UINT64_MAX - n + 1) % n;  // 2^64 mod n
  std::uint64_t drawn = 0;
  do {
    drawn = random.next_u64();
  } while (drawn < rest);
  return drawn % n;
}

Outcome intn(Call& call) {
  const auto n = call.integer(1);
  if (!n) return call.failed();
  if (*n == 0) return Term::integer(0);
  const std::uint64_t size =
      *n < 0 ? 0 - static_cast<std::uint64_t>(*n) : static_cast<std::uint64_t>(*n);
  return Term::integer(static_cast<std::int64_t>(below(*call.services().random, size)));
}

constexpr Builtin kNumbers[] = {
    {"numbers.range", "(a: number, b: number) => (range: array[number])", &numbers_range,
     Trait::checks_operands},
    {"numbers.range_step", "(a: number, b: number, step: number) => (range: array[number])",
     &numbers_range_step, Trait::checks_operands},
    {"rand.intn", "(str: string, n: number) => (y: number)", &intn, Trait::nondeterministic},
};

}  // namespace

std::span<const Builtin> number_builtins() { return kNumbers; }

}  // namespace writ::rego
