#include "policy/graphql/schema.h"

#include <algorithm>
#include <expected>

#include "policy/graphql/prelude.h"
#include "policy/graphql/schema_check.h"

namespace writ::rego::graphql {
namespace {

using Checked = std::optional<Problem>;

void append(std::vector<Term>& to, std::span<const Term> from) {
  to.insert(to.end(), from.begin(), from.end());
}
void append(std::vector<std::string>& to, std::span<const Term> from) {
  for (const Term& one : from) to.emplace_back(one.is_string() ? one.text() : "");
}

void add_parts(Definition& to, const Term& node) {
  append(to.directives, list(node, "Directives"));
  append(to.fields, list(node, "Fields"));
  append(to.enum_values, list(node, "EnumValues"));
  append(to.interfaces, list(node, "Interfaces"));
  append(to.types, list(node, "Types"));
}

Definition empty_definition(const Term& node, bool is_builtin) {
  Definition out;
  out.kind = text(node, "Kind");
  out.name = text(node, "Name");
  out.is_builtin = is_builtin || flag(node, "BuiltIn");
  out.at = node;
  return out;
}

Checked add_definitions(Schema& schema, const Term& document, bool is_builtin) {
  for (const Term& node : list(document, "Definitions")) {
    Definition definition = empty_definition(node, is_builtin);
    add_parts(definition, node);
    const std::string name = definition.name;
    if (!schema.types.try_emplace(name, std::move(definition)).second) {
      return problem_at(node, "Cannot redeclare type " + name + ".");
    }
  }
  return std::nullopt;
}

Checked add_extensions(Schema& schema, const Term& document) {
  for (const Term& node : list(document, "Extensions")) {
    const std::string name(text(node, "Name"));
    Definition& to = schema.types.try_emplace(name, empty_definition(node, false)).first->second;
    if (to.kind != text(node, "Kind")) {
      return problem_at(node, "Cannot extend type " + name + " because the base type is a " +
                                  to.kind + ", not " + std::string(text(node, "Kind")) + ".");
    }
    add_parts(to, node);
  }
  return std::nullopt;
}

void add_possible_types(Schema& schema) {
  for (const auto& [name, definition] : schema.types) {
    for (const std::string& member : definition.types) {
      const Definition* const type = schema.type(member);
      if (type != nullptr) schema.possible_types[name].push_back(type);
    }
    for (const std::string& interface : definition.interfaces) {
      schema.possible_types[interface].push_back(&definition);
    }
    if (definition.kind == "OBJECT" || definition.kind == "INPUT_OBJECT") {
      schema.possible_types[name].push_back(&definition);
    }
  }
}

bool is_standard_directive(std::string_view name) {
  static constexpr std::string_view kNames[] = {"include",     "skip",  "deprecated",
                                                "specifiedBy", "defer", "oneOf"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

Checked add_directives(Schema& schema, const Term& document) {
  for (const Term& node : list(document, "Directives")) {
    const std::string name(text(node, "Name"));
    if (schema.directives.contains(name) && !is_standard_directive(name)) {
      return problem_at(node, "Cannot redeclare directive " + name + ".");
    }
    schema.directives[name] = node;
  }
  return std::nullopt;
}

Checked read_roots(Schema& schema, const Term& node) {
  for (const Term& root : list(node, "OperationTypes")) {
    const std::string_view operation = text(root, "Operation");
    const Definition* const type = schema.type(text(root, "Type"));
    if (type == nullptr) {
      return problem_at(root, "Schema root " + std::string(operation) + " refers to a type " +
                                  std::string(text(root, "Type")) + " that does not exist.");
    }
    if (operation == "query") schema.query = type;
    if (operation == "mutation") schema.mutation = type;
    if (operation == "subscription") schema.subscription = type;
  }
  return check_directives(schema, list(node, "Directives"), "SCHEMA", {}, Occurs::once);
}

Checked read_schema_nodes(Schema& schema, const Term& document) {
  const auto nodes = list(document, "Schema");
  if (nodes.size() > 1) {
    return problem_at(
        nodes[1], "Cannot have multiple schema entry points, consider schema extensions instead.");
  }
  for (const Term& node : nodes) {
    if (auto problem = read_roots(schema, node)) return problem;
  }
  for (const Term& node : list(document, "SchemaExtension")) {
    if (auto problem = read_roots(schema, node)) return problem;
  }
  return std::nullopt;
}

// Without a schema node the roots are the types of their names.
void default_roots(Schema& schema) {
  if (schema.query == nullptr) schema.query = schema.type("Query");
  if (schema.mutation == nullptr) schema.mutation = schema.type("Mutation");
  if (schema.subscription == nullptr) schema.subscription = schema.type("Subscription");
}

Checked fill(Schema& schema, const Term& document) {
  if (auto problem = add_definitions(schema, prelude(), true)) return problem;
  if (auto problem = add_definitions(schema, document, false)) return problem;
  if (auto problem = add_extensions(schema, document)) return problem;
  add_possible_types(schema);
  if (auto problem = add_directives(schema, prelude())) return problem;
  if (auto problem = add_directives(schema, document)) return problem;
  if (auto problem = read_schema_nodes(schema, document)) return problem;
  if (auto problem = check_types(schema)) return problem;
  if (auto problem = check_directive_definitions(schema)) return problem;
  if (list(document, "Schema").empty()) default_roots(schema);
  if (schema.query != nullptr) {
    append(schema.types.find(schema.query->name)->second.fields, introspection_fields().items());
  }
  return std::nullopt;
}

}  // namespace

const Definition* Schema::type(std::string_view name) const {
  const auto found = types.find(name);
  return found == types.end() ? nullptr : &found->second;
}

const Term* Schema::directive(std::string_view name) const {
  const auto found = directives.find(name);
  return found == directives.end() ? nullptr : &found->second;
}

std::span<const Definition* const> Schema::possible(std::string_view name) const {
  const auto found = possible_types.find(name);
  if (found == possible_types.end()) return {};
  return found->second;
}

std::expected<std::unique_ptr<const Schema>, Problem> make_schema(const Term& document) {
  auto schema = std::make_unique<Schema>();
  if (auto problem = fill(*schema, document)) return std::unexpected(*std::move(problem));
  return schema;
}

}  // namespace writ::rego::graphql
