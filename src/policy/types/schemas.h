#pragma once
// JSON Schemas as types: what input looks like for all rules, and what annotations of rules,
// documents and packages say of input and data for some.
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "policy/term/arena.h"
#include "policy/types/type.h"

namespace writ::rego::types {

// Schemas by name: schema.input, schema["acl"]. The one without a name is that of input everywhere.
class Schemas {
 public:
  using Name = std::vector<std::string>;

  // Where the schemas' terms are to stand.
  Arena& arena() { return arena_; }
  void put(Name name, const Term& schema) { schemas_[std::move(name)] = schema; }
  // nullptr: there is none of that name.
  const Term* find(const Name& name) const {
    const auto found = schemas_.find(name);
    return found == schemas_.end() ? nullptr : &found->second;
  }

 private:
  Arena arena_;
  std::map<Name, Term> schemas_;
};

// The type of the values that meet the schema, as far as OPA reads one: type, properties, items,
// anyOf, allOf and $ref within the schema. Properties that are not listed are none of an object's.
// The type outlives the schema.
// Errors: why it cannot be read.
std::expected<Type, std::string> type_of_schema(TypePool& pool, const Term& schema);

// `type` with `with` at the place below it that `path` names, whose keys must outlive the pool.
Type overridden(TypePool& pool, Type type, const std::vector<Term>& path, Type with);

}  // namespace writ::rego::types
