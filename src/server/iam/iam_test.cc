// The family `iam` through its contract: every answer is held to it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "contract/openapi/description.h"
#include "identity/accounts/api_keys.h"
#include "identity/federation/linked_identities.h"
#include "identity/graph/graph_links.h"
#include "identity/graph/key_rotation.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/principals.h"
#include "identity/rbac/access_rows.h"
#include "ledger/testing/sample.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"
#include "server/api/testing/known_callers.h"
#include "server/iam/iam_operations.h"

namespace writ::server {
namespace {

using net::Method;
using testing::ask_json;

identity::PrincipalId id_of(std::uint8_t last) {
  Uuid uuid;
  uuid.bytes[15] = last;
  return identity::PrincipalId{uuid};
}

constexpr std::uint8_t kAdmin = 1;

class IamTest : public ::testing::Test {
 protected:
  IamTest() {
    for (const auto& migrations :
         {identity::principal_migrations(), identity::access_migrations(),
          identity::graph_migrations(), identity::api_key_migrations(),
          identity::linked_identity_migrations(), identity::application_migrations(),
          identity::authorization_migrations()}) {
      const auto migrated = log_.store->migrate(migrations, store::DryRun::no);
      EXPECT_TRUE(migrated) << migrated.error().text();
    }
    identity::Principal admin;
    admin.id = id_of(kAdmin);
    admin.name = "admin@example.org";
    admin.is_superuser = true;
    EXPECT_TRUE(log_.store->write([&](store::Tx& tx) { return identity::put_principal(tx, admin); })
                    .has_value());
    crypto::SecretBytes secret(crypto::kKekSize);
    std::fill_n(secret.data(), secret.size(), std::uint8_t{7});
    keks_.push_back(crypto::make_kek("kek-1", std::move(secret)).value());
    identity::Caller caller;
    caller.id = admin.id;
    caller.scopes = {"iam:read", "iam:write", "rbac:check"};
    door_.add("person", caller);
    caller.is_superuser = true;
    door_.add("admin", caller);
    caller.scopes = {"iam:read", "iam:write"};
    door_.add("narrow", caller);
    access_ = identity::AccessControl::open({*log_.store, journal_, random_, {}, {}}).value();
    services_ = std::make_unique<IamServices>(
        IamServices{access_, *log_.store, journal_, log_.clock, random_,
                    SealingKeys(std::shared_ptr<void>(), &keks_)});
    auto built = Api::build(iam_operations(*services_), {.description = description_,
                                                         .clock = log_.clock,
                                                         .random = random_,
                                                         .doorkeeper = &door_,
                                                         .families = {"iam"},
                                                         .checks_answers = true});
    EXPECT_TRUE(built) << built.error().text();
    api_ = *std::move(built);
    caller_.emplace(api_->routes());
  }

  net::Response send(Method method, const std::string& target, const std::string& body = {},
                     const std::string& who = "admin") const {
    testing::Ask ask = ask_json(method, target, body, {{"Authorization", "Bearer " + who}});
    if (body.empty()) ask.fields.pop_back();
    return caller_->send(ask);
  }
  // Of a problem.
  std::string detail(const net::Response& response) const {
    const auto value = parse_json(response.body);
    return std::to_string(response.status) + " " +
           std::string(value ? value->string_or("detail", "") : response.body);
  }
  std::string member(const net::Response& response, std::string_view name) const {
    const auto value = parse_json(response.body);
    const Value* found = value ? value->find(name) : nullptr;
    if (found == nullptr) return "none in " + response.body;
    return found->is_string() ? found->as_string() : to_json(*found);
  }
  std::string create_account() const {
    return member(send(Method::POST, "/iam/service-accounts", R"({"name":"import"})"), "id");
  }
  net::Response create_key(const std::string& account) const {
    return send(Method::POST, "/iam/service-accounts/" + account + "/keys",
                R"({"purpose":"checks","scopes":["rbac:check"]})");
  }
  std::string create_provider() const {
    return member(send(Method::POST, "/iam/ai-providers",
                       R"({"name":"Models","kind":"openai","base_url":"https://api.example.org",)"
                       R"("credential":"sk-secret"})"),
                  "id");
  }
  std::string create_agent(const std::string& provider) const {
    return member(send(Method::POST, "/iam/ai-agents",
                       R"({"name":"Helper","sponsor":")" + id_of(kAdmin).text() +
                           R"(","provider":")" + provider +
                           R"(","model":"model-1",)"
                           R"("capabilities":["write"]})"),
                  "id");
  }
  void use_key(const std::string& id) {
    EXPECT_TRUE(log_.store
                    ->write([&](store::Tx& tx) -> Result<void> {
                      WRIT_TRY(const WallTime now, tx.now());
                      return identity::note_use(tx, id, now);
                    })
                    .has_value());
  }

