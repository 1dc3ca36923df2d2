#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "contract/types/model.h"

namespace writ::contract {
namespace {

// Deeper than anybody writes schemas.
constexpr int kDepth = 32;

class Reader {
 public:
  Reader(const Object& schemas, std::string_view prefix) : schemas_(schemas), prefix_(prefix) {}

  Result<TypeModel> read();

 private:
  Result<void> add(NamedType type);
  Result<void> read_named(const std::string& name, const Value& schema, int depth);
  Result<Type> type_of(const Value& schema, const std::string& name, int depth);
  Result<Type> typed(std::string_view type, const Value& schema, const std::string& name,
                     int depth);
  Result<Type> object_of(const Value& schema, const std::string& name, int depth);
  Result<void> add_fields(const Value& schema, NamedType& out, int depth);
  std::vector<NamedType> sorted() const;
  const Value* target(const Value& schema) const;

  const Object& schemas_;
  const std::string_view prefix_;
  std::vector<NamedType> types_;
  std::set<std::string, std::less<>> names_;
};

Type of_kind(Type::Kind kind) {
  Type out;
  out.kind = kind;
  return out;
}

Type named(std::string name) {
  Type out = of_kind(Type::Kind::named);
  out.name = std::move(name);
  return out;
}

bool is_choice(const Value& schema) {
  const Value* const values = schema.find("enum");
  if (values == nullptr || !values->is_array() || values->as_array().empty()) return false;
  return std::ranges::all_of(values->as_array(), [](const Value& one) { return one.is_string(); });
}

bool has_members(const Value& schema) {
  const Value* const properties = schema.find("properties");
  return (properties != nullptr && properties->is_object()) || schema.find("allOf") != nullptr;
}

// "string" of "string" and of ["string", "null"]; empty where there is none or a choice of several.
std::string_view one_type(const Value& schema, bool& is_nullable) {
  const Value* const type = schema.find("type");
  if (type == nullptr) return {};
  if (type->is_string()) return type->as_string();
  if (!type->is_array()) return {};
  std::string_view out;
  std::size_t others = 0;
  for (const Value& one : type->as_array()) {
    if (!one.is_string()) continue;
    if (one.as_string() == "null") {
      is_nullable = true;
    } else {
      out = one.as_string();
      ++others;
    }
  }
  return others == 1 ? out : std::string_view();
}

const Value* Reader::target(const Value& schema) const {
  const std::string_view reference = schema.string_or("$ref", "");
  if (!reference.starts_with(prefix_)) return nullptr;
  return schemas_.find(reference.substr(prefix_.size()));
}

Result<void> Reader::add(NamedType type) {
  if (!names_.insert(type.name).second) {
    return fail(Code::conflict, "two types would be called " + type.name,
                "Give one of the schemas another name");
  }
  types_.push_back(std::move(type));
  return {};
}

Result<void> Reader::add_fields(const Value& schema, NamedType& out, int depth) {
  if (const Value* const properties = schema.find("properties")) {
    for (const Member& member : properties->as_object()) {
      const auto there = std::ranges::find(out.fields, member.key, &TypeField::key);
      if (there != out.fields.end()) continue;
      TypeField field;
      field.key = member.key;
      field.description = member.value.string_or("description", "");
      WRIT_TRY(field.type, type_of(member.value, out.name + pascal_case(member.key), depth + 1));
      out.fields.push_back(std::move(field));
    }
  }
  if (const Value* const required = schema.find("required"); required != nullptr) {
    for (const Value& key : required->as_array()) {
      const auto there = std::ranges::find(out.fields, key.as_string(), &TypeField::key);
      if (there != out.fields.end()) there->is_required = true;
    }
  }
  const Value* const parts = schema.find("allOf");
  for (std::size_t i = 0; parts != nullptr && i < parts->as_array().size(); ++i) {
    const Value& part = parts->as_array()[i];
    const Value* const referred = target(part);
    if (depth < kDepth)
      WRIT_CHECK(add_fields(referred == nullptr ? part : *referred, out, depth + 1));
  }
  return {};
}

Result<Type> Reader::object_of(const Value& schema, const std::string& name, int depth) {
  if (has_members(schema)) {
    WRIT_CHECK(read_named(name, schema, depth));
    return named(name);
  }
  Type out = of_kind(Type::Kind::map);
  const Value* const rest = schema.find("additionalProperties");
  const Value* const patterns = schema.find("patternProperties");
  const Value* of = rest != nullptr && rest->is_object() ? rest : nullptr;
  if (of == nullptr && patterns != nullptr && patterns->as_object().size() == 1) {
    of = &patterns->as_object().begin()->value;
  }
  Type items;
  if (of != nullptr) {
    WRIT_TRY(items, type_of(*of, name + "Value", depth + 1));
  }
  out.items.push_back(std::move(items));
  return out;
}

Result<Type> Reader::typed(std::string_view type, const Value& schema, const std::string& name,
                           int depth) {
  if (type == "string") return of_kind(Type::Kind::string);
  if (type == "integer") return of_kind(Type::Kind::integer);
  if (type == "number") return of_kind(Type::Kind::number);
  if (type == "boolean") return of_kind(Type::Kind::boolean);
  if (type == "object") return object_of(schema, name, depth);
  if (type != "array") return Type{};
  Type out = of_kind(Type::Kind::list);
  Type items;
  if (const Value* const of = schema.find("items")) {
    WRIT_TRY(items, type_of(*of, name + "Item", depth + 1));
  }
  out.items.push_back(std::move(items));
  return out;
}

Result<Type> Reader::type_of(const Value& schema, const std::string& name, int depth) {
  if (!schema.is_object() || depth > kDepth) return Type{};
  const std::string_view reference = schema.string_or("$ref", "");
  if (!reference.empty()) {
    return target(schema) == nullptr ? Type{}
                                     : named(pascal_case(reference.substr(prefix_.size())));
  }
  if (is_choice(schema)) {
    WRIT_CHECK(read_named(name, schema, depth));
    return named(name);
  }
  if (const Value* const only = schema.find("const"); only != nullptr && only->is_string()) {
    Type out = of_kind(Type::Kind::literal);
    out.name = only->as_string();
    return out;
  }
  bool is_nullable = false;
  const std::string_view type = one_type(schema, is_nullable);
  const bool is_object = type == "object" || (type.empty() && has_members(schema));
  WRIT_TRY(Type out, typed(is_object ? "object" : type, schema, name, depth));
  out.is_nullable = is_nullable && out.kind != Type::Kind::any;
  return out;
}

Result<void> Reader::read_named(const std::string& name, const Value& schema, int depth) {
  NamedType out;
  out.name = name;
  out.description = schema.string_or("description", "");
  if (is_choice(schema)) {
    out.shape = NamedType::Shape::choice;
    for (const Value& one : schema.find("enum")->as_array()) out.values.push_back(one.as_string());
    return add(std::move(out));
  }
  bool is_nullable = false;
  const std::string_view type = one_type(schema, is_nullable);
  if (has_members(schema) && (type.empty() || type == "object")) {
    const Value* const rest = schema.find("additionalProperties");
    const Value* const unevaluated = schema.find("unevaluatedProperties");
    const auto closes = [](const Value* one) {
      return one != nullptr && one->is_bool() && !one->as_bool();
    };
    out.is_open = !closes(rest) && !closes(unevaluated);
    WRIT_CHECK(add_fields(schema, out, depth));
    return add(std::move(out));
  }
  out.shape = NamedType::Shape::alias;
  WRIT_TRY(out.aliased, type_of(schema, name + "Of", depth));
  return add(std::move(out));
}

using ByName = std::map<std::string, const NamedType*, std::less<>>;

// A list may hold records that are only told to be there; everything else has to be told first.
bool needs_all(const Type& type, bool is_in_list, const ByName& by_name) {
  const auto at = by_name.find(type.name);
  return !is_in_list || at == by_name.end() || at->second->shape != NamedType::Shape::record;
}

// The names that have to be told before `type` is.
void held(const Type& type, bool is_in_list, const ByName& by_name, std::vector<std::string>& out) {
  if (type.kind == Type::Kind::named && needs_all(type, is_in_list, by_name)) {
    out.push_back(type.name);
  }
  for (const Type& item : type.items) {
    held(item, type.kind == Type::Kind::list, by_name, out);
  }
}

// Depth first; a circle is cut where it closes, and that member becomes `any`.
std::vector<NamedType> Reader::sorted() const {
  std::map<std::string, std::vector<std::string>, std::less<>> needs;
  ByName by_name;
  for (const NamedType& type : types_) by_name.emplace(type.name, &type);
  for (const NamedType& type : types_) {
    std::vector<std::string>& own = needs[type.name];
    held(type.aliased, false, by_name, own);
    for (const TypeField& field : type.fields) held(field.type, false, by_name, own);
  }
  std::vector<NamedType> out;
  std::set<std::string, std::less<>> done;
  std::set<std::string, std::less<>> open;
  std::vector<std::pair<std::string, bool>> stack;
  for (auto at = types_.rbegin(); at != types_.rend(); ++at) stack.emplace_back(at->name, false);
  while (!stack.empty()) {
    const auto [name, is_end] = stack.back();
    stack.pop_back();
    if (is_end) {
      open.erase(name);
      if (done.insert(name).second) out.push_back(*by_name.at(name));
      continue;
    }
    if (done.contains(name) || !open.insert(name).second) continue;
    stack.emplace_back(name, true);
    for (const std::string& need : needs.at(name)) {
      if (by_name.contains(need) && !open.contains(need)) stack.emplace_back(need, false);
    }
  }
  return out;
}

// A member whose type is told after its owner closes a circle, or leads nowhere.
void cut(Type& type, bool is_in_list, const ByName& all,
         const std::set<std::string, std::less<>>& told) {
  const bool is_late = type.kind == Type::Kind::named && !told.contains(type.name);
  if (is_late && needs_all(type, is_in_list, all)) type = Type{};
  for (Type& item : type.items) cut(item, type.kind == Type::Kind::list, all, told);
}

Result<TypeModel> Reader::read() {
  for (const Member& member : schemas_) {
    WRIT_CHECK(read_named(pascal_case(member.key), member.value, 0));
  }
  TypeModel out{sorted()};
  ByName all;
  for (const NamedType& type : types_) all.emplace(type.name, &type);
  std::set<std::string, std::less<>> told;
  for (NamedType& type : out.types) {
    cut(type.aliased, false, all, told);
    for (TypeField& field : type.fields) cut(field.type, false, all, told);
    told.insert(type.name);
  }
  return out;
}

}  // namespace

const NamedType* TypeModel::find(std::string_view name) const {
  const auto at = std::ranges::find(types, name, &NamedType::name);
  return at == types.end() ? nullptr : &*at;
}

std::string pascal_case(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool is_word = is_lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_word) {
      begins = true;
      continue;
    }
    out += begins && is_lower ? static_cast<char>(c - 'a' + 'A') : c;
    begins = false;
  }
  return out;
}

Result<TypeModel> read_types(const Object& schemas, std::string_view prefix) {
  return Reader(schemas, prefix).read();
}

}  // namespace writ::contract
