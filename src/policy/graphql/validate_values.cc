// Rules on values: literals and variables (GraphQL October 2021, sections 5.6 and 5.8).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "policy/graphql/suggestions.h"
#include "policy/graphql/walker.h"

namespace writ::rego::graphql {
namespace {

bool is_one_of(std::string_view name, std::string_view comma_list) {
  while (!comma_list.empty()) {
    const std::size_t end = std::min(comma_list.find(','), comma_list.size());
    if (comma_list.substr(0, end) == name) return true;
    comma_list.remove_prefix(std::min(end + 1, comma_list.size()));
  }
  return false;
}

// Whether a whole number has more than `T` can hold.
template <typename T>
bool overflows(std::string_view digits) {
  T value = 0;
  return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec ==
         std::errc::result_out_of_range;
}

// Whether a value of `type` fits where `wanted` is, but for the outermost non-null.
bool fits(const Term& type, const Term& wanted, bool must_not_be_null) {
  if (text(type, "NamedType") != text(wanted, "NamedType")) return false;
  const Term& inner = child(type, "Elem");
  const Term& wanted_inner = child(wanted, "Elem");
  if (inner.is_object() &&
      (!wanted_inner.is_object() || !fits(inner, wanted_inner, flag(wanted_inner, "NonNull")))) {
    return false;
  }
  return !must_not_be_null || flag(type, "NonNull");
}

}  // namespace

void Walker::on_value(const Term& value, const Expected& expected) {
  const ValueKind kind = value_kind(value);
  if (kind == ValueKind::variable) check_defined(value);
  if (kind == ValueKind::object) {
    std::set<std::string> seen;
    for (const Term& field : list(value, "Children")) {
      if (seen.emplace(text(field, "Name")).second) continue;
      add(field,
          fmt::format("There can be only one input field named \"{}\".", text(field, "Name")));
    }
  }
  if (expected.definition != nullptr && expected.type.is_defined()) check_value(value, expected);
  if (kind == ValueKind::variable) check_position(value, expected);
}

void Walker::check_defined(const Term& value) {
  if (operation_ == nullptr || variable_named(text(value, "Raw")) != nullptr) return;
  const std::string_view name = text(*operation_, "Name");
  add(value, fmt::format("Variable \"{}\" is not defined{}.", value_text(value),
                         name.empty() ? "" : fmt::format(" by operation \"{}\"", name)));
}

void Walker::check_value(const Term& value, const Expected& expected) {
  const ValueKind kind = value_kind(value);
  const Definition& type = *expected.definition;
  if (kind == ValueKind::null && flag(expected.type, "NonNull")) {
    add(value, fmt::format("Expected value of type \"{}\", found {}.", type_text(expected.type),
                           value_text(value)));
  }
  // Scalars of the schema's own take anything.
  if (type.kind == "SCALAR" && !is_one_of(type.name, "Int,Float,String,Boolean,ID")) return;
  switch (kind) {
    case ValueKind::list:
      if (!child(expected.type, "Elem").is_object()) add(value, unexpected(value, expected));
      break;
    case ValueKind::integer:
      if (overflows<std::int64_t>(text(value, "Raw"))) add(value, unexpected(value, expected));
      check_scalar(value, expected, "Int,Float,ID");
      break;
    case ValueKind::real:
      check_scalar(value, expected, "Float");
      break;
    case ValueKind::boolean:
      check_scalar(value, expected, "Boolean");
      break;
    case ValueKind::string:
    case ValueKind::block:
    case ValueKind::enumerator:
      check_enum(value, expected);
      break;
    case ValueKind::object:
      check_object(value, expected);
      break;
    case ValueKind::null:
    case ValueKind::variable:
      break;
  }
}

void Walker::check_scalar(const Term& value, const Expected& expected, std::string_view allowed) {
  if (!is_one_of(expected.definition->name, allowed)) add(value, unexpected(value, expected));
}

// A string, which may stand for a String or ID, or a name, which may stand for an enum's value.
void Walker::check_enum(const Term& value, const Expected& expected) {
  const Definition& type = *expected.definition;
  const bool is_name = value_kind(value) == ValueKind::enumerator;
  std::vector<std::string> known;
  for (const Term& one : type.enum_values) known.emplace_back(text(one, "Name"));
  const std::string_view raw = text(value, "Raw");
  if (type.kind != "ENUM") {
    if (is_name || !is_one_of(type.name, "String,ID")) add(value, unexpected(value, expected));
    return;
  }
  constexpr std::string_view kHint = "Did you mean the enum value";
  if (!is_name) {
    add(value,
        fmt::format("Enum \"{}\" cannot represent non-enum value: {}.{}", type_text(expected.type),
                    value_text(value), suggestion(kHint, raw, known)));
  } else if (std::ranges::find(known, raw) == known.end()) {
    add(value, fmt::format("Value \"{}\" does not exist in \"{}\" enum.{}", value_text(value),
                           type_text(expected.type), suggestion(kHint, raw, known)));
  }
}

void Walker::check_object(const Term& value, const Expected& expected) {
  const Definition& type = *expected.definition;
  const auto given = list(value, "Children");
  std::vector<std::string> known;
  for (const Term& field : type.fields) {
    known.emplace_back(text(field, "Name"));
    if (!flag(child(field, "Type"), "NonNull") || child(field, "DefaultValue").is_defined() ||
        find_named(given, known.back()) != nullptr) {
      continue;
    }
    add(value, fmt::format("Field \"{}.{}\" of required type \"{}\" was not provided.", type.name,
                           known.back(), type_text(child(field, "Type"))));
  }
  if (find_named(type.directives, "oneOf") != nullptr) {
    if (given.size() != 1) {
      add(value, fmt::format("OneOf Input Object \"{}\" must specify exactly one key.", type.name));
    } else if (value_kind(child(given[0], "Value")) == ValueKind::null) {
      add(child(given[0], "Value"),
          fmt::format("Field \"{}.{}\" must be non-null.", type.name, text(given[0], "Name")));
    }
  }
  for (const Term& field : given) {
    const std::string_view name = text(field, "Name");
    if (std::ranges::find(known, name) != known.end()) continue;
    add(field, fmt::format("Field \"{}\" is not defined by type \"{}\".{}", name, type.name,
                           suggestion("Did you mean", name, known)));
  }
}

// A variable where its type does not fit.
void Walker::check_position(const Term& value, const Expected& expected) {
  const Term* const variable = variable_named(text(value, "Raw"));
  if (variable == nullptr || !expected.type.is_defined()) return;
  const Term& fallback = child(*variable, "DefaultValue");
  const bool has_fallback = fallback.is_defined() && value_kind(fallback) != ValueKind::null;
  const bool must_not_be_null =
      flag(expected.type, "NonNull") && !has_fallback && !expected.has_default;
  if (fits(child(*variable, "Type"), expected.type, must_not_be_null)) return;
  add(value, fmt::format("Variable \"{}\" of type \"{}\" used in position expecting type \"{}\".",
                         value_text(value), type_text(child(*variable, "Type")),
                         type_text(expected.type)));
}

std::string Walker::unexpected(const Term& value, const Expected& expected) const {
  const std::string type = type_text(expected.type);
  const std::string shown = value_text(value);
  if (type == "Int" || type == "Int!") {
    if (overflows<std::int32_t>(text(value, "Raw"))) {
      return "Int cannot represent non 32-bit signed integer value: " + shown;
    }
    return "Int cannot represent non-integer value: " + shown;
  }
  if (type == "String" || type == "String!" || type == "[String]") {
    return "String cannot represent a non string value: " + shown;
  }
  if (type == "Boolean" || type == "Boolean!") {
    return "Boolean cannot represent a non boolean value: " + shown;
  }
  if (type == "Float" || type == "Float!") {
    return "Float cannot represent non numeric value: " + shown;
  }
  if (type == "ID" || type == "ID!") {
    return "ID cannot represent a non-string and non-integer value: " + shown;
  }
  if (expected.definition->kind == "ENUM") {
    return fmt::format("Enum \"{}\" cannot represent non-enum value: {}.", type, shown);
  }
  return fmt::format("Expected value of type \"{}\", found {}.", type, shown);
}

}  // namespace writ::rego::graphql
