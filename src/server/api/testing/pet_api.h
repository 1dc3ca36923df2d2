#pragma once
// The API of a small contract whose functions tell what they saw: who tests how requests are read,
// judged and answered needs no other.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"
#include "base/yaml.h"
#include "server/api/answers.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"
#include "server/api/testing/known_callers.h"

namespace writ::server {

inline constexpr const char* kPetContract = R"(openapi: 3.1.0
info: {title: Test, version: '1'}
tags:
  - {name: pets, description: Animals}
  - {name: users, description: People}
  - {name: oauth, description: Tokens}
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      summary: All pets
      x-scope: pets:read
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: kind, in: query, schema: {type: array, items: {type: string, enum: [cat, dog]}}}
        - {name: dry_run, in: query, schema: {type: boolean}}
        - {name: If-Match, in: header, schema: {type: string}}
      responses:
        '200': {description: They, content: {application/json: {schema: {type: object}}}}
        default: {$ref: '#/components/responses/problem'}
    post:
      operationId: addPet
      tags: [pets]
      summary: One more
      x-scope: [pets:write, pets:read]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
      responses:
        '201': {description: It, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        default: {$ref: '#/components/responses/problem'}
  /pets/{id}:
    delete:
      operationId: removePet
      tags: [pets]
      summary: One less
      x-superuser: true
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      responses:
        '204': {description: Gone}
        default: {$ref: '#/components/responses/problem'}
  /login:
    post:
      operationId: login
      tags: [users]
      summary: Sign in
      security: []
      x-rate: login
      x-errors: detail
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              additionalProperties: false
              required: [username, password]
              properties:
                username: {type: string, maxLength: 20}
                password: {type: string, minLength: 8}
      responses:
        '200': {description: In}
        '400': {description: Not in, content: {application/json: {}}}
        default: {$ref: '#/components/responses/detail'}
  /token:
    post:
      operationId: exchange
      tags: [oauth]
      summary: A token
      security: [{}, {bearer: []}]
      x-rate: token
      x-errors: oauth
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [grant_type]
              properties:
                grant_type: {type: string}
                resource: {type: array, items: {type: string}}
      responses:
        '200': {description: It, content: {application/json: {schema: {type: object}}}}
        default: {$ref: '#/components/responses/oauth'}
components:
  responses:
    problem: {description: What went wrong, content: {application/problem+json: {}}}
    detail: {description: What went wrong, content: {application/json: {}}}
    oauth: {description: What went wrong, content: {application/json: {}}}
  schemas:
    Pet:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string, minLength: 2}
        age: {type: integer, minimum: 0}
)";

inline contract::Description contract_of(std::string text) {
  auto root = parse_yaml(text, "api.yaml");
  EXPECT_TRUE(root) << root.error().text();
  auto description =
      contract::Description::read(Document{"api.yaml", std::move(text), *std::move(root)});
  EXPECT_TRUE(description) << description.error().text();
  return *std::move(description);
}

inline identity::Caller caller_with(std::vector<std::string> scopes) {
  identity::Caller caller;
  caller.id.uuid.bytes.fill(static_cast<std::uint8_t>(scopes.size() + 1));
  caller.scopes = std::move(scopes);
  return caller;
}

class PetApi : public ::testing::Test {
 protected:
  PetApi() {
    callers_.add("reader", caller_with({"pets:read"}));
    callers_.add("writer", caller_with({"pets:read", "pets:write"}));
    identity::Caller root = caller_with({});
    root.is_superuser = true;
    callers_.add("root", root);
    root.actors.emplace_back();
    callers_.add("agent-of-root", root);
  }

  // What a function saw, and answers.
  Operation tells() {
    return [this](const Call& call) -> Result<net::Answer> {
      seen_ = to_json(Object{{"parameters", call.parameters}, {"body", call.body}});
      trace_ = std::string(call.trace);
      return answer_;
    };
  }
  std::vector<Binding> bindings() {
    return {{"listPets", tells()},
            {"addPet", tells()},
            {"removePet", tells()},
            {"login", tells()},
            {"exchange", tells()}};
  }
  ApiOptions options() {
    ApiOptions out{.description = description_, .clock = clock_, .random = random_};
    out.doorkeeper = &callers_;
    out.families = {"pets", "users", "oauth"};
    out.resource_metadata = "https://writ.example/meta";
    return out;
  }
  testing::ApiCaller start(ApiOptions options) {
    auto built = Api::build(bindings(), std::move(options));
    EXPECT_TRUE(built) << built.error().text();
    api_ = *std::move(built);
    return testing::ApiCaller(api_->routes());
  }
  testing::ApiCaller start() { return start(options()); }
  std::string refusal(std::vector<Binding> bindings, Families families) {
    ApiOptions with = options();
    with.families = std::move(families);
    const auto built = Api::build(std::move(bindings), std::move(with));
    if (built) return "was built";
    std::string out;
    for (const Diagnostic& one : built.error().diagnostics) out += one.message + "\n";
    return out;
  }
  static testing::Fields as(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
  }
  static testing::Ask form(const std::string& target, const std::string& body) {
    return {
        net::Method::POST, target, body, {{"Content-Type", "application/x-www-form-urlencoded"}}};
  }

  FakeClock clock_;
  FakeRandom random_;
  const contract::Description description_ = contract_of(kPetContract);
  testing::KnownCallers callers_;
  std::unique_ptr<Api> api_;
  net::Response answer_ = json(200, Object{});
  std::string seen_;
  std::string trace_;
};

}  // namespace writ::server
