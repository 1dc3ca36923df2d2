#include "policy/builtins/json_schema_form.h"

#include <algorithm>

namespace writ::rego {
namespace {

constexpr int kDeepest = 200;
constexpr std::string_view kTypes[] = {"array", "boolean", "integer", "number",
                                       "null",  "object",  "string"};
// Keywords whose value is a schema, a list of schemas, or schemas by name.
constexpr std::string_view kSchema[] = {"additionalItems",
                                        "additionalProperties",
                                        "contains",
                                        "else",
                                        "if",
                                        "items",
                                        "not",
                                        "propertyNames",
                                        "then"};
constexpr std::string_view kList[] = {"allOf", "anyOf", "items", "oneOf"};
constexpr std::string_view kNamed[] = {"$defs", "definitions", "dependencies", "patternProperties",
                                       "properties"};

template <std::size_t N>
bool is_in(const std::string_view (&list)[N], std::string_view name) {
  return std::ranges::find(list, name) != std::end(list);
}

std::unexpected<Error> no_such_type(std::string_view type) {
  return fail(Code::invalid_input,
              "has a primitive type that is NOT VALID -- given: /" + std::string(type) +
                  "/ Expected valid values are:[array boolean integer number null object string]");
}

Result<void> check_type(const Value& type) {
  if (type.is_string() && !is_in(kTypes, type.as_string())) return no_such_type(type.as_string());
  if (!type.is_array()) return {};
  for (const Value& one : type.as_array()) {
    if (one.is_string() && !is_in(kTypes, one.as_string())) return no_such_type(one.as_string());
  }
  return {};
}

Result<Value> converted(const Value& schema, int depth);

Result<Value> converted_keyword(std::string_view name, const Value& value, int depth) {
  if (value.is_array() && is_in(kList, name)) {
    Array out;
    for (const Value& one : value.as_array()) {
      WRIT_TRY(Value schema, converted(one, depth + 1));
      out.push_back(std::move(schema));
    }
    return Value(std::move(out));
  }
  if (value.is_object() && is_in(kNamed, name)) {
    Object out;
    for (const Member& member : value.as_object()) {
      WRIT_TRY(Value schema, converted(member.value, depth + 1));
      out.append(member.key, std::move(schema));
    }
    return Value(std::move(out));
  }
  if (is_in(kSchema, name)) return converted(value, depth + 1);
  return value;
}

// Draft-04: {"minimum": 3, "exclusiveMinimum": true}.
void convert_bound(Object& schema, const std::string& bound, const std::string& exclusive) {
  const Value* const flag = schema.find(exclusive);
  if (flag == nullptr || !flag->is_bool()) return;
  const bool is_exclusive = flag->as_bool();
  schema.erase(exclusive);
  const Value* const limit = schema.find(bound);
  if (!is_exclusive || limit == nullptr) return;
  Value value = *limit;
  schema.erase(bound);
  schema.set(exclusive, std::move(value));
}

Result<Value> converted(const Value& schema, int depth) {
  if (!schema.is_object()) return schema;
  if (depth > kDeepest) return fail(Code::invalid_input, "schema is nested too deeply");
  if (const Value* const type = schema.find("type")) WRIT_CHECK(check_type(*type));
  Object out;
  for (const Member& member : schema.as_object()) {
    if (member.key == "$schema") continue;  // what is here is draft-07 now
    WRIT_TRY(Value value, converted_keyword(member.key, member.value, depth));
    const bool is_old_id =
        member.key == "id" && value.is_string() && !schema.as_object().contains("$id");
    out.append(is_old_id ? "$id" : member.key, std::move(value));
  }
  convert_bound(out, "minimum", "exclusiveMinimum");
  convert_bound(out, "maximum", "exclusiveMaximum");
  return Value(std::move(out));
}

}  // namespace

Result<Value> as_draft_07(const Value& schema) { return converted(schema, 0); }

}  // namespace writ::rego
