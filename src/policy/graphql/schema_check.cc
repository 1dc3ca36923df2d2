#include "policy/graphql/schema_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace writ::rego::graphql {
namespace {

using Checked = std::optional<Problem>;

constexpr int kDeepest = 200;

Checked check_name(const Term& node, std::string_view name) {
  if (!name.starts_with("__")) return std::nullopt;
  return problem_at(node, fmt::format("Name \"{}\" must not begin with \"__\", which is reserved "
                                      "by GraphQL introspection.",
                                      name));
}

Checked check_type_reference(const Schema& schema, const Term& type) {
  if (schema.type(type_name(type)) != nullptr) return std::nullopt;
  return problem_at(type, fmt::format("Undefined type {}.", type_name(type)));
}

Checked check_arguments(const Schema& schema, std::span<const Term> arguments,
                        std::string_view inside) {
  for (const Term& argument : arguments) {
    const Term& type = child(argument, "Type");
    if (auto problem = check_name(argument, text(argument, "Name"))) return problem;
    if (auto problem = check_type_reference(schema, type)) return problem;
    const Definition& definition = *schema.type(type_name(type));
    if (!definition.is_input()) {
      return problem_at(
          argument, fmt::format("cannot use {} as argument {} because {} is not a valid input type",
                                type_text(type), text(argument, "Name"), definition.kind));
    }
    if (auto problem = check_directives(schema, list(argument, "Directives"), "ARGUMENT_DEFINITION",
                                        inside, Occurs::once)) {
      return problem;
    }
  }
  return std::nullopt;
}

Checked check_fields(const Schema& schema, const Definition& definition) {
  const std::string_view location =
      definition.kind == "INPUT_OBJECT" ? "INPUT_FIELD_DEFINITION" : "FIELD_DEFINITION";
  for (const Term& field : definition.fields) {
    if (auto problem = check_name(field, text(field, "Name"))) return problem;
    if (auto problem = check_type_reference(schema, child(field, "Type"))) return problem;
    if (auto problem = check_arguments(schema, list(field, "Arguments"), {})) return problem;
    if (auto problem =
            check_directives(schema, list(field, "Directives"), location, {}, Occurs::once)) {
      return problem;
    }
  }
  return std::nullopt;
}

Checked check_members(const Schema& schema, const Definition& definition) {
  for (const std::string& name : definition.types) {
    const Definition* const type = schema.type(name);
    if (type == nullptr) return problem_at(definition.at, "Undefined type \"" + name + "\".");
    if (type->kind != "OBJECT") {
      return problem_at(definition.at,
                        fmt::format("{} type \"{}\" must be OBJECT.", definition.kind, name));
    }
  }
  return std::nullopt;
}

Checked check_field_types(const Schema& schema, const Definition& definition) {
  const bool is_input = definition.kind == "INPUT_OBJECT";
  if (definition.fields.empty()) {
    return problem_at(definition.at,
                      fmt::format("{} {}: must define one or more {}.", definition.kind,
                                  definition.name, is_input ? "input fields" : "fields"));
  }
  for (const Term& field : definition.fields) {
    const Definition& type = *schema.type(type_name(child(field, "Type")));
    if (is_input && !type.is_input()) {
      return problem_at(
          field, fmt::format("{} {}: field must be one of SCALAR, ENUM, INPUT_OBJECT.", type.kind,
                             text(field, "Name")));
    }
    if (!is_input && type.kind == "INPUT_OBJECT") {
      return problem_at(
          field, fmt::format("{} {}: field must be one of SCALAR, OBJECT, INTERFACE, UNION, ENUM.",
                             definition.kind, definition.name));
    }
  }
  return std::nullopt;
}

Checked check_enum_values(const Schema& schema, const Definition& definition) {
  if (definition.enum_values.empty()) {
    return problem_at(definition.at, fmt::format("{} {}: must define one or more unique enum "
                                                 "values.",
                                                 definition.kind, definition.name));
  }
  for (const Term& value : definition.enum_values) {
    const std::string_view name = text(value, "Name");
    if (name == "true" || name == "false" || name == "null") {
      return problem_at(definition.at, fmt::format("{} {}: non-enum value {}.", definition.kind,
                                                   definition.name, name));
    }
    if (auto problem =
            check_directives(schema, list(value, "Directives"), "ENUM_VALUE", {}, Occurs::once)) {
      return problem;
    }
  }
  return std::nullopt;
}

Checked check_kind(const Schema& schema, const Definition& definition) {
  if (definition.kind == "ENUM") return check_enum_values(schema, definition);
  if (definition.kind == "OBJECT" || definition.kind == "INTERFACE" ||
      definition.kind == "INPUT_OBJECT") {
    return check_field_types(schema, definition);
  }
  return std::nullopt;
}

// Names that occur twice.
Checked check_unique(const Definition& definition) {
  std::set<std::string_view> seen;
  for (const Term& field : definition.fields) {
    if (!seen.insert(text(field, "Name")).second) {
      return problem_at(field, fmt::format("Field {}.{} can only be defined once.", definition.name,
                                           text(field, "Name")));
    }
  }
  seen.clear();
  for (const Term& value : definition.enum_values) {
    if (!seen.insert(text(value, "Name")).second) {
      return problem_at(value, fmt::format("Enum value {}.{} can only be defined once.",
                                           definition.name, text(value, "Name")));
    }
  }
  seen.clear();
  for (const std::string& type : definition.types) {
    if (!seen.insert(type).second) {
      return problem_at(definition.at, fmt::format("Union type {} can only include type {} once.",
                                                   definition.name, type));
    }
  }
  return std::nullopt;
}

Checked check_definition(const Schema& schema, const Definition& definition) {
  if (auto problem = check_fields(schema, definition)) return problem;
  if (auto problem = check_members(schema, definition)) return problem;
  if (auto problem = check_interfaces(schema, definition)) return problem;
  if (auto problem = check_kind(schema, definition)) return problem;
  if (auto problem = check_unique(definition)) return problem;
  if (!definition.is_builtin) {
    if (auto problem = check_name(definition.at, definition.name)) return problem;
  }
  return check_directives(schema, definition.directives, definition.kind, {}, Occurs::merged);
}

// Input objects that contain themselves through fields that may not be null.
class CycleFinder {
 public:
  explicit CycleFinder(const Schema& schema) : schema_(schema) {}

