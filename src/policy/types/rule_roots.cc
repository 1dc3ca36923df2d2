#include "policy/types/rule_roots.h"

#include <algorithm>

#include "policy/parse/parser.h"

namespace writ::rego::types {
namespace {

const Term* schemas_of(const ast::Annotations& annotations) {
  return annotations.value.is_object() ? annotations.value.find("schemas") : nullptr;
}

bool have_schemas(const std::vector<ast::Annotations>& all) {
  return std::ranges::any_of(all, [](const auto& one) { return schemas_of(one) != nullptr; });
}

bool has_schemas(const ast::Module& module) {
  return have_schemas(module.package_annotations) ||
         std::ranges::any_of(module.rules,
                             [](const ast::Rule& rule) { return have_schemas(rule.annotations); });
}

const std::string& name_of(const ast::Rule& rule) {
  return rule.ref.is(ast::Term::Kind::ref) ? rule.ref.parts[0].name : rule.ref.name;
}

bool is_prefix(const std::vector<Term>& prefix, const std::vector<Term>& of) {
  return prefix.size() <= of.size() && std::equal(prefix.begin(), prefix.end(), of.begin());
}

// The head of a reference and its keys; no head when it is none of constants.
std::pair<std::string, std::vector<Term>> read_path(Arena& arena, const Term& text) {
  if (!text.is_string()) return {};
  const auto term = parse_term(arena, text.text());
  if (!term) return {};
  if (term->is_var()) return {term->name, {}};
  if (!term->is(ast::Term::Kind::ref) || !term->parts[0].is_var()) return {};
  std::vector<Term> keys;
  for (std::size_t i = 1; i < term->parts.size(); ++i) {
    if (!term->parts[i].is(ast::Term::Kind::scalar)) return {};
    keys.push_back(term->parts[i].value);
  }
  return {term->parts[0].name, std::move(keys)};
}

}  // namespace

RuleRoots::RuleRoots(const Program& program, RuleTypes& types, const Schemas* schemas)
    : program_(program), types_(types), schemas_(schemas) {
  has_any_ = std::ranges::any_of(program.modules, has_schemas);
}

std::vector<const ast::Annotations*> RuleRoots::holding_for(const ast::Module& module,
                                                            const ast::Rule& rule) const {
  std::vector<const ast::Annotations*> out;
  const auto add = [&](const std::vector<ast::Annotations>& from, std::string_view scope) {
    for (const ast::Annotations& one : from) {
      if (one.scope == scope && schemas_of(one) != nullptr) out.push_back(&one);
    }
  };
  for (std::size_t size = 0; size <= module.package.size(); ++size) {
    for (const ast::Module& other : program_.modules) {
      if (other.package.size() == size && is_prefix(other.package, module.package)) {
        add(other.package_annotations, "subpackages");
      }
    }
  }
  for (const ast::Module& other : program_.modules) {
    if (other.package == module.package) add(other.package_annotations, "package");
  }
  for (const ast::Module& other : program_.modules) {
    if (other.package != module.package) continue;
    for (const ast::Rule& same : other.rules) {
      if (name_of(same) == name_of(rule)) add(same.annotations, "document");
    }
  }
  add(rule.annotations, "rule");
  return out;
}

Roots RuleRoots::of(const ast::Module& module, const ast::Rule& rule, PolicyErrors& errors) {
  Roots out = types_.roots();
  if (!has_any_) return out;
  const PolicyError at{std::string(kTypeError), {}, module.file, rule.at, {}};
  for (const ast::Annotations* annotations : holding_for(module, rule)) {
    const Term& list = *schemas_of(*annotations);
    if (!list.is_array()) continue;
    for (const Term& entry : list.items()) {
      for (std::size_t i = 0; entry.is_object() && i < entry.size(); ++i) {
        apply(entry.keys()[i], entry.values()[i], out, errors, at);
      }
    }
  }
  return out;
}

void RuleRoots::apply(const Term& path, const Term& schema, Roots& roots, PolicyErrors& errors,
                      const PolicyError& at) {
  const auto [head, keys] = read_path(arena_, path);
  if (head != "input" && head != "data") return;
  const Type type = type_of(schema, errors, at);
  if (type == nullptr) return;
  if (head == "input") {
    roots.input = overridden(types_.pool(), roots.input, keys, type);
    return;
  }
  if (roots.data == nullptr && types_.has(*program_.root)) {
    types_.forget_extents();  // of documents that had fewer rules then
    roots.data = types_.extent(*program_.root);
  }
  roots.data = overridden(types_.pool(), roots.data, keys, type);
}

// nullptr: it does not count, or is an error, which has been added.
Type RuleRoots::type_of(const Term& schema, PolicyErrors& errors, const PolicyError& at) {
  const auto refuse = [&](std::string message) {
    errors.push_back(at);
    errors.back().message = std::move(message);
    return nullptr;
  };
  if (!schema.is_string()) {
    auto type = type_of_schema(types_.pool(), schema);
    return type ? *type : refuse(type.error());
  }
  if (schemas_ == nullptr) return nullptr;
  const std::string text(schema.text());
  const auto [found, is_new] = named_.try_emplace(text, nullptr);
  if (!is_new) return found->second;
  const auto [head, keys] = read_path(arena_, schema);
  Schemas::Name name;
  for (const Term& key : keys) name.push_back(key.is_string() ? std::string(key.text()) : "");
  const Term* const known = head == "schema" ? schemas_->find(name) : nullptr;
  if (known == nullptr) return refuse("undefined schema: " + text);
  auto type = type_of_schema(types_.pool(), *known);
  if (!type) return refuse(type.error());
  return found->second = *type;
}

}  // namespace writ::rego::types
