#include "policy/types/rule_roots.h"

#include <algorithm>

#include "policy/parse/parser.h"
#include "policy/term/cut_text.h"

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

RuleRoots::RuleRoots(const RulesToCheck& what, RuleTypes& types) : what_(what), types_(types) {
  has_any_ = std::ranges::any_of(what.program.modules, has_schemas);
}

AnnotationIndex::List RuleRoots::holding_for(const ast::Module& module,
                                             const ast::Rule& rule) const {
  AnnotationIndex::List out;
  const auto add = [&](const ast::Annotations& one, std::string_view scope) {
    if (one.scope == scope && schemas_of(one) != nullptr) out.push_back(&one);
  };
  std::vector<Term> around;
  for (std::size_t size = 0;; ++size) {
    for (const auto* one : what_.annotations.of_package(around)) add(*one, "subpackages");
    if (size == module.package.size()) break;
    around.push_back(module.package[size]);
  }
  for (const auto* one : what_.annotations.of_package(module.package)) add(*one, "package");
  for (const auto* one : what_.annotations.of_document(module.package, rule)) {
    add(*one, "document");
  }
  for (const ast::Annotations& one : rule.annotations) add(one, "rule");
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
  if (types_.pool().fuel().is_empty()) return;
  const auto [head, keys] = read_path(types_.pool().arena(), path);
  if (head != "input" && head != "data") return;
  const Type type = type_of(schema, errors, at);
  if (type == nullptr) return;
  if (head == "input") {
    roots.input = overridden(types_.pool(), roots.input, keys, type);
    return;
  }
  const Node& root = *what_.program.root;
  if (roots.data == nullptr && types_.has(root)) roots.data = types_.extent(root);
  roots.data = overridden(types_.pool(), roots.data, keys, type);
}

Type RuleRoots::type_of(const Term& schema, PolicyErrors& errors, const PolicyError& at) {
  const auto [known, is_new] = read_.try_emplace(&schema, nullptr);
  if (!is_new) return known->second;
  const auto type = read(schema);
  if (type) return known->second = *type;
  errors.push_back(at);
  errors.back().message = cut_text(type.error(), kLongestText);
  return nullptr;
}

// A definition, or the name of a schema.
RuleRoots::Read RuleRoots::read(const Term& schema) {
  if (!schema.is_string()) return type_of_schema(types_.pool(), schema);
  if (what_.schemas == nullptr) return nullptr;
  const auto [head, keys] = read_path(types_.pool().arena(), schema);
  Schemas::Name name;
  for (const Term& key : keys) name.push_back(key.is_string() ? std::string(key.text()) : "");
  const Term* const known = head == "schema" ? what_.schemas->find(name) : nullptr;
  if (known == nullptr) return std::unexpected("undefined schema: " + std::string(schema.text()));
  const auto [found, is_new] = named_.try_emplace(known, nullptr);
  if (is_new) found->second = type_of_schema(types_.pool(), *known);
  return found->second;
}

}  // namespace writ::rego::types
