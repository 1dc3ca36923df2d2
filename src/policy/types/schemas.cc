#include "policy/types/schemas.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>

#include "policy/term/build.h"

namespace writ::rego::types {
namespace {

constexpr std::size_t kDeepestSchema = 200;
using Read = std::expected<Type, std::string>;

// What "#/definitions/a~1b" names; nullptr: nothing.
const Term* at_pointer(const Term& root, std::string_view pointer) {
  const Term* out = &root;
  while (out != nullptr && pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::string_view raw = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(raw.size());
    std::string key;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const bool is_escape = raw[i] == '~' && i + 1 < raw.size();
      key += !is_escape ? raw[i] : raw[++i] == '1' ? '/' : '~';
    }
    out = out->is_object() ? out->find(key) : nullptr;
  }
  return pointer.empty() ? out : nullptr;
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
  // A schema within itself may be anything there.
  Read referred(const std::string& ref, std::size_t depth) {
    if (!ref.starts_with('#')) {
      return std::unexpected("unable to compile the schema: remote reference loading disabled: " +
                             ref);
    }
    if (!open_.insert(ref).second) return anything();
    const Term* const target = at_pointer(root_, std::string_view(ref).substr(1));
    if (target == nullptr) {
      return std::unexpected("unable to compile the schema: no schema at " + ref);
    }
    Read out = read(*target, depth + 1);
    open_.erase(ref);
    return out;
  }

  Read any_of(const Term& schema, const Term& some, std::size_t depth) {
    Type out = nullptr;
    if (schema.find("type") != nullptr || schema.find("properties") != nullptr) {
      Read core = plain(schema, depth);
      if (!core) return core;
      if ((*core)->is(Shape::Form::object) && !(*core)->is_open) out = *core;
    }
    for (const Term& one : some.items()) {
      Read type = read(one, depth + 1);
      if (!type) return type;
      out = pool_.either(*type, out);
    }
    return out != nullptr ? out : anything();
  }

  Read all_of(const Term& schema, const Term& all, std::size_t depth) {
    Read out = plain(schema, depth);
    if (!out) return out;
    for (const Term& one : all.items()) {
      Read type = read(one, depth + 1);
      if (!type) return type;
      out = both(*out, *type);
      if (!out) return out;
    }
    return out;
  }

  Read both(Type a, Type b) {
    if (a->is_anything()) return b;
    if (b->is_anything() || compare(a, b) == 0) return a;
    if (!a->is(Shape::Form::object) || !b->is(Shape::Form::object)) {
      if (a->form == b->form) return a;
      return std::unexpected("type checking: unable to merge these schemas");
    }
    std::vector<StaticField> fields = a->fields;
    for (const StaticField& field : b->fields) {
      const auto same = std::ranges::find(fields, field.key, &StaticField::key);
      if (same == fields.end()) {
        fields.push_back(field);
        continue;
      }
      Read type = both(same->type, field.type);
      if (!type) return type;
      same->type = *type;
    }
    // An object of which nothing is said does not open one whose members are listed.
    if (fields.empty()) return a;
    return pool_.object(std::move(fields));
  }

  Read plain(const Term& schema, std::size_t depth) {
    const Term* const type = schema.find("type");
    if (type == nullptr) {
      if (schema.find("properties") != nullptr) return object(schema, depth);
      return schema.find("items") != nullptr ? array(schema, depth) : Read(anything());
    }
    if (!type->is_array()) return named(*type, schema, depth);
    Type out = nullptr;
    for (const Term& one : type->items()) {
      Read read = named(one, schema, depth);
      if (!read) return read;
      out = pool_.either(out, *read);
    }
    return out != nullptr ? out : anything();
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
      fields.push_back({properties->keys()[i], *type});
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
    std::vector<Type> parts;
    for (const Term& item : items->items()) {
      Read type = read(item, depth + 1);
      if (!type) return type;
      parts.push_back(*type);
    }
    return pool_.array(std::move(parts), nullptr);
  }

  TypePool& pool_;
  const Term& root_;
  std::set<std::string> open_;  // references that are being read
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