  Checked visit(const Definition& definition) {
    if (!visited_.insert(definition.name).second) return std::nullopt;
    if (path_.size() >= kDeepest) return problem_at(definition.at, "nested too deeply");
    starts_[definition.name] = path_.size();
    for (const Term& field : definition.fields) {
      const Term& type = child(field, "Type");
      const Definition* const next =
          flag(type, "NonNull") ? schema_.type(text(type, "NamedType")) : nullptr;
      if (next == nullptr || next->kind != "INPUT_OBJECT") continue;
      path_.push_back(field);
      const auto start = starts_.find(next->name);
      if (start != starts_.end()) return cycle(next->name, start->second);
      if (auto problem = visit(*next)) return problem;
      path_.pop_back();
    }
    starts_.erase(definition.name);
    return std::nullopt;
  }

 private:
  Problem cycle(std::string_view name, std::size_t start) const {
    std::string fields;
    for (std::size_t i = start; i < path_.size(); ++i) {
      fields += (fields.empty() ? "" : ".") + std::string(text(path_[i], "Name"));
    }
    return problem_at(path_[start],
                      fmt::format("Cannot reference Input Object \"{}\" within itself through a "
                                  "series of non-null fields: \"{}\".",
                                  name, fields));
  }

  const Schema& schema_;
  std::set<std::string> visited_;
  std::map<std::string, std::size_t> starts_;
  std::vector<Term> path_;
};

Checked check_one_directive(const Term& applied, const Term& definition,
                            std::string_view location) {
  const std::string_view name = text(applied, "Name");
  const auto locations = list(definition, "Locations");
  if (std::ranges::none_of(
          locations, [&](const Term& one) { return one.is_string() && one.text() == location; })) {
    return problem_at(applied,
                      fmt::format("Directive {} is not applicable on {}.", name, location));
  }
  const auto given = list(applied, "Arguments");
  for (const Term& argument : given) {
    if (find_named(list(definition, "Arguments"), text(argument, "Name")) == nullptr) {
      return problem_at(argument, fmt::format("Undefined argument {} for directive {}.",
                                              text(argument, "Name"), name));
    }
  }
  for (const Term& argument : list(definition, "Arguments")) {
    if (!flag(child(argument, "Type"), "NonNull") || child(argument, "DefaultValue").is_defined()) {
      continue;
    }
    const Term* const own = find_named(given, text(argument, "Name"));
    if (own == nullptr || value_kind(child(*own, "Value")) == ValueKind::null) {
      return problem_at(applied, fmt::format("Argument {} for directive {} cannot be null.",
                                             text(argument, "Name"), name));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> check_directives(const Schema& schema, std::span<const Term> applied,
                                        std::string_view location, std::string_view inside,
                                        Occurs occurs) {
  std::set<std::string_view> seen;
  for (const Term& one : applied) {
    const std::string_view name = text(one, "Name");
    if (auto problem = check_name(one, name)) return problem;
    if (!inside.empty() && name == inside) {
      return problem_at(one, fmt::format("Directive {} cannot refer to itself.", inside));
    }
    const Term* const definition = schema.directive(name);
    if (definition == nullptr) {
      return problem_at(one, fmt::format("Undefined directive {}.", name));
    }
    if (occurs == Occurs::once && !seen.insert(name).second && !flag(*definition, "IsRepeatable")) {
      return problem_at(
          one, fmt::format("The directive {} can only be used once at this location.", name));
    }
    if (auto problem = check_one_directive(one, *definition, location)) return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_types(const Schema& schema) {
  for (const auto& [name, definition] : schema.types) {
    if (auto problem = check_definition(schema, definition)) return problem;
  }
  CycleFinder finder(schema);
  for (const auto& [name, definition] : schema.types) {
    if (definition.kind != "INPUT_OBJECT") continue;
    if (auto problem = finder.visit(definition)) return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_directive_definitions(const Schema& schema) {
  for (const auto& [name, definition] : schema.directives) {
    if (auto problem = check_name(definition, name)) return problem;
    if (auto problem = check_arguments(schema, list(definition, "Arguments"), name)) return problem;
  }
  return std::nullopt;
}

}  // namespace writ::rego::graphql
