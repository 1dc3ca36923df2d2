// The description of the API: what is read from it, and what is refused.
#include "contract/openapi/description.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/yaml.h"

namespace writ::contract {
namespace {

constexpr std::string_view kHead = R"(openapi: 3.1.0
info: {title: Test, version: '1'}
tags:
  - {name: pets, description: Animals}
  - {name: shop, description: Trade}
)";
constexpr std::string_view kTail = R"(
components:
  responses:
    problem: {description: What went wrong}
    detail: {description: What went wrong}
  schemas:
    Pet:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string, minLength: 2}
        friend: {$ref: '#/components/schemas/Friend'}
    Friend:
      type: object
      additionalProperties: false
      properties: {pet: {$ref: '#/components/schemas/Pet'}}
    Unused: {type: string}
)";

Result<Description> read(const std::string& paths) {
  std::string text = std::string(kHead) + paths + std::string(kTail);
  WRIT_TRY(Value root, parse_yaml(text, "api.yaml"));
  return Description::read(Document{"api.yaml", std::move(text), std::move(root)});
}

// The paths of one operation, which keeps to everything but what `replaced` becomes.
std::string with(const std::string& replaced, const std::string& by) {
  std::string text = R"(paths:
  /pets/{id}:
    put:
      operationId: putPet
      tags: [pets]
      summary: Keep a pet
      x-scope: pets:write
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
      responses:
        '200': {description: Kept}
        default: {$ref: '#/components/responses/problem'}
)";
  const std::size_t at = text.find(replaced);
  if (at != std::string::npos) text.replace(at, replaced.size(), by);
  return text;
}

std::string refusal_of(const std::string& paths) {
  const auto description = read(paths);
  if (description) return "was read";
  std::string out;
  for (const Diagnostic& one : description.error().diagnostics) {
    out += std::to_string(one.at.line) + ": " + one.message + "\n";
  }
  return out;
}

TEST(Description, SaysEverythingOfAnOperation) {
  const auto description = read(with("", ""));
  ASSERT_TRUE(description) << description.error().text();
  const DescribedOperation* const put = description->find("putPet");
  ASSERT_NE(put, nullptr);
  EXPECT_EQ(put->method, "PUT");
  EXPECT_EQ(put->path, "/pets/{id}");
  EXPECT_EQ(put->family, "pets");
  EXPECT_EQ(put->scopes, std::vector<std::string>{"pets:write"});
  EXPECT_EQ(put->rate, "write");
  EXPECT_EQ(put->asker, Asker::known);
  EXPECT_EQ(put->errors, ErrorShape::problem);
  EXPECT_FALSE(put->runs_on_loop);
  EXPECT_TRUE(put->needs_body);
  EXPECT_EQ(put->body_limit, std::size_t{1} << 20);
  ASSERT_EQ(put->parameters.size(), 1u);
  EXPECT_EQ(put->parameters[0].name, "id");
  EXPECT_EQ(put->parameters[0].in, Place::path);
  EXPECT_EQ(put->response(200)->description, "Kept");
  EXPECT_EQ(put->response(418)->status, "default");
}

TEST(Description, RefusesWhatAnApiCannotBeBuiltFrom) {
  EXPECT_EQ(refusal_of(with("x-scope: pets:write", "deprecated: false")),
            "8: `putPet` does not say who may ask\n");
  EXPECT_EQ(refusal_of(with("x-scope: pets:write", "x-scope: pets:write\n      security: []")),
            "8: `putPet` asks for a scope of whoever comes without a credential\n");
  EXPECT_EQ(refusal_of(with("x-scope: pets:write", "x-scope: pets:write\n      x-runs: loop")),
            "8: `putPet` runs on the loop and has callers to look up, which may block\n");
  EXPECT_EQ(refusal_of(with("name: id", "name: it")),
            "8: `/pets/{id}` has no place for `it`\n"
            "8: `putPet` does not describe `id` of its path\n");
  EXPECT_EQ(refusal_of(with("responses/problem", "responses/detail")),
            "8: `putPet` does not describe its errors\n");
  EXPECT_EQ(refusal_of(with("'200'", "'404'")),
            "8: `putPet` does not say what it answers when all goes well\n");
  EXPECT_EQ(refusal_of(with("tags: [pets]", "tags: [birds]")), "8: there is no family `birds`\n");
  EXPECT_EQ(refusal_of(with("x-scope", "x-scop")),
            "12: unknown key `x-scop` (did you mean "
            "`x-scope`?) in `paths./pets/{id}.put`\n");
}

TEST(Description, CompilesSchemasWithWhatTheyReferTo) {
  const auto description = read(with("", ""));
  ASSERT_TRUE(description) << description.error().text();
  const auto schema = description->compile(description->find("putPet")->bodies.at(0).schema);
  ASSERT_TRUE(schema) << schema.error().text();
  EXPECT_TRUE(
      schema->is_valid(*parse_json(R"({"name": "Rex", "friend": {"pet": {"name": "Tom"}}})")));
  const auto result =
      schema->validate(*parse_json(R"({"name": "Rex", "friend": {"pet": {"name": "T"}}})"));
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].instance, "/friend/pet/name");
  EXPECT_EQ(result.violations[0].keyword, "minLength");
}

TEST(Description, SaysWhereAReferenceLeadsNowhere) {
  const auto description = read(with("schemas/Pet", "schemas/Cat"));
  ASSERT_TRUE(description) << description.error().text();
  const auto checked = description->check_schemas();
  ASSERT_FALSE(checked);
  EXPECT_TRUE(checked.error().diagnostics.at(0).message.starts_with("the body of putPet: "))
      << checked.error().diagnostics.at(0).message;
  EXPECT_EQ(checked.error().diagnostics.at(0).at.line, 17u);
}

TEST(Description, ShowsFamiliesAloneWithTheComponentsThatTheyNeed) {
  const auto description = read(with("", ""));
  ASSERT_TRUE(description) << description.error().text();
  const Value pets = description->excerpt({"pets"}, "7.8.9");
  EXPECT_EQ(pets.at_path({"info", "version"})->as_string(), "7.8.9");
  EXPECT_NE(pets.at_path({"paths", "/pets/{id}", "put"}), nullptr);
  EXPECT_EQ(to_json(*pets.find("tags")), R"([{"name":"pets","description":"Animals"}])");
  EXPECT_NE(pets.at_path({"components", "schemas", "Friend"}), nullptr);
  EXPECT_EQ(pets.at_path({"components", "schemas", "Unused"}), nullptr);
  const Value shop = description->excerpt({"shop"}, "7.8.9");
  EXPECT_EQ(to_json(*shop.find("paths")), "{}");
}

TEST(Description, OfWritItselfIsWholeAndCompiles) {
  const auto description = Description::own();
  ASSERT_TRUE(description) << description.error().text();
  const auto checked = description->check_schemas();
  std::string wrong;
  if (!checked) {
    for (const Diagnostic& one : checked.error().diagnostics) {
      wrong += std::to_string(one.at.line) + ": " + one.message + "\n";
    }
  }
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(description->find("getDiscovery")->path, "/discovery");
}

}  // namespace
}  // namespace writ::contract
