// Rules on fields, their arguments and directives.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "policy/graphql/suggestions.h"
#include "policy/graphql/walker.h"

namespace writ::rego::graphql {
namespace {

std::vector<std::string> names_of(std::span<const Term> nodes) {
  std::vector<std::string> out;
  for (const Term& node : nodes) out.emplace_back(text(node, "Name"));
  return out;
}

// Where the field can be found: interfaces that have it, the most used first, then objects.
std::vector<std::string> types_with_field(const Schema& schema, const Definition& parent,
                                          std::string_view name) {
  std::vector<std::string> out;
  if (!parent.is_abstract()) return out;
  std::map<std::string, int> uses;
  for (const Definition* const type : schema.possible(parent.name)) {
    if (find_named(type->fields, name) == nullptr) continue;
    out.push_back(type->name);
    for (const std::string& interface : type->interfaces) {
      const Definition* const definition = schema.type(interface);
      if (definition == nullptr || find_named(definition->fields, name) == nullptr) continue;
      if (uses[interface]++ == 0) out.push_back(interface);
    }
  }
  std::ranges::sort(out, [&](const std::string& a, const std::string& b) {
    const int x = uses.contains(a) ? uses[a] : 0;
    const int y = uses.contains(b) ? uses[b] : 0;
    return x != y ? x > y : a < b;
  });
  return out;
}

}  // namespace

void Walker::on_field(const Definition* parent, const Term* definition, const Term& field) {
  const std::string name(text(field, "Name"));
  if (parent != nullptr && definition == nullptr) check_known_field(*parent, field);
  const auto arguments = list(field, "Arguments");
  if (parent != nullptr && definition != nullptr) {
    const auto known = list(*definition, "Arguments");
    for (const Term& argument : arguments) {
      const std::string_view called = text(argument, "Name");
      if (find_named(known, called) != nullptr) continue;
      add(field, fmt::format("Unknown argument \"{}\" on field \"{}.{}\".{}", called, parent->name,
                             name, suggestion("Did you mean", called, names_of(known))));
    }
  }
  if (name == "__schema" || name == "__type") {
    std::set<std::string> inside;
    if (asks_too_deep(list(field, "SelectionSet"), inside, 0)) {
      add(field, "Maximum introspection depth exceeded");
    }
  }
  if (operation_ != nullptr && definition != nullptr) {
    const Definition* const type = schema_.type(type_name(child(*definition, "Type")));
    for (Problem& problem :
         overlapping_fields(schema_, document_, type, list(field, "SelectionSet"))) {
      if (problems_.size() < kMostProblems) problems_.push_back(std::move(problem));
    }
  }
  if (definition != nullptr) {
    check_required(field, *definition, fmt::format("Field \"{}\"", name));
    check_leaf(*definition, field);
  }
  check_unique_arguments(arguments);
}

void Walker::check_known_field(const Definition& parent, const Term& field) {
  const std::string_view name = text(field, "Name");
  std::string hint;
  if (const auto types = types_with_field(schema_, parent, name); !types.empty()) {
    hint = " Did you mean to use an inline fragment on " + quoted_or_list(types) + "?";
  } else if (parent.kind == "OBJECT" || parent.kind == "INTERFACE") {
    hint = suggestion("Did you mean", name, names_of(parent.fields));
  }
  add(field, fmt::format("Cannot query field \"{}\" on type \"{}\".{}", name, parent.name, hint));
}

void Walker::check_required(const Term& node, const Term& definition, const std::string& what) {
  for (const Term& argument : list(definition, "Arguments")) {
    const Term& type = child(argument, "Type");
    if (!flag(type, "NonNull") || child(argument, "DefaultValue").is_defined()) continue;
    if (find_named(list(node, "Arguments"), text(argument, "Name")) != nullptr) continue;
    add(node, fmt::format("{} argument \"{}\" of type \"{}\" is required, but it was not provided.",
                          what, text(argument, "Name"), type_text(type)));
  }
}

void Walker::check_leaf(const Term& definition, const Term& field) {
  const Term& type = child(definition, "Type");
  const Definition* const inside = schema_.type(type_name(type));
  if (inside == nullptr) return;
  const bool has_selection = !list(field, "SelectionSet").empty();
  const std::string_view name = text(field, "Name");
  if (inside->is_leaf() && has_selection) {
    add(field,
        fmt::format("Field \"{}\" must not have a selection since type \"{}\" has no subfields.",
                    name, inside->name));
  }
  if (!inside->is_leaf() && !has_selection) {
    add(field, fmt::format("Field \"{}\" of type \"{}\" must have a selection of subfields. Did "
                           "you mean \"{} {{ ... }}\"?",
                           name, type_text(type), name));
  }
}

void Walker::check_unique_arguments(std::span<const Term> arguments) {
  std::map<std::string, int> seen;
  for (const Term& argument : arguments) {
    if (seen[std::string(text(argument, "Name"))]++ != 1) continue;
    add(argument,
        fmt::format("There can be only one argument named \"{}\".", text(argument, "Name")));
  }
}

// Lists of types that nest more than three deep make answers of any size.
bool Walker::asks_too_deep(std::span<const Term> selections, std::set<std::string>& inside,
                           int depth) {
  static constexpr std::string_view kLists[] = {"fields", "interfaces", "possibleTypes",
                                                "inputFields"};
  for (const Term& selection : selections) {
    const std::string name(text(selection, "Name"));
    std::span<const Term> below = list(selection, "SelectionSet");
    int at = depth;
    const SelectionKind kind = selection_kind(selection);
    if (kind == SelectionKind::field && std::ranges::find(kLists, name) != std::end(kLists)) ++at;
    if (at >= 3) return true;
    if (kind == SelectionKind::spread) {
      const Term* const fragment = fragment_named(name);
      // Each fragment is looked at once: the first visit is the shallowest that matters here.
      if (fragment == nullptr || !inside.insert(name + '\0' + std::to_string(at)).second) continue;
      below = list(*fragment, "SelectionSet");
    }
    if (asks_too_deep(below, inside, at)) return true;
  }
  return false;
}

void Walker::on_directive(const Term& directive, std::string_view location) {
  const std::string_view name = text(directive, "Name");
  const Term* const definition = schema_.directive(name);
  const auto arguments = list(directive, "Arguments");
  if (definition == nullptr) {
    add(directive, fmt::format("Unknown directive \"@{}\".", name));
    check_unique_arguments(arguments);
    return;
  }
  const auto known = list(*definition, "Arguments");
  for (const Term& argument : arguments) {
    const std::string_view called = text(argument, "Name");
    if (find_named(known, called) != nullptr) continue;
    add(directive, fmt::format("Unknown argument \"{}\" on directive \"@{}\".{}", called, name,
                               suggestion("Did you mean", called, names_of(known))));
  }
  const auto locations = list(*definition, "Locations");
  if (std::ranges::none_of(
          locations, [&](const Term& one) { return one.is_string() && one.text() == location; })) {
    add(directive, fmt::format("Directive \"@{}\" may not be used on {}.", name, location));
  }
  check_required(directive, *definition, fmt::format("Directive \"@{}\"", name));
  check_unique_arguments(arguments);
}

void Walker::on_directives(std::span<const Term> directives) {
  std::set<std::string> seen;
  for (const Term& directive : directives) {
    const std::string name(text(directive, "Name"));
    const Term* const definition = schema_.directive(name);
    const bool repeatable = definition != nullptr && flag(*definition, "IsRepeatable");
    if (!seen.insert(name).second && !repeatable) {
      add(directive,
          fmt::format("The directive \"@{}\" can only be used once at this location.", name));
    }
  }
}

}  // namespace writ::rego::graphql