  ledger::SampleLog log_;
  SystemRandom random_;
  identity::Journal journal_{*log_.ledger, "writ:project/sample", log_.clock, random_};
  contract::Description description_ = contract::Description::own().value();
  std::vector<crypto::KeyEncryptionKey> keks_;
  std::shared_ptr<identity::AccessControl> access_;
  std::unique_ptr<IamServices> services_;
  testing::KnownCallers door_;
  std::unique_ptr<Api> api_;
  std::optional<testing::ApiCaller> caller_;
};

TEST_F(IamTest, AServiceAccountIsAnsweredForByWhoMadeIt) {
  const std::string account = create_account();
  const net::Response got = send(Method::GET, "/iam/service-accounts/" + account);
  EXPECT_EQ(member(got, "sponsor"), id_of(kAdmin).text());
  EXPECT_EQ(member(got, "is_active"), "true");
  const auto listed = parse_json(send(Method::GET, "/iam/service-accounts").body);
  ASSERT_TRUE(listed) << listed.error().text();
  EXPECT_EQ(listed->find("items")->as_array().size(), 1U);
  EXPECT_EQ(detail(send(Method::GET, "/iam/ai-agents/" + account)), "404 there is no " + account);
  EXPECT_EQ(detail(send(Method::GET, "/iam/service-accounts/x")), "404 there is no x");
}

TEST_F(IamTest, KeysAreShownOnceWithNoMoreScopesThanTheirMakerHas) {
  const std::string account = create_account();
  const net::Response made = create_key(account);
  const std::string text = member(made, "key");
  const std::string id = member(made, "id");
  EXPECT_TRUE(text.starts_with("writ_live_" + id)) << text;
  const net::Response listed = send(Method::GET, "/iam/service-accounts/" + account + "/keys");
  EXPECT_NE(listed.body.find(id), std::string::npos);
  EXPECT_EQ(listed.body.find(text), std::string::npos);
  EXPECT_EQ(detail(send(Method::POST, "/iam/service-accounts/" + account + "/keys",
                        R"({"purpose":"more","scopes":["storage:write"]})")),
            "403 you do not have the scope storage:write");
  const auto found = log_.store->read(
      [&](store::Tx& tx) { return identity::find_api_key(tx, text, log_.clock.wall()); });
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->principal.text(), account);
  EXPECT_EQ((*found)->scopes, (std::vector<std::string>{"rbac:check"}));
}

TEST_F(IamTest, WhoRotatesAKeyGetsNoScopeByThat) {
  const std::string account = create_account();
  const std::string key = member(create_key(account), "id");
  const std::string rotate = "/iam/service-accounts/" + account + "/rotate/" + key;
  EXPECT_EQ(detail(send(Method::POST, rotate, {}, "narrow")),
            "403 you do not have the scope rbac:check");
  const std::string next = member(send(Method::POST, rotate), "id");
  EXPECT_EQ(detail(send(Method::POST, "/iam/service-accounts/" + account + "/rotate/" + next)),
            "409 the key " + next + " succeeds " + key + ", which is still used");
}

