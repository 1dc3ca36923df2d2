// Bits of whole numbers of any size; negative ones have infinitely many ones in front.
#include "policy/builtins/families.h"
#include "policy/builtins/operands.h"
#include "policy/term/big_integer.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

std::optional<BigInteger> whole(Call& call, std::size_t i) {
  if (!check_integer(call, i)) return std::nullopt;
  auto value = to_big_integer(call.arg(i));
  if (!value) call.error("number too large");
  return value;
}

template <typename Combine>
Outcome combine(Call& call, Combine combine_bits) {
  const auto a = whole(call, 0);
  const auto b = a ? whole(call, 1) : std::nullopt;
  if (!b) return call.failed();
  return make_number(call.arena(), BigInteger(combine_bits(*a, *b)));
}

Outcome bits_and(Call& call) {
  return combine(call, [](const BigInteger& a, const BigInteger& b) { return BigInteger(a & b); });
}
Outcome bits_or(Call& call) {
  return combine(call, [](const BigInteger& a, const BigInteger& b) { return BigInteger(a | b); });
}
Outcome bits_xor(Call& call) {
  return combine(call, [](const BigInteger& a, const BigInteger& b) { return BigInteger(a ^ b); });
}

Outcome negate(Call& call) {
  const auto value = whole(call, 0);
  if (!value) return call.failed();
  return make_number(call.arena(), BigInteger(-*value - 1));
}

// By how much to shift, if it is a count at all.
std::optional<std::uint64_t> shift_of(Call& call) {
  const auto count = whole(call, 1);
  if (!count) return std::nullopt;
  if (*count < 0) {
    call.bad_operand(1, "must be an unsigned integer number but got a negative integer");
    return std::nullopt;
  }
  return *count > kMostDigits * 4 ? std::uint64_t{kMostDigits * 4}
                                  : static_cast<std::uint64_t>(*count);
}

Outcome shift_left(Call& call) {
  const auto value = whole(call, 0);
  const auto by = value ? shift_of(call) : std::nullopt;
  if (!by) return call.failed();
  const BigInteger shifted(*value << static_cast<unsigned>(*by));
  // As many bits as kMostDigits decimal digits have.
  if (shifted != 0 && msb(abs(shifted)) > kMostDigits * 10 / 3) {
    return call.error("number too large");
  }
  return make_number(call.arena(), shifted);
}

Outcome shift_right(Call& call) {
  const auto value = whole(call, 0);
  const auto by = value ? shift_of(call) : std::nullopt;
  if (!by) return call.failed();
  return make_number(call.arena(), BigInteger(*value >> static_cast<unsigned>(*by)));
}

constexpr std::string_view kBinary = "(x: number, y: number) => (z: number)";
constexpr std::string_view kShift = "(x: number, s: number) => (z: number)";
constexpr Builtin kBits[] = {
    {"bits.and", kBinary, &bits_and, Trait::checks_operands},
    {"bits.lsh", kShift, &shift_left, Trait::checks_operands},
    {"bits.negate", "(x: number) => (z: number)", &negate, Trait::checks_operands},
    {"bits.or", kBinary, &bits_or, Trait::checks_operands},
    {"bits.rsh", kShift, &shift_right, Trait::checks_operands},
    {"bits.xor", kBinary, &bits_xor, Trait::checks_operands},
};

}  // namespace

std::span<const Builtin> bit_builtins() { return kBits; }

}  // namespace writ::rego
