#pragma once
// Values to members of generated types and back. Generated code alone calls this.
//
// Reading takes what the schema lets through: call it after validation, or take its errors as the
// shape's first defect.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace writ::contract {

// Errors of all of them: invalid_input (another kind of value).
Result<void> read_value(const Value& from, Value& to);
Result<void> read_value(const Value& from, std::string& to);
Result<void> read_value(const Value& from, std::int64_t& to);
Result<void> read_value(const Value& from, double& to);
Result<void> read_value(const Value& from, bool& to);
// The place of a text among `words`.
Result<std::size_t> read_word(const Value& from, std::span<const std::string_view> words);

template <typename T>
concept Generated = requires(const Value& value, const T& t) {
  { T::from_value(value) };
  { t.to_value() };
};
// An enumeration, whose texts `words_of` has in the order of its enumerators.
template <typename E>
concept Choice = std::is_enum_v<E> && requires(E e) { words_of(e); };

template <Generated T>
Result<void> read_value(const Value& from, T& to) {
  WRIT_TRY(to, T::from_value(from));
  return {};
}

template <Choice E>
Result<void> read_value(const Value& from, E& to) {
  WRIT_TRY(const std::size_t index, read_word(from, words_of(E{})));
  to = static_cast<E>(index);
  return {};
}

template <typename T>
Result<void> read_value(const Value& from, std::vector<T>& to);

template <typename T>
Result<void> read_value(const Value& from, std::map<std::string, T>& to) {
  if (!from.is_object()) return fail(Code::invalid_input, "is no object");
  for (const Member& member : from.as_object()) {
    WRIT_CHECK(read_value(member.value, to[member.key]));
  }
  return {};
}

template <typename T>
Result<void> read_value(const Value& from, std::vector<T>& to) {
  if (!from.is_array()) return fail(Code::invalid_input, "is no list");
  for (const Value& item : from.as_array()) {
    T one{};
    WRIT_CHECK(read_value(item, one));
    to.push_back(std::move(one));
  }
  return {};
}

inline Value write_value(const Value& from) { return from; }
inline Value write_value(const std::string& from) { return from; }
inline Value write_value(std::int64_t from) { return from; }
inline Value write_value(double from) { return from; }
inline Value write_value(bool from) { return from; }
template <Generated T>
Value write_value(const T& from) {
  return from.to_value();
}
template <Choice E>
Value write_value(E from) {
  return words_of(from)[static_cast<std::size_t>(from)];
}
template <typename T>
Value write_value(const std::vector<T>& from);
template <typename T>
Value write_value(const std::map<std::string, T>& from) {
  Object out;
  for (const auto& [key, value] : from) out.append(key, write_value(value));
  return out;
}
template <typename T>
Value write_value(const std::vector<T>& from) {
  Array out;
  for (const T& one : from) out.push_back(write_value(one));
  return out;
}

// The members of one object, read and written one after the other.
Result<const Value*> find_member(const Value& from, std::string_view key);  // nullptr: not there
std::unexpected<Error> wrong_member(Error error, std::string_view key);
std::unexpected<Error> missing_member(std::string_view key);

template <typename T>
Result<void> read_member(const Value& from, std::string_view key, T& to) {
  WRIT_TRY(const Value* const member, find_member(from, key));
  if (member == nullptr) return missing_member(key);
  if (auto read = read_value(*member, to); !read) return wrong_member(std::move(read).error(), key);
  return {};
}

// Absent and null are the same: nothing.
template <typename T>
Result<void> read_member(const Value& from, std::string_view key, std::optional<T>& to) {
  WRIT_TRY(const Value* const member, find_member(from, key));
  if (member == nullptr || member->is_null()) return {};
  to.emplace();
  if (auto read = read_value(*member, *to); !read) {
    return wrong_member(std::move(read).error(), key);
  }
  return {};
}

template <typename T>
void write_member(Object& to, std::string_view key, const T& from) {
  to.append(std::string(key), write_value(from));
}

template <typename T>
void write_member(Object& to, std::string_view key, const std::optional<T>& from) {
  if (from) to.append(std::string(key), write_value(*from));
}

// Of a member that has to be there: nothing is null.
template <typename T>
void write_nullable(Object& to, std::string_view key, const std::optional<T>& from) {
  to.append(std::string(key), from ? write_value(*from) : Value());
}

}  // namespace writ::contract