TEST_F(IamTest, AnOldKeyRetiresOnceTheNewOneIsUsedAndItIsNot) {
  const std::string account = create_account();
  const std::string old_key = member(create_key(account), "id");
  const std::string rotate = "/iam/service-accounts/" + account + "/rotate/" + old_key;
  const net::Response rotated = send(Method::POST, rotate, R"({"disuse_seconds":600})");
  const std::string new_key = member(rotated, "id");
  EXPECT_EQ(member(rotated, "replaces"), old_key);
  EXPECT_EQ(member(rotated, "scopes"), R"(["rbac:check"])");
  EXPECT_EQ(detail(send(Method::POST, rotate)),
            "409 the key " + old_key + " has a successor already");
  const auto keys = [&] {
    const net::Response listed = send(Method::GET, "/iam/service-accounts/" + account + "/keys");
    return std::string(listed.body.find(old_key) != std::string::npos ? "old " : "") +
           (listed.body.find("\"" + new_key + "\"") != std::string::npos ? "new" : "");
  };
  const auto retire_after = [&](std::chrono::seconds time) {
    const auto retired = log_.store->write([&](store::Tx& tx) -> Result<std::size_t> {
      WRIT_TRY(WallTime now, tx.now());
      now.micros += std::chrono::microseconds(time).count();
      return identity::retire_unused_keys(tx, now, {journal_, "system"});
    });
    return retired ? std::to_string(*retired) : retired.error().text();
  };
  // Nobody has used the new one yet, however long that takes.
  EXPECT_EQ(retire_after(std::chrono::hours(1000)), "0");
  use_key(new_key);
  EXPECT_EQ(retire_after(std::chrono::seconds(300)), "0");
  EXPECT_EQ(keys(), "old new");
  EXPECT_EQ(retire_after(std::chrono::seconds(700)), "1");
  EXPECT_EQ(keys(), "new");
  const auto again = retire_keys(*services_);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, 0U);
}

TEST_F(IamTest, KeysOfAgentsRotateAsThoseOfAccountsDo) {
  const std::string agent = create_agent(create_provider());
  const std::string keys = "/iam/ai-agents/" + agent + "/keys";
  const std::string old_key =
      member(send(Method::POST, keys, R"({"purpose":"ask","scopes":["rbac:check"]})"), "id");
  const std::string rotate = "/iam/ai-agents/" + agent + "/rotate/" + old_key;
  EXPECT_EQ(detail(send(Method::POST, rotate, {}, "narrow")),
            "403 you do not have the scope rbac:check");
  EXPECT_EQ(detail(send(Method::POST, "/iam/service-accounts/" + agent + "/rotate/" + old_key)),
            "404 there is no service account " + agent);
  const net::Response rotated = send(Method::POST, rotate, R"({"disuse_seconds":120})");
  EXPECT_EQ(member(rotated, "replaces"), old_key);
  EXPECT_EQ(member(rotated, "purpose"), "ask");
  const std::string new_key = member(rotated, "id");
  const auto retire_after = [&](std::chrono::seconds time) {
    const auto retired = log_.store->write([&](store::Tx& tx) -> Result<std::size_t> {
      WRIT_TRY(WallTime now, tx.now());
      now.micros += std::chrono::microseconds(time).count();
      return identity::retire_unused_keys(tx, now, {journal_, "system"});
    });
    return retired.value_or(99);
  };
  EXPECT_EQ(retire_after(std::chrono::hours(1)), 0u) << "nobody uses the new one yet";
  use_key(new_key);
  EXPECT_EQ(retire_after(std::chrono::minutes(3)), 1u);
  const std::string left = send(Method::GET, keys).body;
  EXPECT_EQ(left.find(old_key), std::string::npos) << left;
  EXPECT_NE(left.find(new_key), std::string::npos) << left;
}

