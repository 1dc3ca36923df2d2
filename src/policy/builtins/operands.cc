#include "policy/builtins/operands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "policy/term/number.h"

namespace writ::rego {
namespace {

// Adds up what the parts of a term take at least, as long as it is within the room.
class TextMeasure {
 public:
  explicit TextMeasure(const Call& call) : call_(call), room_(call.arena().room()) {}

  bool add(const Term& term) {
    if (++terms_ % 4096 == 0 && !call_.keep_going()) return false;
    if ((bytes_ += own_size(term)) > room_) return false;
    if (term.is_object()) {
      return std::ranges::all_of(term.keys(), [&](const Term& key) { return add(key); }) &&
             std::ranges::all_of(term.values(), [&](const Term& value) { return add(value); });
    }
    if (!term.is_collection()) return true;
    return std::ranges::all_of(term.items(), [&](const Term& item) { return add(item); });
  }

 private:
  static std::size_t own_size(const Term& term) {
    if (term.is_string()) return term.text().size() + 2;
    if (term.is_number() && !term.is_small_integer()) return term.number_text().size() + 1;
    return 2;
  }

  const Call& call_;
  std::size_t room_;
  std::size_t bytes_ = 0;
  std::size_t terms_ = 0;
};

}  // namespace

bool text_fits(Call& call, const Term& term) {
  if (!term.is_collection() || TextMeasure(call).add(term)) return true;
  call.arena().admit(SIZE_MAX);
  return false;
}

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
