#include <fmt/format.h>

#include <algorithm>

#include "policy/graphql/schema_check.h"

namespace writ::rego::graphql {
namespace {

using Checked = std::optional<Problem>;

bool covariant(const Schema& schema, const Term& required, const Term& actual) {
  if (flag(required, "NonNull") && !flag(actual, "NonNull")) return false;
  const std::string_view wanted = text(required, "NamedType");
  if (!wanted.empty()) {
    const std::string_view given = text(actual, "NamedType");
    return wanted == given ||
           std::ranges::any_of(schema.possible(wanted),
                               [&](const Definition* type) { return type->name == given; });
  }
  return child(actual, "Elem").is_object() &&
         covariant(schema, child(required, "Elem"), child(actual, "Elem"));
}

// Whether a value of `type` fits where `other` is wanted.
bool compatible(const Term& type, const Term& other) {
  if (text(type, "NamedType") != text(other, "NamedType")) return false;
  if (child(type, "Elem").is_object() && (!child(other, "Elem").is_object() ||
                                          !compatible(child(type, "Elem"), child(other, "Elem")))) {
    return false;
  }
  return !flag(other, "NonNull") || flag(type, "NonNull");
}

// What messages about an interface begin with.
std::string to_implement(const Definition& definition, const Definition& interface) {
  return fmt::format("For {} to implement {} ", definition.name, interface.name);
}

Checked check_implemented_arguments(const Definition& definition, const Definition& interface,
                                    const Term& required, const Term& found) {
  const std::string start = to_implement(definition, interface);
  for (const Term& argument : list(required, "Arguments")) {
    const Term* const own = find_named(list(found, "Arguments"), text(argument, "Name"));
    if (own == nullptr) {
      return problem_at(found, fmt::format("{}the field {} must have the same arguments but it is "
                                           "missing {}.",
                                           start, text(required, "Name"), text(argument, "Name")));
    }
    if (!compatible(child(argument, "Type"), child(*own, "Type"))) {
      return problem_at(*own, fmt::format("{}the field {} must have the same arguments but {} has "
                                          "the wrong type.",
                                          start, text(required, "Name"), text(argument, "Name")));
    }
  }
  for (const Term& argument : list(found, "Arguments")) {
    if (find_named(list(required, "Arguments"), text(argument, "Name")) == nullptr &&
        flag(child(argument, "Type"), "NonNull") && !child(argument, "DefaultValue").is_defined()) {
      return problem_at(argument,
                        fmt::format("{}any additional arguments on {} must be optional or have a "
                                    "default value but {} is required.",
                                    start, text(found, "Name"), text(argument, "Name")));
    }
  }
  return std::nullopt;
}

Checked check_implemented_fields(const Schema& schema, const Definition& definition,
                                 const Definition& interface) {
  for (const Term& required : interface.fields) {
    const Term* const found = find_named(definition.fields, text(required, "Name"));
    const std::string start = to_implement(definition, interface);
    if (found == nullptr) {
      return problem_at(definition.at, fmt::format("{}it must have a field called {}.", start,
                                                   text(required, "Name")));
    }
    if (!covariant(schema, child(required, "Type"), child(*found, "Type"))) {
      return problem_at(
          *found, fmt::format("{}the field {} must have type {}.", start, text(required, "Name"),
                              type_text(child(required, "Type"))));
    }
    if (auto problem = check_implemented_arguments(definition, interface, required, *found)) {
      return problem;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> check_interfaces(const Schema& schema, const Definition& definition) {
  for (const std::string& name : definition.interfaces) {
    const Definition* const interface = schema.type(name);
    if (interface == nullptr) return problem_at(definition.at, "Undefined type \"" + name + "\".");
    if (interface->kind != "INTERFACE") {
      return problem_at(definition.at,
                        fmt::format("\"{}\" is a non interface type {}.", name, interface->kind));
    }
    if (auto problem = check_implemented_fields(schema, definition, *interface)) return problem;
    for (const std::string& ancestor : interface->interfaces) {
      if (std::ranges::find(definition.interfaces, ancestor) != definition.interfaces.end()) {
        continue;
      }
      if (ancestor == definition.name) {
        return problem_at(definition.at,
                          fmt::format("Type {} cannot implement {} because it would create a "
                                      "circular reference.",
                                      definition.name, name));
      }
      return problem_at(definition.at,
                        fmt::format("Type {} must implement {} because it is implemented by {}.",
                                    definition.name, ancestor, name));
    }
  }
  return std::nullopt;
}

}  // namespace writ::rego::graphql
