#include "contract/schema/shape.h"

#include <algorithm>
#include <cmath>

#include "contract/schema/type_names.h"

namespace writ::contract {
namespace {

bool is_schema(const Value& value) { return value.is_object() || value.is_bool(); }

bool is_size(const Value& value) {
  return value.is_number() && value.as_number() >= 0 &&
         std::trunc(value.as_number()) == value.as_number();
}

bool are_strings(const Value& value) {
  return value.is_array() && std::all_of(value.as_array().begin(), value.as_array().end(),
                                         [](const Value& v) { return v.is_string(); });
}

template <typename Predicate>
bool all_members(const Value& value, Predicate predicate) {
  return value.is_object() &&
         std::all_of(value.as_object().begin(), value.as_object().end(),
                     [&](const Member& member) { return predicate(member.value); });
}

bool are_schemas(const Value& value) {
  return value.is_array() && !value.as_array().empty() &&
         std::all_of(value.as_array().begin(), value.as_array().end(), is_schema);
}

std::string wrong_type(const Value& value) {
  const auto known = [](const Value& name) {
    return name.is_string() && find_type(name.as_string()).has_value();
  };
  if (known(value)) return {};
  if (value.is_array() && !value.as_array().empty() &&
      std::all_of(value.as_array().begin(), value.as_array().end(), known)) {
    return {};
  }
  return "must be one or several of null, boolean, object, array, number, string, integer";
}

}  // namespace

std::string wrong_shape(Holds holds, const Value& value) {
  const auto unless = [](bool fine, const char* message) {
    return fine ? std::string() : std::string(message);
  };
  switch (holds) {
    case Holds::anything:
      return {};
    case Holds::boolean:
      return unless(value.is_bool(), "must be true or false");
    case Holds::string:
      return unless(value.is_string(), "must be a string");
    case Holds::number:
      return unless(value.is_number(), "must be a number");
    case Holds::positive_number:
      return unless(value.is_number() && value.as_number() > 0, "must be a number above 0");
    case Holds::size:
      return unless(is_size(value), "must be an integer of at least 0");
    case Holds::strings:
      return unless(are_strings(value), "must be a list of strings");
    case Holds::strings_map:
      return unless(all_members(value, are_strings), "must map names to lists of strings");
    case Holds::type:
      return wrong_type(value);
    case Holds::array:
      return unless(value.is_array(), "must be a list");
    case Holds::schema:
      return unless(is_schema(value), "must be a schema: an object or a boolean");
    case Holds::schemas:
      return unless(are_schemas(value), "must be a list of at least one schema");
    case Holds::schema_map:
      return unless(all_members(value, is_schema), "must map names to schemas");
    case Holds::schema_or_schemas:
      return unless(
          is_schema(value) || (value.is_array() && value.as_array().empty()) || are_schemas(value),
          "must be a schema or a list of schemas");
    case Holds::dependencies:
      return unless(
          all_members(value, [](const Value& v) { return is_schema(v) || are_strings(v); }),
          "must map names to schemas or lists of strings");
  }
  return {};
}

}  // namespace writ::contract
