#include "contract/validate_document.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/json.h"
#include "contract/embedded.h"
#include "contract/schema/dialect.h"

namespace writ::contract {
namespace {

TEST(ValidateDocument, EveryContractCompiles) {
  for (const std::string_view name : contract_names()) {
    const auto schema = load_contract(name);
    EXPECT_TRUE(schema.has_value()) << name;
    if (schema) continue;
    for (const Diagnostic& d : schema.error().diagnostics) {
      ADD_FAILURE() << d.file << ":" << d.at.line << ":" << d.at.column << ": " << d.message;
    }
  }
}

TEST(ValidateDocument, EveryContractIsNamedAfterItsFileAndDialect) {
  for (const EmbeddedFile& file : embedded::contracts()) {
    const auto root = parse_json(file.bytes, file.path);
    ASSERT_TRUE(root.has_value()) << file.path;
    EXPECT_EQ(root->string_or("$id", ""), "https://writ.dev/contracts/" + std::string(file.path));
    EXPECT_EQ(root->string_or("$schema", ""), "https://json-schema.org/draft/2020-12/schema");
  }
}

// The keywords whose schemas are parts of the one around them.
constexpr std::string_view kParts[] = {"allOf", "anyOf", "dependentSchemas", "else", "if", "not",
                                       "oneOf", "then"};

// Pointers of object schemas that neither close themselves nor say that they are open.
void find_open(const Value& schema, bool is_part, const std::string& at,
               std::vector<std::string>& open);

void find_open_below(const Value& value, const KeywordRow& row, bool is_part, const std::string& at,
                     std::vector<std::string>& open) {
  if (row.holds == Holds::schema) return find_open(value, is_part, at, open);
  if (row.holds == Holds::schemas) {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      find_open(value.as_array()[i], is_part, at + "/" + std::to_string(i), open);
    }
  }
  if (row.holds == Holds::schema_map) {
    for (const Member& m : value.as_object()) find_open(m.value, is_part, at + "/" + m.key, open);
  }
}

void find_open(const Value& schema, bool is_part, const std::string& at,
               std::vector<std::string>& open) {
  if (!schema.is_object()) return;
  const bool says = schema.find("additionalProperties") != nullptr ||
                    schema.find("unevaluatedProperties") != nullptr;
  if (schema.find("properties") != nullptr && !says && !is_part) open.push_back(at);
  for (const Member& member : schema.as_object()) {
    const KeywordRow* row = find_keyword(
        member.key, *published_dialect("https://json-schema.org/draft/2020-12/schema"));
    if (row == nullptr) continue;
    const bool starts_part =
        std::find(std::begin(kParts), std::end(kParts), member.key) != std::end(kParts);
    find_open_below(member.value, *row, starts_part, at + "/" + member.key, open);
  }
}

TEST(ValidateDocument, EveryContractIsClosed) {
  for (const EmbeddedFile& file : embedded::contracts()) {
    std::vector<std::string> open;
    find_open(*parse_json(file.bytes), false, "", open);
    EXPECT_EQ(open, std::vector<std::string>()) << file.path;
  }
}

TEST(ValidateDocument, NamesTheNearestContractWhenThereIsNone) {
  const auto schema = load_contract("no-such-contract");
  ASSERT_FALSE(schema.has_value());
  EXPECT_EQ(schema.error().code, Code::not_found);
}

TEST(ValidateDocument, TurnsViolationsIntoDiagnosticsOfTheDocument) {
  const auto document = parse_document("a.json", "{\n  \"runn\": 3\n}");
  const auto schema = Schema::compile(
      *parse_json(R"({"properties": {"run": {"type": "string"}}, "additionalProperties": false})"));
  const auto result = validate_document(*schema, *document);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Code::invalid_input);
  ASSERT_EQ(result.error().diagnostics.size(), 1u);
  const Diagnostic& diagnostic = result.error().diagnostics[0];
  EXPECT_EQ(diagnostic.file, "a.json");
  EXPECT_EQ(diagnostic.at, (Position{2, 3}));
  EXPECT_EQ(diagnostic.message, "unknown key `runn` (did you mean `run`?)");
  EXPECT_EQ(diagnostic.remedy, "Write `run`, or remove it");
}

}  // namespace
}  // namespace writ::contract
