#pragma once
// A schema as the interpreter runs it: flat vectors that refer to each other by index.
//
// A Block is one schema. Its instructions stand together in `code`, in sections: what applies to
// any instance, then to numbers, strings, arrays, objects. An instruction's operand indexes the
// table of its operation.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/value.h"
#include "contract/schema.h"
#include "contract/schema/format.h"
#include "contract/schema/key_table.h"
#include "contract/schema/number.h"
#include "contract/schema/pattern.h"

namespace writ::contract {

using BlockId = std::uint32_t;
inline constexpr std::uint32_t kNone = ~0u;  // no block, no entry, no location

enum class Op : std::uint8_t {
  // any instance
  call,          // block: $ref, and one branch of allOf
  call_dynamic,  // dynamic_calls
  constant,      // values
  enumeration,   // enums
  any_of,        // branches
  one_of,        // branches
  negate,        // block
  conditional,   // conditionals
  // numbers
  minimum,
  maximum,
  exclusive_minimum,
  exclusive_maximum,  // numbers
  multiple_of,        // divisors
  // strings
  min_length,
  max_length,  // the operand itself
  pattern,     // patterns
  format,      // formats
  // arrays
  min_items,
  max_items,
  unique_items,       // the operand itself
  items,              // item_sets
  contains,           // contains
  unevaluated_items,  // block
  // objects
  min_properties,
  max_properties,          // the operand itself
  properties,              // property_sets
  property_names,          // block
  dependent_required,      // dependents_required
  dependent_schema,        // dependents_schema
  unevaluated_properties,  // block
};

struct Instruction {
  Op op;
  std::uint32_t operand;
  std::uint32_t location;  // of the keyword
};

// Bits of the kinds of Value, in the order of Value::Kind; `real` here means: no integral value.
using TypeMask = std::uint8_t;
inline constexpr TypeMask kAllTypes = 0x7f;
inline constexpr TypeMask kNoType = 0;
constexpr TypeMask type_bit(Value::Kind kind) {
  return static_cast<TypeMask>(1u << static_cast<unsigned>(kind));
}

enum class Section : std::uint8_t { any, number, string, array, object };
inline constexpr std::size_t kSections = 5;

struct Block {
  // code[starts[s]] to code[starts[s + 1]] is section s.
  std::array<std::uint32_t, kSections + 1> starts = {};
  TypeMask types = kAllTypes;
  // Collects which items and properties its keywords looked at, for its own `unevaluated…`.
  bool tracks = false;
  // Set by the linker. Leaf: applies no other schema, so it needs no level of its own. Bare: says
  // nothing but the type.
  bool is_leaf = false;
  bool is_bare = false;
  std::uint32_t resource = 0;
  std::uint32_t location = kNone;       // of the schema
  std::uint32_t type_location = kNone;  // of `type`; kNone: `false` or none
  std::uint32_t note = kNone;           // index of the schema's own words (title, description)
};

struct Location {
  std::uint32_t resource;
  std::string pointer;  // ends with the keyword, except for a schema
  std::string keyword;  // empty: a schema
};

struct Branches {
  std::uint32_t first = 0;  // in branch_blocks
  std::uint32_t count = 0;
};

struct Conditional {
  BlockId condition = kNone;
  BlockId then = kNone;
  BlockId otherwise = kNone;
};

struct DynamicCall {
  BlockId fallback = kNone;      // what the reference means by itself
  std::uint32_t anchor = kNone;  // row of dynamic_targets
};

struct ItemSet {
  std::vector<BlockId> prefix;  // kNone: anything
  std::uint32_t prefix_location = kNone;
  // What the items after the prefix must be; without it they are not looked at.
  bool has_rest = false;
  BlockId rest = kNone;
  std::uint32_t rest_location = kNone;
};

struct Contains {
  BlockId block = kNone;
  std::uint32_t at_least = 1;
  std::uint32_t at_most = kNone;
  std::uint32_t at_least_location = kNone;  // kNone: `contains` itself
  std::uint32_t at_most_location = kNone;
  bool marks_items = false;  // 2020-12: items that match count as evaluated
};

// `properties`, `patternProperties`, `additionalProperties` and `required` of one schema, for one
// pass over the members.
struct PropertySet {
  struct Entry {
    BlockId block = kNone;           // kNone: anything
    bool is_declared = false;        // by `properties`, not by `required` alone
    std::uint32_t required = kNone;  // number among the required ones
  };
  struct PatternEntry {
    std::uint32_t pattern = 0;  // in patterns
    BlockId block = kNone;
  };
  KeyTable keys;
  std::vector<Entry> entries;  // by ordinal in keys
  std::vector<PatternEntry> patterns;
  std::uint32_t required_count = 0;
  std::uint32_t required_location = kNone;
  bool has_additional = false;
  BlockId additional = kNone;  // kNone: anything
  std::uint32_t additional_location = kNone;
};

struct DependentRequired {
  std::string key;
  std::vector<std::string> needs;
};

struct DependentSchema {
  std::string key;
  BlockId block = kNone;
};

struct Enumeration {
  std::vector<Value> values;
  KeyTable strings;  // the strings among them
  bool only_strings = true;
};

struct Divisor {
  Decimal decimal;
  std::int64_t integer = 0;  // 0: the divisor is no integer
  Number number;
};

struct Program {
  BlockId root = 0;
  std::vector<Block> blocks;
  std::vector<Instruction> code;

  std::vector<BlockId> branch_blocks;
  std::vector<Branches> branches;
  std::vector<Conditional> conditionals;
  std::vector<DynamicCall> dynamic_calls;
  std::vector<ItemSet> item_sets;
  std::vector<Contains> contains;
  std::vector<PropertySet> property_sets;
  std::vector<DependentRequired> dependents_required;
  std::vector<DependentSchema> dependents_schema;
  std::vector<Value> values;
  std::vector<Enumeration> enums;
  std::vector<Number> numbers;
  std::vector<Divisor> divisors;
  std::vector<Pattern> patterns;
  std::vector<FormatCheck> formats;

  // [anchor][resource] -> block, kNone where the resource has no such dynamic anchor.
  std::vector<std::vector<BlockId>> dynamic_targets;
  bool uses_dynamic_scope = false;

  std::vector<std::string> resource_uris;
  std::vector<Location> locations;
  std::vector<std::string> notes;
  ValidationLimits limits;
};

// A block that every instance satisfies.
inline bool is_trivial(const Program& program, BlockId id) {
  if (id == kNone) return true;
  const Block& block = program.blocks[id];
  return block.types == kAllTypes && block.starts.front() == block.starts.back();
}

}  // namespace writ::contract
