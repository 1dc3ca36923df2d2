#include "contract/schema/dialect.h"

#include <algorithm>

namespace writ::contract {
namespace {

constexpr std::uint8_t k7 = static_cast<std::uint8_t>(Draft::draft7);
constexpr std::uint8_t k19 = static_cast<std::uint8_t>(Draft::draft2019_09);
constexpr std::uint8_t k20 = static_cast<std::uint8_t>(Draft::draft2020_12);
constexpr std::uint8_t kAll = k7 | k19 | k20;

// Sorted by name. `definitions` and `dependencies` are deprecated since 2019-09, yet the
// published meta-schemas still give them their old meaning.
constexpr KeywordRow kKeywords[] = {
    {"$anchor", Keyword::anchor, Holds::string, k19 | k20, kCore},
    {"$comment", Keyword::comment, Holds::string, kAll, kCore},
    {"$defs", Keyword::definitions, Holds::schema_map, k19 | k20, kCore},
    {"$dynamicAnchor", Keyword::dynamic_anchor, Holds::string, k20, kCore},
    {"$dynamicRef", Keyword::dynamic_ref, Holds::string, k20, kCore},
    {"$id", Keyword::id, Holds::string, kAll, kCore},
    {"$recursiveAnchor", Keyword::recursive_anchor, Holds::boolean, k19, kCore},
    {"$recursiveRef", Keyword::recursive_ref, Holds::string, k19, kCore},
    {"$ref", Keyword::ref, Holds::string, kAll, kCore},
    {"$schema", Keyword::schema, Holds::string, kAll, kCore},
    {"$vocabulary", Keyword::vocabulary, Holds::anything, k19 | k20, kCore},
    {"additionalItems", Keyword::additional_items, Holds::schema, k7 | k19, kApplicator},
    {"additionalProperties", Keyword::additional_properties, Holds::schema, kAll, kApplicator},
    {"allOf", Keyword::all_of, Holds::schemas, kAll, kApplicator},
    {"anyOf", Keyword::any_of, Holds::schemas, kAll, kApplicator},
    {"const", Keyword::constant, Holds::anything, kAll, kValidation},
    {"contains", Keyword::contains, Holds::schema, kAll, kApplicator},
    {"contentSchema", Keyword::annotation, Holds::schema, k19 | k20, kAnnotation},
    {"definitions", Keyword::definitions, Holds::schema_map, kAll, kCore},
    {"dependencies", Keyword::dependencies, Holds::dependencies, kAll, kApplicator},
    {"dependentRequired", Keyword::dependent_required, Holds::strings_map, k19 | k20, kValidation},
    {"dependentSchemas", Keyword::dependent_schemas, Holds::schema_map, k19 | k20, kApplicator},
    {"else", Keyword::else_, Holds::schema, kAll, kApplicator},
    {"enum", Keyword::enumeration, Holds::array, kAll, kValidation},
    {"exclusiveMaximum", Keyword::exclusive_maximum, Holds::number, kAll, kValidation},
    {"exclusiveMinimum", Keyword::exclusive_minimum, Holds::number, kAll, kValidation},
    {"format", Keyword::format, Holds::string, kAll, kAnnotation | kFormatAssertion},
    {"if", Keyword::if_, Holds::schema, kAll, kApplicator},
    {"items", Keyword::items, Holds::schema, k20, kApplicator},
    {"items", Keyword::items, Holds::schema_or_schemas, k7 | k19, kApplicator},
    {"maxContains", Keyword::max_contains, Holds::size, k19 | k20, kValidation},
    {"maxItems", Keyword::max_items, Holds::size, kAll, kValidation},
    {"maxLength", Keyword::max_length, Holds::size, kAll, kValidation},
    {"maxProperties", Keyword::max_properties, Holds::size, kAll, kValidation},
    {"maximum", Keyword::maximum, Holds::number, kAll, kValidation},
    {"minContains", Keyword::min_contains, Holds::size, k19 | k20, kValidation},
    {"minItems", Keyword::min_items, Holds::size, kAll, kValidation},
    {"minLength", Keyword::min_length, Holds::size, kAll, kValidation},
    {"minProperties", Keyword::min_properties, Holds::size, kAll, kValidation},
    {"minimum", Keyword::minimum, Holds::number, kAll, kValidation},
    {"multipleOf", Keyword::multiple_of, Holds::positive_number, kAll, kValidation},
    {"not", Keyword::not_, Holds::schema, kAll, kApplicator},
    {"oneOf", Keyword::one_of, Holds::schemas, kAll, kApplicator},
    {"pattern", Keyword::pattern, Holds::string, kAll, kValidation},
    {"patternProperties", Keyword::pattern_properties, Holds::schema_map, kAll, kApplicator},
    {"prefixItems", Keyword::prefix_items, Holds::schemas, k20, kApplicator},
    {"properties", Keyword::properties, Holds::schema_map, kAll, kApplicator},
    {"propertyNames", Keyword::property_names, Holds::schema, kAll, kApplicator},
    {"required", Keyword::required, Holds::strings, kAll, kValidation},
    {"then", Keyword::then, Holds::schema, kAll, kApplicator},
    {"type", Keyword::type, Holds::type, kAll, kValidation},
    {"unevaluatedItems", Keyword::unevaluated_items, Holds::schema, k19 | k20, kUnevaluated},
    {"unevaluatedProperties", Keyword::unevaluated_properties, Holds::schema, k19 | k20,
     kUnevaluated},
    {"uniqueItems", Keyword::unique_items, Holds::boolean, kAll, kValidation},
};

constexpr Dialect kDraft7 = {Draft::draft7,
                             kCore | kApplicator | kValidation | kUnevaluated | kAnnotation};
constexpr Dialect kDraft2019 = {Draft::draft2019_09, kDraft7.vocabularies};
constexpr Dialect kDraft2020 = {Draft::draft2020_12, kDraft7.vocabularies};

struct VocabularyRow {
  std::string_view name;  // after …/vocab/
  std::uint8_t bits;
};

// In 2019-09 the unevaluated keywords belong to the applicators.
constexpr VocabularyRow kVocabularies2019[] = {
    {"applicator", kApplicator | kUnevaluated},
    {"content", kAnnotation},
    {"core", kCore},
    {"format", kAnnotation},
    {"meta-data", kAnnotation},
    {"validation", kValidation},
};
constexpr VocabularyRow kVocabularies2020[] = {
    {"applicator", kApplicator},
    {"content", kAnnotation},
    {"core", kCore},
    {"format-annotation", kAnnotation},
    {"format-assertion", kFormatAssertion},
    {"meta-data", kAnnotation},
    {"unevaluated", kUnevaluated},
    {"validation", kValidation},
};

std::optional<std::uint8_t> find_vocabulary(std::span<const VocabularyRow> rows,
                                            std::string_view name) {
  for (const VocabularyRow& row : rows) {
    if (row.name == name) return row.bits;
  }
  return std::nullopt;
}

}  // namespace

const KeywordRow* find_keyword(std::string_view name, const Dialect& dialect) {
  const auto* row = std::lower_bound(
      std::begin(kKeywords), std::end(kKeywords), name,
      [](const KeywordRow& r, std::string_view wanted) { return r.name < wanted; });
  for (; row != std::end(kKeywords) && row->name == name; ++row) {
    if ((row->drafts & static_cast<std::uint8_t>(dialect.draft)) != 0 &&
        (row->vocabularies & dialect.vocabularies) != 0) {
      return row;
    }
  }
  return nullptr;
}

std::span<const KeywordRow> keyword_table() { return kKeywords; }

std::optional<Dialect> published_dialect(std::string_view uri) {
  if (uri.ends_with('#')) uri.remove_suffix(1);
  if (uri == "https://json-schema.org/draft/2020-12/schema") return kDraft2020;
  if (uri == "https://json-schema.org/draft/2019-09/schema") return kDraft2019;
  if (uri == "http://json-schema.org/draft-07/schema" ||
      uri == "https://json-schema.org/draft-07/schema") {
    return kDraft7;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> vocabulary_bits(std::string_view uri) {
  constexpr std::string_view k2019 = "https://json-schema.org/draft/2019-09/vocab/";
  constexpr std::string_view k2020 = "https://json-schema.org/draft/2020-12/vocab/";
  if (uri.starts_with(k2020)) return find_vocabulary(kVocabularies2020, uri.substr(k2020.size()));
  if (uri.starts_with(k2019)) return find_vocabulary(kVocabularies2019, uri.substr(k2019.size()));
  return std::nullopt;
}

}  // namespace writ::contract
