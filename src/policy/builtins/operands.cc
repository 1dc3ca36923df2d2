#include "policy/builtins/operands.h"

#include <fmt/format.h>

#include "policy/term/number.h"

namespace writ::rego {

Outcome wrong_element(Call& call, std::size_t i, const Term& element, std::string_view wanted) {
  const std::string_view of = kind_name(call.arg(i).kind());
  return call.bad_operand(i, fmt::format("must be {} of {}s but got {} containing {}", of, wanted,
                                         of, kind_name(element.kind())));
}

std::optional<std::vector<std::string_view>> strings_of(Call& call, std::size_t i) {
  const Term& of = call.arg(i);
  std::vector<std::string_view> out;
  if (of.is_string()) {
    out.push_back(of.text());
    return out;
  }
  if (!of.is_array() && !of.is_set()) {
    call.wrong_type(i, "one of {string, set, array}");
    return std::nullopt;
  }
  out.reserve(of.size());
  for (const Term& item : of.items()) {
    if (!item.is_string()) {
      wrong_element(call, i, item, "string");
      return std::nullopt;
    }
    out.push_back(item.text());
  }
  return out;
}

bool check_integer(Call& call, std::size_t i) {
  if (!call.arg(i).is_number()) {
    call.wrong_type(i, "integer");
    return false;
  }
  if (is_integral(call.arg(i))) return true;
  call.bad_operand(i, "must be integer number but got floating-point number");
  return false;
}

}  // namespace writ::rego
