#include "policy/graphql/walker.h"

#include "policy/graphql/prelude.h"
#include "policy/graphql/validate.h"

namespace writ::rego::graphql {

std::vector<Problem> validate(const Schema& schema, const Term& document) {
  return Walker(schema, document).run();
}

SelectionKind selection_kind(const Term& selection) {
  if (child(selection, "TypeCondition").is_defined()) return SelectionKind::inline_fragment;
  if (child(selection, "Alias").is_defined()) return SelectionKind::field;
  return child(selection, "Name").is_defined() ? SelectionKind::spread
                                               : SelectionKind::inline_fragment;
}

const Term* field_of(const Definition* parent, std::string_view name) {
  if (name == "__typename") return &typename_field();
  return parent == nullptr ? nullptr : find_named(parent->fields, name);
}

std::vector<Problem> Walker::run() {
  for (const Term& operation : list(document_, "Operations")) {
    walked_spreads_.clear();
    walk_operation(operation);
  }
  for (const Term& fragment : list(document_, "Fragments")) {
    walked_spreads_.clear();
    walk_fragment(fragment);
  }
  return std::move(problems_);
}

void Walker::add(const Term& at, std::string message) {
  if (problems_.size() < kMostProblems) problems_.push_back(problem_at(at, std::move(message)));
}

bool Walker::too_deep(const Term& at) {
  if (depth_ < kDeepest) return false;
  add(at, "nested too deeply");
  return true;
}

const Term* Walker::fragment_named(std::string_view name) const {
  return find_named(list(document_, "Fragments"), name);
}

const Term* Walker::variable_named(std::string_view name) const {
  if (operation_ == nullptr) return nullptr;
  for (const Term& variable : list(*operation_, "VariableDefinitions")) {
    if (text(variable, "Variable") == name) return &variable;
  }
  return nullptr;
}

Expected Walker::expected_of(const Term& definition) const {
  const Term& type = child(definition, "Type");
  const Term& fallback = child(definition, "DefaultValue");
  return {type, fallback.is_defined() && value_kind(fallback) != ValueKind::null,
          schema_.type(type_name(type))};
}

void Walker::walk_operation(const Term& operation) {
  operation_ = &operation;
  used_variables_.clear();
  const auto variables = list(operation, "VariableDefinitions");
  for (const Term& variable : variables) on_variable(variable);
  const std::string_view kind = text(operation, "Operation");
  const Definition* root = schema_.query;
  std::string_view location = "QUERY";
  if (kind == "mutation") {
    root = schema_.mutation;
    location = "MUTATION";
  } else if (kind == "subscription") {
    root = schema_.subscription;
    location = "SUBSCRIPTION";
  }
  for (const Term& variable : variables) {
    const Term& fallback = child(variable, "DefaultValue");
    const Term& type = child(variable, "Type");
    if (fallback.is_defined()) walk_value(fallback, {type, false, schema_.type(type_name(type))});
    walk_directives(list(variable, "Directives"), "VARIABLE_DEFINITION");
  }
  walk_directives(list(operation, "Directives"), location);
  walk_selections(root, list(operation, "SelectionSet"));
  on_operation(operation);
  operation_ = nullptr;
}

void Walker::walk_fragment(const Term& fragment) {
  walk_directives(list(fragment, "Directives"), "FRAGMENT_DEFINITION");
  walk_selections(schema_.type(text(fragment, "TypeCondition")), list(fragment, "SelectionSet"));
  on_fragment(fragment);
}

void Walker::walk_arguments(std::span<const Term> arguments, std::span<const Term> definitions) {
  for (const Term& argument : arguments) {
    const Term* const definition = find_named(definitions, text(argument, "Name"));
    walk_value(child(argument, "Value"),
               definition == nullptr ? Expected{} : expected_of(*definition));
  }
}

void Walker::walk_directives(std::span<const Term> directives, std::string_view location) {
  for (const Term& directive : directives) {
    const Term* const definition = schema_.directive(text(directive, "Name"));
    walk_arguments(list(directive, "Arguments"), definition == nullptr
                                                     ? std::span<const Term>()
                                                     : list(*definition, "Arguments"));
    on_directive(directive, location);
  }
  on_directives(directives);
}

void Walker::walk_selections(const Definition* parent, std::span<const Term> selections) {
  ++depth_;
  for (const Term& selection : selections) {
    if (too_deep(selection)) break;
    switch (selection_kind(selection)) {
      case SelectionKind::field:
        walk_field(parent, selection);
        break;
      case SelectionKind::inline_fragment:
        walk_inline_fragment(parent, selection);
        break;
      case SelectionKind::spread:
        walk_spread(parent, selection);
        break;
    }
  }
  --depth_;
}

void Walker::walk_field(const Definition* parent, const Term& field) {
  const Term* const definition = field_of(parent, text(field, "Name"));
  const Definition* const inside =
      definition == nullptr ? nullptr : schema_.type(type_name(child(*definition, "Type")));
  walk_arguments(list(field, "Arguments"),
                 definition == nullptr ? std::span<const Term>() : list(*definition, "Arguments"));
  walk_directives(list(field, "Directives"), "FIELD");
  walk_selections(inside, list(field, "SelectionSet"));
  on_field(parent, definition, field);
}

void Walker::walk_inline_fragment(const Definition* parent, const Term& fragment) {
  const std::string_view condition = text(fragment, "TypeCondition");
  const Definition* const inside = condition.empty() ? parent : schema_.type(condition);
  walk_directives(list(fragment, "Directives"), "INLINE_FRAGMENT");
  walk_selections(inside, list(fragment, "SelectionSet"));
  on_inline_fragment(parent, fragment);
}

void Walker::walk_spread(const Definition* parent, const Term& spread) {
  const std::string name(text(spread, "Name"));
  const Term* const fragment = fragment_named(name);
  walk_directives(list(spread, "Directives"), "FRAGMENT_SPREAD");
  if (fragment != nullptr && walked_spreads_.insert(name).second) {
    walk_directives(list(*fragment, "Directives"), "FRAGMENT_DEFINITION");
    walk_selections(schema_.type(text(*fragment, "TypeCondition")),
                    list(*fragment, "SelectionSet"));
  }
  on_spread(parent, spread);
}

void Walker::walk_value(const Term& value, const Expected& expected) {
  ++depth_;
  const ValueKind kind = value_kind(value);
  if (kind == ValueKind::variable && variable_named(text(value, "Raw")) != nullptr) {
    used_variables_.emplace(text(value, "Raw"));
  }
  const bool is_list = kind == ValueKind::list;
  for (const Term& one : list(value, "Children")) {
    if (too_deep(value) || (!is_list && kind != ValueKind::object)) break;
    Expected inside;
    if (is_list && child(expected.type, "Elem").is_object()) {
      inside = {child(expected.type, "Elem"), false, expected.definition};
    } else if (!is_list && expected.definition != nullptr) {
      const Term* const field = find_named(expected.definition->fields, text(one, "Name"));
      if (field != nullptr) inside = expected_of(*field);
    }
    walk_value(child(one, "Value"), inside);
  }
  on_value(value, expected);
  --depth_;
}

}  // namespace writ::rego::graphql
