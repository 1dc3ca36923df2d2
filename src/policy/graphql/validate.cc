// Rules on operations, variables and fragments.
#include <fmt/format.h>

#include <algorithm>

#include "policy/graphql/suggestions.h"
#include "policy/graphql/walker.h"

namespace writ::rego::graphql {
namespace {

// Whether an earlier node of the list has the same name.
bool is_repeated(std::span<const Term> nodes, const Term& node, std::string_view key) {
  for (const Term& other : nodes) {
    if (&other == &node) return false;
    if (text(other, key) == text(node, key)) return true;
  }
  return false;
}

void collect_spreads(std::span<const Term> selections, std::vector<Term>& out, int depth) {
  if (depth > 300) return;  // reported by whoever walks
  for (const Term& selection : selections) {
    if (selection_kind(selection) == SelectionKind::spread) {
      out.push_back(selection);
    } else {
      collect_spreads(list(selection, "SelectionSet"), out, depth + 1);
    }
  }
}

}  // namespace

void Walker::on_variable(const Term& variable) {
  const std::string_view name = type_name(child(variable, "Type"));
  if (schema_.type(name) == nullptr) add(variable, fmt::format("Unknown type \"{}\".", name));
}

void Walker::on_operation(const Term& operation) {
  const std::string_view kind = text(operation, "Operation");
  const std::string_view name = text(operation, "Name");
  const Definition* const root = kind == "mutation"       ? schema_.mutation
                                 : kind == "subscription" ? schema_.subscription
                                                          : schema_.query;
  if (root == nullptr) {
    add(operation, fmt::format("Schema does not support operation type \"{}\"", kind));
  }
  const auto operations = list(document_, "Operations");
  if (name.empty() && operations.size() > 1) {
    add(operation, "This anonymous operation must be the only defined operation.");
  }
  const auto variables = list(operation, "VariableDefinitions");
  for (const Term& variable : variables) {
    const std::string_view called = text(variable, "Variable");
    if (used_variables_.contains(std::string(called))) continue;
    add(variable, fmt::format("Variable \"${}\" is never used{}.", called,
                              name.empty() ? "" : fmt::format(" in operation \"{}\"", name)));
  }
  for (Problem& problem :
       overlapping_fields(schema_, document_, root, list(operation, "SelectionSet"))) {
    if (problems_.size() < kMostProblems) problems_.push_back(std::move(problem));
  }
  check_subscription(operation);
  if (!name.empty() && is_repeated(operations, operation, "Name")) {
    add(operation, fmt::format("There can be only one operation named \"{}\".", name));
  }
  for (const Term& variable : variables) {
    if (!is_repeated(variables, variable, "Variable")) continue;
    add(variable,
        fmt::format("There can be only one variable named \"${}\".", text(variable, "Variable")));
  }
  for (const Term& variable : variables) {
    const Definition* const type = schema_.type(type_name(child(variable, "Type")));
    if (type == nullptr || type->is_input()) continue;
    add(variable, fmt::format("Variable \"${}\" cannot be non-input type \"{}\".",
                              text(variable, "Variable"), type_text(child(variable, "Type"))));
  }
}

// A subscription asks for one thing (section 5.2.3.1).
void Walker::check_subscription(const Term& operation) {
  if (schema_.subscription == nullptr || text(operation, "Operation") != "subscription") return;
  std::vector<Term> fields,
      open(list(operation, "SelectionSet").begin(), list(operation, "SelectionSet").end());
  std::set<std::string> seen, inside;
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Term selection = open[i];
    const std::string name(text(selection, "Name"));
    std::span<const Term> more;
    switch (selection_kind(selection)) {
      case SelectionKind::field:
        if (seen.insert(name).second) fields.push_back(selection);
        break;
      case SelectionKind::inline_fragment:
        more = list(selection, "SelectionSet");
        break;
      case SelectionKind::spread:
        if (const Term* const fragment = fragment_named(name);
            fragment != nullptr && inside.insert(name).second) {
          more = list(*fragment, "SelectionSet");
        }
        break;
    }
    open.insert(open.end(), more.begin(), more.end());
  }
  const std::string_view name = text(operation, "Name");
  const std::string who =
      name.empty() ? "Anonymous Subscription" : fmt::format("Subscription \"{}\"", name);
  if (fields.size() > 1) add(fields[1], who + " must select only one top level field.");
  for (const Term& field : fields) {
    if (text(field, "Name").starts_with("__")) {
      add(field, who + " must not select an introspection top level field.");
    }
  }
}

