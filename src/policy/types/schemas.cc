#include "policy/types/schemas.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>

#include "contract/schema/pointer.h"
#include "policy/term/build.h"

namespace writ::rego::types {
namespace {

constexpr std::size_t kDeepestSchema = 200;
using Read = std::expected<Type, std::string>;

// What "/definitions/a~1b" names; nullptr: nothing.
const Term* at_pointer(const Term& root, std::string_view pointer) {
  const auto names = contract::parse_pointer(pointer);
  if (!names) return nullptr;
  const Term* out = &root;
  for (const std::string& name : *names) {
    out = out->is_object() ? out->find(name) : nullptr;
    if (out == nullptr) break;
  }
  return out;
}

class SchemaReader {
 public:
  SchemaReader(TypePool& pool, const Term& root) : pool_(pool), root_(root) {}

  Read read(const Term& schema, std::size_t depth) {
    if (depth > kDeepestSchema) return std::unexpected("the schema is nested too deeply");
    if (!schema.is_object()) return anything();
    if (const Term* ref = schema.find("$ref"); ref != nullptr && ref->is_string()) {
      return referred(std::string(ref->text()), depth);
    }
    if (const Term* some = schema.find("anyOf"); some != nullptr && some->is_array()) {
      return any_of(schema, *some, depth);
    }
    if (const Term* all = schema.find("allOf"); all != nullptr && all->is_array()) {
      return all_of(schema, *all, depth);
    }
    return plain(schema, depth);
  }

 private:
  // A schema is read once, however often it is referred to. Within itself it may be anything.
  Read referred(const std::string& ref, std::size_t depth) {
    if (!ref.starts_with('#')) {
      return std::unexpected("unable to compile the schema: remote reference loading disabled: " +
                             ref);
    }
    const auto [known, is_new] = referred_.try_emplace(ref, anything());
    if (!is_new) return known->second;
    const Term* const target = at_pointer(root_, std::string_view(ref).substr(1));
    if (target == nullptr) {
      return std::unexpected("unable to compile the schema: no schema at " + ref);
    }
    const Read out = read(*target, depth + 1);
    if (out) referred_[ref] = *out;
    return out;
  }

  std::expected<std::vector<Type>, std::string> read_all(const Term& schemas, std::size_t depth) {
    std::vector<Type> out;
    for (const Term& one : schemas.items()) {
      const Read type = read(one, depth + 1);
      if (!type) return std::unexpected(type.error());
      out.push_back(*type);
    }
    return out;
  }

  // An object whose members are listed is one of the alternatives itself.
  Read any_of(const Term& schema, const Term& some, std::size_t depth) {
    auto types = read_all(some, depth);
    if (!types) return std::unexpected(types.error());
    if (schema.find("type") != nullptr || schema.find("properties") != nullptr) {
      const Read core = plain(schema, depth);
      if (!core) return core;
      const bool has_members = (*core)->is(Shape::Form::object) && !(*core)->is_open;
      if (has_members || (*core)->has_forgotten) types->push_back(*core);
    }
    return union_of(*std::move(types));
  }

  Read all_of(const Term& schema, const Term& all, std::size_t depth) {
    Read out = plain(schema, depth);
    const auto types = read_all(all, depth);
    if (!types) return std::unexpected(types.error());
    for (std::size_t i = 0; out && i < types->size(); ++i) out = both(*out, (*types)[i]);
    return out;
  }

  Read both(Type a, Type b) {
    if (a->has_forgotten || b->has_forgotten) return a->has_forgotten ? a : b;
    if (a->is_anything()) return b;
    if (b->is_anything() || compare(a, b) == 0) return a;
    if (a->is(Shape::Form::object) && b->is(Shape::Form::object)) return both_objects(*a, *b);
    if (a->form == b->form) return a;
    return std::unexpected("type checking: unable to merge these schemas");
  }

