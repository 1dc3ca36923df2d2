// Types from schemas: what is written, and that what was written reads and writes values.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/yaml.h"
#include "contract/embedded.h"
#include "contract/generated/openapi.h"
#include "contract/types/write_cpp.h"
#include "contract/types/write_types.h"
#include "contract/types/write_typescript.h"

namespace writ::contract {
namespace {

constexpr std::string_view kSchemas = R"(
$schema: https://json-schema.org/draft/2020-12/schema
description: A pet of somebody
type: object
additionalProperties: false
required: [name, kind, grant-type, mood]
properties:
  name: {type: string, description: What it is called}
  kind: {enum: [cat, big-dog]}
  grant-type: {const: pet}
  age: {type: integer}
  mood: {type: [string, 'null']}
  owner: {$ref: '#/$defs/owner'}
  tags: {type: array, items: {type: string}}
  extra: {oneOf: [{type: string}, {type: integer}]}
$defs:
  owner:
    type: object
    properties:
      pets: {type: array, items: {$ref: '#/$defs/owner'}}
      class: {type: boolean}
      weights: {type: object, additionalProperties: {type: number}}
)";

TypeModel pets() {
  auto model = types_of(*parse_yaml(kSchemas), "Pet");
  EXPECT_TRUE(model) << model.error().text();
  return *std::move(model);
}

TEST(Types, AreTypescriptThatSaysWhatValuesLookLike) {
  EXPECT_EQ(typescript(pets(), {.origin = "contracts/pet.schema.json"}),
            R"(// Made from contracts/pet.schema.json: do not edit.

export interface Owner {
  pets?: Array<Owner>;
  class?: boolean;
  weights?: Record<string, number>;
  [key: string]: unknown;
}

export type PetKind = "cat" | "big-dog";

/** A pet of somebody */
export interface Pet {
  /** What it is called */
  name: string;
  kind: PetKind;
  "grant-type": "pet";
  age?: number;
  mood: string | null;
  owner?: Owner;
  tags?: Array<string>;
  extra?: unknown;
}
)");
}

TEST(Types, AreStructsOfCpp) {
  const std::string header = cpp_header(pets(), {.origin = "x", .space = "writ::pets"});
  const std::size_t begin = header.find("namespace writ::pets {");
  ASSERT_NE(begin, std::string::npos);
  EXPECT_EQ(header.substr(begin), R"(namespace writ::pets {

struct Owner;
struct Pet;

struct Owner {
  std::optional<std::vector<Owner>> pets;
  std::optional<bool> class_;
  std::optional<std::map<std::string, double>> weights;

  static writ::Result<Owner> from_value(const writ::Value& value);
  writ::Value to_value() const;
  friend bool operator==(const Owner&, const Owner&) = default;
};

enum class PetKind : std::uint8_t { cat, big_dog };
std::span<const std::string_view> words_of(PetKind);

// A pet of somebody
struct Pet {
  // What it is called
  std::string name;
  PetKind kind = PetKind::cat;
  std::string grant_type = "pet";
  std::optional<std::int64_t> age;
  std::optional<std::string> mood;
  std::optional<Owner> owner;
  std::optional<std::vector<std::string>> tags;
  std::optional<writ::Value> extra;

  static writ::Result<Pet> from_value(const writ::Value& value);
  writ::Value to_value() const;
  friend bool operator==(const Pet&, const Pet&) = default;
};

}  // namespace writ::pets
)");
}

TEST(Types, ReadAndWriteMembersByTheirKeys) {
  const std::string source =
      cpp_source(pets(), {.origin = "x", .space = "writ::pets", .include = "pets.h"});
  EXPECT_NE(source.find(R"(  static constexpr std::string_view kWords[] = {"cat", "big-dog"};)"),
            std::string::npos);
  EXPECT_NE(
      source.find(R"(  WRIT_CHECK(contract::read_member(value, "grant-type", out.grant_type));)"),
      std::string::npos);
  EXPECT_NE(source.find(R"(  contract::write_nullable(out, "mood", mood);)"), std::string::npos);
}

TEST(Types, HaveNamesThatCppTakes) {
  EXPECT_EQ(cpp_name("grantType"), "grant_type");
  EXPECT_EQ(cpp_name("exclude-plugin"), "exclude_plugin");
  EXPECT_EQ(cpp_name("delete"), "delete_");
  EXPECT_EQ(cpp_name("$ref"), "n_ref");
  EXPECT_EQ(cpp_name("3d"), "n3d");
  EXPECT_EQ(cpp_name("a--b"), "a_b");
  EXPECT_EQ(pascal_case("access_check-v1"), "AccessCheckV1");
}

TEST(Types, TellWordsApartThatAreSignsToCpp) {
  const auto model = types_of(
      *parse_yaml("openapi: 3.1.0\ncomponents: {schemas: {Op: {enum: ['<', '<=', 'in']}}}"), "");
  ASSERT_TRUE(model) << model.error().text();
  const std::string header = cpp_header(*model, {.origin = "x", .space = "x"});
  EXPECT_NE(header.find("enum class Op : std::uint8_t { n_, n_2, in };"), std::string::npos)
      << header;
}

TEST(Types, RefuseTwoOfOneName) {
  const auto model = types_of(
      *parse_yaml(
          "openapi: 3.1.0\ncomponents: {schemas: {a_b: {type: string}, AB: {type: string}}}"),
      "");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().message, "two types would be called AB");
  const auto neither = types_of(*parse_yaml("a: 1"), "A");
  ASSERT_FALSE(neither);
  EXPECT_EQ(neither.error().message, "this is neither a JSON Schema nor an OpenAPI description");
}

TEST(Types, AreMadeOfEveryContract) {
  for (const EmbeddedFile& file : embedded::contracts()) {
    const auto model =
        types_of(*parse_json(file.bytes), pascal_case(file.path.substr(0, file.path.find('.'))));
    ASSERT_TRUE(model) << file.path << ": " << model.error().text();
    EXPECT_NE(model->find(pascal_case(file.path.substr(0, file.path.find('.')))), nullptr)
        << file.path;
  }
}

TEST(GeneratedTypes, ReadWhatTheyWrite) {
  const std::string text =
      R"({"service":"writ","version":"1","families":["core"],"links":{"docs":"/docs"}})";
  const auto discovery = api::Discovery::from_value(*parse_json(text));
  ASSERT_TRUE(discovery) << discovery.error().text();
  EXPECT_EQ(discovery->families, std::vector<std::string>{"core"});
  EXPECT_EQ(discovery->links.at("docs"), "/docs");
  EXPECT_EQ(to_json(discovery->to_value()), text);
  const auto ready = api::Readiness::from_value(*parse_json(R"({"status":"ok","checks":{}})"));
  ASSERT_TRUE(ready) << ready.error().text();
  EXPECT_EQ(ready->status, api::ReadinessStatus::ok);
}

TEST(GeneratedTypes, SayWhichMemberIsWrong) {
  const auto why = [](const char* text) {
    const auto read = api::Readiness::from_value(*parse_json(text));
    return read ? std::string("was read") : read.error().message;
  };
  EXPECT_EQ(why("[]"), "is no object");
  EXPECT_EQ(why("{}"), "`status` is missing");
  EXPECT_EQ(why(R"({"status": 3})"), "`status` is no string");
  EXPECT_EQ(why(R"({"status": "okk", "checks": {}})"),
            "`status` is none of the words that there are (did you mean `ok`?)");
  EXPECT_EQ(why(R"({"status": "ok", "checks": []})"), "`checks` is no object");
}

}  // namespace
}  // namespace writ::contract