void Walker::on_fragment(const Term& fragment) {
  in_fragments_ = true;
  const std::string name(text(fragment, "Name"));
  const std::string_view condition = text(fragment, "TypeCondition");
  const Definition* const type = schema_.type(condition);
  if (type != nullptr && !type->is_composite()) {
    add(fragment, fmt::format("Fragment \"{}\" cannot condition on non composite type \"{}\".",
                              name, condition));
  }
  if (type == nullptr) {
    std::vector<std::string> names;
    for (const auto& [known, definition] : schema_.types) names.push_back(known);
    add(fragment, fmt::format("Unknown type \"{}\".{}", condition,
                              suggestion("Did you mean", condition, names)));
  }
  std::vector<Term> path;
  std::vector<std::string> names;
  check_cycles(fragment, path, names);
  if (!used_fragments_.contains(name)) {
    add(fragment, fmt::format("Fragment \"{}\" is never used.", name));
  }
  for (Problem& problem :
       overlapping_fields(schema_, document_, type, list(fragment, "SelectionSet"))) {
    if (problems_.size() < kMostProblems) problems_.push_back(std::move(problem));
  }
  if (is_repeated(list(document_, "Fragments"), fragment, "Name")) {
    add(fragment, fmt::format("There can be only one fragment named \"{}\".", name));
  }
}

// `names` are the fragments on the way here, `path` the spreads that led from one to the next.
void Walker::check_cycles(const Term& fragment, std::vector<Term>& path,
                          std::vector<std::string>& names) {
  const std::string name(text(fragment, "Name"));
  if (!checked_fragments_.insert(name).second || names.size() >= kDeepest) return;
  std::vector<Term> spreads;
  collect_spreads(list(fragment, "SelectionSet"), spreads, 0);
  names.push_back(name);
  for (const Term& spread : spreads) {
    const std::string to(text(spread, "Name"));
    const auto start = std::ranges::find(names, to);
    path.push_back(spread);
    if (start == names.end()) {
      if (const Term* const next = fragment_named(to)) check_cycles(*next, path, names);
    } else {
      std::string via;
      for (auto i = static_cast<std::size_t>(start - names.begin()); i + 1 < path.size(); ++i) {
        via += fmt::format("{}\"{}\"", via.empty() ? " via " : ", ", text(path[i], "Name"));
      }
      add(spread, fmt::format("Cannot spread fragment \"{}\" within itself{}.", to, via));
    }
    path.pop_back();
  }
  names.pop_back();
}

// Whether some object can be both: of the type here and of the fragment's.
bool Walker::can_meet(const Definition* parent, std::string_view condition) const {
  const Definition* const type = schema_.type(condition);
  if (parent == nullptr || !parent->is_composite() || type == nullptr || !type->is_composite()) {
    return true;  // something else is wrong
  }
  const Definition* const alone[] = {parent};
  const auto here = parent->is_abstract() ? schema_.possible(parent->name)
                                          : std::span<const Definition* const>(alone);
  return std::ranges::any_of(schema_.possible(condition), [&](const Definition* one) {
    return std::ranges::find(here, one) != here.end();
  });
}

void Walker::on_inline_fragment(const Definition* parent, const Term& fragment) {
  const std::string_view condition = text(fragment, "TypeCondition");
  const Definition* const type = condition.empty() ? parent : schema_.type(condition);
  if (!condition.empty() && type != nullptr && !type->is_composite()) {
    add(fragment,
        fmt::format("Fragment cannot condition on non composite type \"{}\".", condition));
  }
  if (!condition.empty() && type == nullptr) {
    add(fragment, fmt::format("Unknown type \"{}\".", condition));
  }
  for (Problem& problem :
       overlapping_fields(schema_, document_, type, list(fragment, "SelectionSet"))) {
    if (problems_.size() < kMostProblems) problems_.push_back(std::move(problem));
  }
  if (!can_meet(parent, condition)) {
    add(fragment, fmt::format("Fragment cannot be spread here as objects of type \"{}\" can never "
                              "be of type \"{}\".",
                              parent->name, condition));
  }
}

void Walker::on_spread(const Definition* parent, const Term& spread) {
  const std::string name(text(spread, "Name"));
  const Term* const fragment = fragment_named(name);
  if (!in_fragments_) used_fragments_.insert(name);
  if (fragment == nullptr) {
    add(spread, fmt::format("Unknown fragment \"{}\".", name));
    return;
  }
  const std::string_view condition = text(*fragment, "TypeCondition");
  if (!can_meet(parent, condition)) {
    add(spread, fmt::format("Fragment \"{}\" cannot be spread here as objects of type \"{}\" can "
                            "never be of type \"{}\".",
                            name, parent->name, condition));
  }
}

}  // namespace writ::rego::graphql
