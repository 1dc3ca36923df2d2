#pragma once
// What a keyword means in which version of JSON Schema: the one table that the index of
// identifiers, the compiler and the check of schemas' own shape all read.
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace writ::contract {

enum class Draft : std::uint8_t { draft7 = 1, draft2019_09 = 2, draft2020_12 = 4 };

// Vocabularies of 2019-09 and 2020-12 as bits; draft-07 has them all.
enum Vocabulary : std::uint8_t {
  kCore = 1,
  kApplicator = 2,
  kUnevaluated = 4,
  kValidation = 8,
  kFormatAssertion = 16,
  kAnnotation = 32,  // meta-data, content, format-annotation: never assert
};

struct Dialect {
  Draft draft = Draft::draft2020_12;
  std::uint8_t vocabularies = kCore | kApplicator | kUnevaluated | kValidation | kAnnotation;

  friend bool operator==(const Dialect&, const Dialect&) = default;
};

// What the keyword's value must be, and where schemas stand in it.
enum class Holds : std::uint8_t {
  anything,
  boolean,
  string,
  number,
  positive_number,
  size,         // an integer >= 0
  strings,      // unique strings
  strings_map,  // name -> unique strings
  type,         // a type name or several
  array,
  schema,
  schemas,  // one or more
  schema_map,
  schema_or_schemas,
  dependencies,  // name -> schema or strings
};

enum class Keyword : std::uint8_t {
  additional_items,
  additional_properties,
  all_of,
  anchor,
  any_of,
  comment,
  constant,
  contains,
  definitions,
  dependencies,
  dependent_required,
  dependent_schemas,
  dynamic_anchor,
  dynamic_ref,
  else_,
  enumeration,
  exclusive_maximum,
  exclusive_minimum,
  format,
  id,
  if_,
  items,
  max_contains,
  max_items,
  max_length,
  max_properties,
  maximum,
  min_contains,
  min_items,
  min_length,
  min_properties,
  minimum,
  multiple_of,
  not_,
  one_of,
  pattern,
  pattern_properties,
  prefix_items,
  properties,
  property_names,
  recursive_anchor,
  recursive_ref,
  ref,
  required,
  schema,
  then,
  type,
  unevaluated_items,
  unevaluated_properties,
  unique_items,
  vocabulary,
  annotation,
};

struct KeywordRow {
  std::string_view name;
  Keyword keyword;
  Holds holds;
  std::uint8_t drafts;        // bits of Draft
  std::uint8_t vocabularies;  // any of these enables it
};

// The row of `name` as `dialect` sees it; nullptr: an unknown keyword, ignored.
const KeywordRow* find_keyword(std::string_view name, const Dialect& dialect);
std::span<const KeywordRow> keyword_table();

// The dialect of a published meta-schema, by its URI without an empty fragment.
std::optional<Dialect> published_dialect(std::string_view schema_uri);
// The bits a vocabulary URI stands for; nothing when it is unknown.
std::optional<std::uint8_t> vocabulary_bits(std::string_view vocabulary_uri);

}  // namespace writ::contract