  Read both_objects(const Shape& a, const Shape& b) {
    std::vector<StaticField> fields = a.fields;
    for (const StaticField& field : b.fields) {
      const StaticField* const same = a.field(field.key);
      if (same == nullptr) {
        fields.push_back(field);
        continue;
      }
      const Read type = both(same->type, field.type);
      if (!type) return type;
      fields[static_cast<std::size_t>(same - a.fields.data())].type = *type;
    }
    // An object of which nothing is said does not open one whose members are listed.
    return fields.empty() ? &a : pool_.object(std::move(fields));
  }

  Type union_of(std::vector<Type> types) {
    const Type out = pool_.either(std::move(types));
    return out != nullptr ? out : anything();
  }

  Read plain(const Term& schema, std::size_t depth) {
    const Term* const type = schema.find("type");
    if (type == nullptr) {
      if (schema.find("properties") != nullptr) return object(schema, depth);
      return schema.find("items") != nullptr ? array(schema, depth) : Read(anything());
    }
    if (!type->is_array()) return named(*type, schema, depth);
    const std::set<Term> names(type->items().begin(), type->items().end());
    std::vector<Type> types;
    for (const Term& one : names) {
      const Read read = named(one, schema, depth);
      if (!read) return read;
      types.push_back(*read);
    }
    return union_of(std::move(types));
  }

  Read named(const Term& name, const Term& schema, std::size_t depth) {
    const std::string_view text = name.is_string() ? name.text() : std::string_view();
    if (text == "boolean") return boolean();
    if (text == "string") return string();
    if (text == "integer" || text == "number") return number();
    if (text == "null") return null();
    if (text == "object") return object(schema, depth);
    if (text == "array") return array(schema, depth);
    return std::unexpected("unable to compile the schema: has a type that is NOT VALID");
  }

  Read object(const Term& schema, std::size_t depth) {
    const Term* const properties = schema.find("properties");
    if (properties == nullptr || !properties->is_object() || properties->size() == 0) {
      return pool_.object({}, anything(), anything());
    }
    std::vector<StaticField> fields;
    for (std::size_t i = 0; i < properties->size(); ++i) {
      Read type = read(properties->values()[i], depth + 1);
      if (!type) return type;
      fields.push_back({copy_term(pool_.arena(), properties->keys()[i]), *type});
    }
    return pool_.object(std::move(fields));
  }

  Read array(const Term& schema, std::size_t depth) {
    const Term* const items = schema.find("items");
    if (items == nullptr) return pool_.array({}, anything());
    if (!items->is_array()) {
      Read type = read(*items, depth + 1);
      return type ? Read(pool_.array({}, *type)) : type;
    }
    auto parts = read_all(*items, depth);
    if (!parts) return std::unexpected(parts.error());
    return pool_.array(*std::move(parts), nullptr);
  }

  TypePool& pool_;
  const Term& root_;
  std::unordered_map<std::string, Type> referred_;  // `any` while it is being read
};

Type nested(TypePool& pool, std::span<const Term> path, Type with) {
  for (std::size_t i = path.size(); i > 0; --i) {
    with = pool.object({{path[i - 1], with}}, anything(), anything());
  }
  return with;
}

Type overridden_at(TypePool& pool, Type type, std::span<const Term> path, Type with) {
  if (path.empty()) return with;
  if (type == nullptr || !type->is(Shape::Form::object)) return nested(pool, path, with);
  std::vector<StaticField> fields = type->fields;
  const auto found = std::ranges::find(fields, path[0], &StaticField::key);
  if (found != fields.end()) {
    found->type = overridden_at(pool, found->type, path.subspan(1), with);
  } else {
    fields.push_back({path[0], nested(pool, path.subspan(1), with)});
  }
  if (!type->is_open) return pool.object(std::move(fields));
  return pool.object(std::move(fields), type->key, type->rest);
}

}  // namespace

Read type_of_schema(TypePool& pool, const Term& schema) {
  return SchemaReader(pool, schema).read(schema, 0);
}

Type overridden(TypePool& pool, Type type, const std::vector<Term>& path, Type with) {
  return overridden_at(pool, type, path, with);
}

}  // namespace writ::rego::types
