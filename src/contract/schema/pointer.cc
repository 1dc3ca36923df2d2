#include "contract/schema/pointer.h"

#include <charconv>

#include "base/value.h"

namespace writ::contract {

void append_pointer(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

void append_pointer(std::string& pointer, std::size_t index) {
  pointer += '/';
  pointer += std::to_string(index);
}

std::optional<std::vector<std::string>> parse_pointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const char c = pointer[i];
    if (c == '/') {
      tokens.emplace_back();
    } else if (c != '~') {
      tokens.back() += c;
    } else {
      const char next = i + 1 < pointer.size() ? pointer[i + 1] : '\0';
      if (next != '0' && next != '1') return std::nullopt;
      tokens.back() += next == '0' ? '~' : '/';
      ++i;
    }
  }
  return tokens;
}

const Value* pointer_step(const Value& value, std::string_view token) {
  if (value.is_object()) return value.as_object().find(token);
  if (!value.is_array() || token.empty()) return nullptr;
  if (token.size() > 1 && token.front() == '0') return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return nullptr;
  return index < value.as_array().size() ? &value.as_array()[index] : nullptr;
}

}  // namespace writ::contract
