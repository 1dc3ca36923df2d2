#include <fmt/format.h>

#include "base/encoding.h"
#include "policy/builtins/builtin.h"
#include "policy/term/number.h"

namespace writ::rego {

std::any& CallCache::slot(std::string_view family, std::string_view key) {
  std::string name;
  name.reserve(family.size() + 1 + key.size());
  name.append(family).append(1, '\0').append(key);
  if (slots_.size() >= kMost && !slots_.contains(name)) slots_.clear();
  return slots_[std::move(name)];
}

Outcome Call::error(std::string message) {
  problem_ = {BuiltinError::Kind::builtin, fmt::format("{}: {}", name(), message)};
  return failed();
}

Outcome Call::type_error(std::string message) {
  problem_ = {BuiltinError::Kind::type, fmt::format("{}: {}", name(), message)};
  return failed();
}

Outcome Call::conflict(std::string message) {
  problem_ = {BuiltinError::Kind::conflict, std::move(message)};
  return failed();
}

Outcome Call::bad_operand(std::size_t i, std::string_view message) {
  return type_error(fmt::format("operand {} {}", i + 1, message));
}

Outcome Call::wrong_type(std::size_t i, std::string_view wanted) {
  return bad_operand(i, fmt::format("must be {} but got {}", wanted, kind_name(arg(i).kind())));
}

std::optional<std::int64_t> Call::integer(std::size_t i) {
  if (!arg(i).is_number()) {
    wrong_type(i, "number");
    return std::nullopt;
  }
  const auto value = to_int64(arg(i));
  if (value) return value;
  bad_operand(i, is_integral(arg(i)) ? "must be an integer of at most 64 bits"
                                     : "must be integer number but got floating-point number");
  return std::nullopt;
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(std::max<std::size_t>(utf8_sequence(text), 1));
    ++count;
  }
  return count;
}

}  // namespace writ::rego
