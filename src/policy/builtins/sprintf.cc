// sprintf, with the verbs, flags and faults of Go's fmt.Sprintf.
#include <cmath>

#include "policy/builtins/families.h"
#include "policy/builtins/go_format.h"
#include "policy/builtins/operands.h"
#include "policy/term/number.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

// Whole numbers that are spelled as such are integers to Go; 1.0 and 1e2 are floats.
GoValue go_number(const Term& number) {
  if (number.is_small_integer()) return GoValue::of(number.as_small_integer());
  std::string text = number_text(number);
  if (text == "-0") return GoValue::of(std::int64_t{0});
  if (text.find_first_of(".eE") == std::string::npos) return GoValue::big(std::move(text));
  const double real = to_double(number);
  return std::isfinite(real) ? GoValue::of(real) : GoValue::of(std::move(text));
}

GoValue go_value(const Term& term) {
  if (term.is_number()) return go_number(term);
  if (term.is_string()) return GoValue::of(std::string(term.text()));
  return GoValue::of(to_rego(term));
}

Outcome sprintf(Call& call) {
  std::vector<GoValue> values;
  values.reserve(call.arg(1).size());
  for (const Term& value : call.arg(1).items()) {
    if (!text_fits(call, value)) return Outcome::undefined();
    values.push_back(go_value(value));
  }
  BoundedText out(call);
  if (!go_format(out, call.arg(0).text(), values)) return Outcome::undefined();
  return out.term();
}

constexpr Builtin kSprintf[] = {
    {"sprintf", "(format: string, values: array[any]) => (output: string)", &sprintf},
};

}  // namespace

std::span<const Builtin> sprintf_builtins() { return kSprintf; }

}  // namespace writ::rego
