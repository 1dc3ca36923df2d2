// Keywords that apply schemas to items and properties.
#include <utility>

#include "contract/schema/compiler.h"

namespace writ::contract {
namespace {

// The two spellings of one thing: prefixItems + items, and before 2020-12 items + additionalItems.
struct ItemKeywords {
  const Value* prefix = nullptr;
  std::string_view prefix_name;
  const Value* rest = nullptr;
  std::string_view rest_name;
};

ItemKeywords item_keywords(const Draftsheet& sheet) {
  const Value* items = sheet.get(Keyword::items);
  if (sheet.dialect.draft == Draft::draft2020_12) {
    return {sheet.get(Keyword::prefix_items), "prefixItems", items, "items"};
  }
  if (items != nullptr && items->is_array()) {
    return {items, "items", sheet.get(Keyword::additional_items), "additionalItems"};
  }
  return {nullptr, {}, items, "items"};
}

void compile_items(Compiler& compiler, Draftsheet& sheet) {
  const ItemKeywords keywords = item_keywords(sheet);
  if (keywords.prefix == nullptr && keywords.rest == nullptr) return;
  ItemSet set;
  if (keywords.prefix != nullptr) {
    for (const Value& item : keywords.prefix->as_array()) {
      set.prefix.push_back(compiler.block_of(item));
    }
    set.prefix_location = compiler.location(sheet, keywords.prefix_name);
  }
  if (keywords.rest != nullptr) {
    set.has_rest = true;
    set.rest = compiler.block_of(*keywords.rest);
    set.rest_location = compiler.location(sheet, keywords.rest_name);
  }
  auto& sets = compiler.program().item_sets;
  sheet.emit(Section::array, Op::items, static_cast<std::uint32_t>(sets.size()),
             keywords.rest != nullptr ? set.rest_location : set.prefix_location);
  sets.push_back(std::move(set));
}

void compile_contains(Compiler& compiler, Draftsheet& sheet) {
  const Value* contains = sheet.get(Keyword::contains);
  if (contains == nullptr) return;
  Contains row;
  row.block = compiler.block_of(*contains);
  if (const Value* at_least = sheet.get(Keyword::min_contains)) {
    row.at_least = to_size(*at_least);
    row.at_least_location = compiler.location(sheet, "minContains");
  }
  if (const Value* at_most = sheet.get(Keyword::max_contains)) {
    row.at_most = to_size(*at_most);
    row.at_most_location = compiler.location(sheet, "maxContains");
  }
  row.marks_items = sheet.dialect.draft == Draft::draft2020_12;
  auto& rows = compiler.program().contains;
  sheet.emit(Section::array, Op::contains, static_cast<std::uint32_t>(rows.size()),
             compiler.location(sheet, "contains"));
  rows.push_back(row);
}

// Keys of `properties`, then those that `required` alone names.
void collect_keys(Compiler& compiler, Draftsheet& sheet, PropertySet& set) {
  std::vector<std::string> keys;
  std::map<std::string_view, std::uint32_t> ordinals;
  if (const Value* properties = sheet.get(Keyword::properties)) {
    for (const Member& member : properties->as_object()) {
      ordinals.emplace(member.key, static_cast<std::uint32_t>(keys.size()));
      keys.push_back(member.key);
      set.entries.push_back({compiler.block_of(member.value), true, kNone});
    }
  }
  if (const Value* required = sheet.get(Keyword::required)) {
    for (const Value& name : required->as_array()) {
      const auto next = static_cast<std::uint32_t>(keys.size());
      const auto [at, is_new] = ordinals.emplace(name.as_string(), next);
      if (is_new) {
        keys.push_back(name.as_string());
        set.entries.push_back({});
      }
      auto& entry = set.entries[at->second];
      if (entry.required == kNone) entry.required = set.required_count++;
    }
    set.required_location = compiler.location(sheet, "required");
  }
  set.keys = KeyTable(std::move(keys));
}

void compile_properties(Compiler& compiler, Draftsheet& sheet) {
  const Value* patterns = sheet.get(Keyword::pattern_properties);
  const Value* additional = sheet.get(Keyword::additional_properties);
  if (sheet.get(Keyword::properties) == nullptr && sheet.get(Keyword::required) == nullptr &&
      patterns == nullptr && additional == nullptr) {
    return;
  }
  PropertySet set;
  collect_keys(compiler, sheet, set);
  if (patterns != nullptr) {
    for (const Member& member : patterns->as_object()) {
      set.patterns.push_back(
          {compiler.pattern(member.value, member.key), compiler.block_of(member.value)});
    }
  }
  if (additional != nullptr) {
    set.has_additional = true;
    set.additional = compiler.block_of(*additional);
    set.additional_location = compiler.location(sheet, "additionalProperties");
  }
  auto& sets = compiler.program().property_sets;
  sheet.emit(Section::object, Op::properties, static_cast<std::uint32_t>(sets.size()),
             compiler.location(sheet, "properties"));
  sets.push_back(std::move(set));
}

void add_dependent(Compiler& compiler, Draftsheet& sheet, std::string_view keyword,
                   const Member& member) {
  Program& program = compiler.program();
  const std::uint32_t location = compiler.location(sheet, keyword, member.key);
  if (!member.value.is_array()) {
    sheet.emit(Section::object, Op::dependent_schema,
               static_cast<std::uint32_t>(program.dependents_schema.size()), location);
    program.dependents_schema.push_back({member.key, compiler.block_of(member.value)});
    return;
  }
  DependentRequired row{member.key, {}};
  for (const Value& name : member.value.as_array()) row.needs.push_back(name.as_string());
  sheet.emit(Section::object, Op::dependent_required,
             static_cast<std::uint32_t>(program.dependents_required.size()), location);
  program.dependents_required.push_back(std::move(row));
}

void compile_dependents(Compiler& compiler, Draftsheet& sheet) {
  constexpr std::pair<Keyword, std::string_view> kRows[] = {
      {Keyword::dependent_required, "dependentRequired"},
      {Keyword::dependent_schemas, "dependentSchemas"},
      {Keyword::dependencies, "dependencies"},
  };
  for (const auto& [keyword, name] : kRows) {
    const Value* map = sheet.get(keyword);
    if (map == nullptr) continue;
    for (const Member& member : map->as_object()) add_dependent(compiler, sheet, name, member);
  }
}

}  // namespace

void compile_arrays(Compiler& compiler, Draftsheet& sheet) {
  compile_items(compiler, sheet);
  compile_contains(compiler, sheet);
}

void compile_objects(Compiler& compiler, Draftsheet& sheet) {
  compile_properties(compiler, sheet);
  if (const Value* names = sheet.get(Keyword::property_names)) {
    sheet.emit(Section::object, Op::property_names, compiler.block_of(*names),
               compiler.location(sheet, "propertyNames"));
  }
  compile_dependents(compiler, sheet);
}

void compile_unevaluated(Compiler& compiler, Draftsheet& sheet) {
  Program& program = compiler.program();
  if (const Value* items = sheet.get(Keyword::unevaluated_items)) {
    sheet.emit(Section::array, Op::unevaluated_items, compiler.block_of(*items),
               compiler.location(sheet, "unevaluatedItems"));
    program.blocks[sheet.id].tracks = true;
  }
  if (const Value* properties = sheet.get(Keyword::unevaluated_properties)) {
    sheet.emit(Section::object, Op::unevaluated_properties, compiler.block_of(*properties),
               compiler.location(sheet, "unevaluatedProperties"));
    program.blocks[sheet.id].tracks = true;
  }
}

}  // namespace writ::contract
