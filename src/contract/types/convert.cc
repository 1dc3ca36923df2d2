#include "contract/types/convert.h"

#include <algorithm>

#include "base/suggest.h"

namespace writ::contract {

Result<void> read_value(const Value& from, Value& to) {
  to = from;
  return {};
}

Result<void> read_value(const Value& from, std::string& to) {
  if (!from.is_string()) return fail(Code::invalid_input, "is no string");
  to = from.as_string();
  return {};
}

Result<void> read_value(const Value& from, std::int64_t& to) {
  if (!from.is_integer()) return fail(Code::invalid_input, "is no integer");
  to = from.as_integer();
  return {};
}

Result<void> read_value(const Value& from, double& to) {
  if (!from.is_number()) return fail(Code::invalid_input, "is no number");
  to = from.as_number();
  return {};
}

Result<void> read_value(const Value& from, bool& to) {
  if (!from.is_bool()) return fail(Code::invalid_input, "is no boolean");
  to = from.as_bool();
  return {};
}

Result<std::size_t> read_word(const Value& from, std::span<const std::string_view> words) {
  if (!from.is_string()) return fail(Code::invalid_input, "is no string");
  const auto at = std::ranges::find(words, from.as_string());
  if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
  return fail(Code::invalid_input,
              "is none of the words that there are" + did_you_mean(from.as_string(), words));
}

Result<const Value*> find_member(const Value& from, std::string_view key) {
  if (!from.is_object()) return fail(Code::invalid_input, "is no object");
  return from.find(key);
}

std::unexpected<Error> wrong_member(Error error, std::string_view key) {
  const bool is_inner = error.message.starts_with('`');
  error.message = is_inner ? "`" + std::string(key) + "." + error.message.substr(1)
                           : "`" + std::string(key) + "` " + error.message;
  return std::unexpected(std::move(error));
}

std::unexpected<Error> missing_member(std::string_view key) {
  return fail(Code::invalid_input, "`" + std::string(key) + "` is missing");
}

}  // namespace writ::contract