TEST_F(IamTest, WhatADisabledAccountHadIsVoid) {
  const std::string account = create_account();
  const std::string text = member(create_key(account), "key");
  const std::string path = "/iam/service-accounts/" + account;
  EXPECT_EQ(member(send(Method::POST, path + "/disable"), "is_active"), "false");
  EXPECT_EQ(member(send(Method::POST, path + "/enable"), "is_active"), "true");
  EXPECT_EQ(send(Method::GET, path + "/keys").body, R"({"items":[]})");
  EXPECT_EQ(send(Method::DELETE, path).status, 204);
  EXPECT_EQ(detail(send(Method::GET, path)), "404 there is no " + account);
}

TEST_F(IamTest, AgentsAreChildrenOfProvidersWhoseCredentialsStayInside) {
  const std::string provider = create_provider();
  const net::Response shown = send(Method::GET, "/iam/ai-providers/" + provider);
  EXPECT_EQ(member(shown, "has_credential"), "true");
  EXPECT_EQ(shown.body.find("sk-secret"), std::string::npos);
  EXPECT_EQ(member(send(Method::PUT, "/iam/ai-providers/" + provider + "/credential",
                        R"({"credential":"sk-other"})"),
                   "credential_version"),
            "2");
  const std::string agent = create_agent(provider);
  EXPECT_EQ(member(send(Method::GET, "/iam/ai-agents/" + agent), "provider"), provider);
  send(Method::POST, "/iam/ai-providers/" + provider + "/disable");
  EXPECT_EQ(member(send(Method::GET, "/iam/ai-agents/" + agent), "is_active"), "false");
  EXPECT_EQ(detail(send(Method::POST, "/iam/ai-agents",
                        R"({"name":"Other","sponsor":")" + id_of(9).text() + R"(","provider":")" +
                            provider + R"(","model":"m"})")),
            "400 the sponsor " + id_of(9).text() + " is no person who may act");
}

TEST_F(IamTest, LinksShowWhatANodeRestsOnAndWhoWouldFeelItsEnd) {
  const std::string provider = create_provider();
  const std::string agent = create_agent(provider);
  const std::string link =
      R"({"from":")" + agent + R"(","relation":"member_of","to":"group:helpers"})";
  EXPECT_EQ(send(Method::POST, "/iam/graph/link", link).body,
            R"({"added":true,"link":)" + link + "}");
  EXPECT_EQ(member(send(Method::POST, "/iam/graph/link", link), "added"), "false");
  const auto changed = access_->change(
      std::vector<identity::AccessChange>{{identity::AccessVerb::assign_role, agent, "helper"}},
      {"principal:admin"});
  ASSERT_TRUE(changed) << changed.error().text();
  const net::Response memberships = send(Method::GET, "/iam/graph/" + agent + "/memberships");
  EXPECT_EQ(member(memberships, "roles"), R"(["helper"])");
  EXPECT_NE(memberships.body.find(R"("id":"group:helpers","kind":"group")"), std::string::npos);
  const net::Response dependents = send(Method::GET, "/iam/graph/" + provider + "/dependents");
  EXPECT_EQ(member(dependents, "dependents"),
            R"([{"id":")" + agent +
                R"(","kind":"ai_agent","name":"Helper","is_active":true,)"
                R"("relation":"child_of","via":")" +
                provider + R"(","depth":1}])");
  EXPECT_EQ(member(send(Method::DELETE,
                        "/iam/graph/link?from=" + agent + "&relation=member_of&to=group:helpers"),
                   "removed"),
            "true");
  EXPECT_EQ(detail(send(Method::GET, "/iam/graph/nobody/dependents")), "404 there is no nobody");
}

TEST_F(IamTest, IsForAdministrators) {
  EXPECT_EQ(detail(send(Method::POST, "/iam/service-accounts", R"({"name":"x"})", "person")),
            "403 only administrators may do this");
  EXPECT_EQ(
      detail(send(Method::GET, "/iam/graph/" + id_of(9).text() + "/memberships", {}, "person")),
      "403 only administrators may ask about others");
  EXPECT_EQ(
      member(send(Method::GET, "/iam/graph/" + id_of(kAdmin).text() + "/memberships", {}, "person"),
             "memberships"),
      "[]");
}

}  // namespace
}  // namespace writ::server
