// The family `directory` through its contract, every answer of which is held to it, and its
// settings. A real LDAP server is asked in tests/e2e/directory_test.cc.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "base/document.h"
#include "base/json.h"
#include "base/testing/temporary_directory.h"
#include "contract/openapi/description.h"
#include "identity/accounts/account_migrations.h"
#include "identity/directory/testing/fake_directory.h"
#include "identity/rbac/access_rows.h"
#include "identity/testing/account_room.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"
#include "server/api/testing/known_callers.h"
#include "server/directory/configured_directories.h"
#include "server/directory/directory_operations.h"

namespace writ::server {
namespace {

using identity::numbered;
using identity::PrincipalId;
using net::Method;

class DirectoryTest : public ::testing::Test {
 protected:
  DirectoryTest() {
    for (const auto& migrations : {identity::account_migrations(), identity::access_migrations()}) {
      EXPECT_TRUE(room_.store->migrate(migrations, store::DryRun::no));
    }
    access_ =
        identity::AccessControl::open({*room_.store, *room_.journal, random_, {}, {}}).value();
    know();
    auto source = std::make_unique<identity::FakeDirectory>();
    directory_ = source.get();
    directory_->put("ada", {"operators"});
    directory_->put("bea");
    std::vector<FollowedDirectory> followed;
    followed.push_back(
        {std::move(source),
         {.name = "staff", .roles = {{"operators", "operator"}}, .max_losses = {.count = 1}}});
    const auto directories = std::make_shared<Directories>(DirectoryNeeds{.access = access_,
                                                                          .store = *room_.store,
                                                                          .journal = *room_.journal,
                                                                          .clock = room_.clock,
                                                                          .random = random_},
                                                           std::move(followed));
    auto built = Api::build(directory_operations(directories), {.description = description_,
                                                                .clock = room_.clock,
                                                                .random = random_,
                                                                .doorkeeper = &door_,
                                                                .families = {"directory"},
                                                                .checks_answers = true});
    EXPECT_TRUE(built) << built.error().text();
    api_ = *std::move(built);
    caller_.emplace(api_->routes());
  }

  void know() {
    identity::Caller caller;
    caller.scopes = {"iam:sync"};
    caller.authenticated_at = room_.now();
    caller.id = numbered<PrincipalId>(1);
    caller.is_superuser = true;
    door_.add("root", caller);
    caller.is_superuser = false;
    caller.id = numbered<PrincipalId>(2);
    door_.add("somebody", caller);
    caller.kind = identity::PrincipalKind::service_account;
    caller.credential = "api_key/robot";
    door_.add("robot", caller);
  }
  net::Response send(Method method, const std::string& target, const std::string& who = "root") {
    return caller_->send({method, target, {}, {{"Authorization", "Bearer " + who}}});
  }
  static Value body_of(const net::Response& response) {
    auto value = parse_json(response.body);
    EXPECT_TRUE(value) << response.body;
    return value ? *std::move(value) : Value();
  }
  // "200 created 2 applied", or "409 why".
  std::string run(const std::string& query = {}, const std::string& who = "root") {
    const net::Response got = send(Method::POST, "/iam/sync/run" + query, who);
    const Value body = body_of(got);
    std::string out = std::to_string(got.status);
    if (got.status != 200) return out + ' ' + std::string(body.string_or("detail", ""));
    for (const char* fate : {"created", "changed", "switched_off", "returned", "refused"}) {
      const auto count = body.find("counts")->integer_or(fate, -1);
      if (count != 0) out += ' ' + std::string(fate) + ' ' + std::to_string(count);
    }
    return out + (body.bool_or("is_applied", false) ? " applied" : " looked at");
  }

  identity::AccountRoom room_;
  SystemRandom random_;
  contract::Description description_ = contract::Description::own().value();
  testing::KnownCallers door_;
  std::shared_ptr<identity::AccessControl> access_;
  identity::FakeDirectory* directory_ = nullptr;  // the operations own it
  std::unique_ptr<Api> api_;
  std::optional<testing::ApiCaller> caller_;
};

TEST_F(DirectoryTest, IsADryRunUnlessItIsToBeApplied) {
  const Value looked = body_of(send(Method::POST, "/iam/sync/run"));
  EXPECT_EQ(to_json(looked.find("items")->as_array().at(0)),
            R"({"person":"ada","email":"ada@example.org","fate":"created","fields":[],)"
            R"("roles_gained":["operator"],"roles_lost":[]})");
  EXPECT_FALSE(looked.bool_or("is_applied", true));
  EXPECT_EQ(run("?apply=true", "robot"), "200 created 2 applied");
  EXPECT_EQ(run("?apply=true&directory=staff"), "200 applied");
  const auto ada =
      room_.look([](store::Tx& tx) { return identity::find_user_by_email(tx, "ada@example.org"); });
  ASSERT_TRUE(ada);
  EXPECT_EQ(access_->index()->roles_of(ada->id.text()), std::vector<std::string>{"operator"});
}

TEST_F(DirectoryTest, IsForAdministratorsAndTheirMachines) {
  EXPECT_EQ(run("?apply=true", "somebody"), "403 only administrators may do this");
  EXPECT_EQ(send(Method::GET, "/iam/sync", "somebody").status, 403);
  EXPECT_EQ(run("?directory=other"), "404 accounts follow no directory `other`");
  EXPECT_FALSE(room_.look([](store::Tx& tx) {
    return identity::find_user_by_email(tx, "ada@example.org");
  })) << "nothing was applied";
}

TEST_F(DirectoryTest, TakesAPersonWhoHasJustSignedInToTakeFromMoreThanUsual) {
  directory_->put("cem");
  ASSERT_EQ(run("?apply=true"), "200 created 3 applied");
  directory_->people.erase("ada");
  directory_->people.erase("bea");
  EXPECT_EQ(run("?apply=true"),
            "409 2 people would be switched off or lose roles, and 1 may at once; nothing was "
            "changed");
  EXPECT_EQ(run("?apply=true&may_lose=2", "robot"),
            "403 more people than usual lose something only by a person who has just signed in");
  EXPECT_EQ(run("?may_lose=2"), "200 switched_off 2 looked at");
  EXPECT_EQ(run("?apply=true&may_lose=2"), "200 switched_off 2 applied");
}

TEST_F(DirectoryTest, SaysHowTheLastRunEnded) {
  EXPECT_EQ(to_json(body_of(send(Method::GET, "/iam/sync"))),
            R"({"items":[{"name":"staff","is_running":false,"interval_seconds":0}]})");
  ASSERT_EQ(run("?apply=true"), "200 created 2 applied");
  directory_->fails_after = 1;
  EXPECT_EQ(run("?apply=true"), "503 the directory has gone away");
  const Value listed = body_of(send(Method::GET, "/iam/sync", "robot"));
  const Value* const last = listed.find("items")->as_array().at(0).find("last");
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->string_or("outcome", ""), "failed");
  EXPECT_EQ(last->string_or("error", ""), "the directory has gone away");
}

// --- settings

class DirectorySettingsTest : public ::testing::Test {
 protected:
  Result<std::vector<ConfiguredDirectory>> read(const std::string& yaml) {
    const std::string path = (place_.path() / "settings.yaml").string();
    std::ofstream(path) << "identity:\n  directories:\n    - {name: staff, " << yaml << "}\n";
    WRIT_TRY(const Document file, load_document(path));
    WRIT_TRY(const auto settings, contract::Settings::lay("settings", {.file = &file}));
    return read_directories(settings, place_.path());
  }
  std::string refusal(const std::string& yaml) {
    const auto got = read(yaml);
    return got ? "taken" : got.error().text();
  }
  const TemporaryDirectory place_;
};

TEST_F(DirectorySettingsTest, HaveDefaultsAndNamesInOneSpelling) {
  const auto got = read(
      "url: 'ldaps://ldap.example.org', people_bases: ['OU=People, DC=example'], "
      "roles: [{group: 'CN=Ops,DC=example', role: operator}], max_losses: '5', timeout: 30s");
  ASSERT_TRUE(got) << got.error().text();
  ASSERT_EQ(got->size(), 1u);
  const ConfiguredDirectory& one = got->front();
  EXPECT_EQ(one.ldap.people_bases, std::vector<std::string>{"ou=people,dc=example"});
  EXPECT_EQ(one.ldap.people_filter, "(objectClass=inetOrgPerson)");
  EXPECT_EQ(one.ldap.id_attribute, "entryUUID");
  EXPECT_EQ(one.ldap.groups, std::vector<std::string>{"cn=ops,dc=example"});
  ASSERT_EQ(one.rules.roles.size(), 1u);
  EXPECT_EQ(one.rules.roles[0].group, "cn=ops,dc=example");
  EXPECT_EQ(one.rules.max_losses.count, 5u);
  EXPECT_EQ(one.rules.lease, std::chrono::seconds(90));
  EXPECT_FALSE(one.rules.adopts_by_email || one.rules.allows_passwords ||
               one.rules.addresses_are_verified);
}

TEST_F(DirectorySettingsTest, AreRefusedWhereTheyWouldBeUnsafe) {
  const struct {
    const char* yaml;
    const char* says;
  } cases[] = {
      {"url: 'ldap://ldap.example.org', starttls: false, people_bases: ['dc=x']",
       "directory `staff` would be asked in the open"},
      {"url: 'ldap://127.0.0.1.example.org', starttls: false, people_bases: ['dc=x']",
       "directory `staff` would be asked in the open"},
      {"url: 'ldap://127.0.0.1:389', starttls: false, people_bases: ['dc=x']", "taken"},
      {"url: 'ldap://[::1]:389', starttls: false, people_bases: ['dc=x']", "taken"},
      {"url: 'ldapi://%2Frun%2Fslapd', people_bases: ['dc=x']", "taken"},
      {"url: 'http://example.org', people_bases: ['dc=x']", "url"},
      {"url: 'ldaps://u:p@example.org', people_bases: ['dc=x']", "url"},
      {"url: 'ldaps://a', people_bases: ['people']", "`people` is not the name of an entry"},
      {"url: 'ldaps://a', people_bases: ['dc=x'], bind_dn: 'cn=writ'",
       "has a `bind_dn` without a password"},
      {"url: 'ldaps://a', people_bases: ['dc=x'], bind_dn: 'cn=writ', password_file: f, "
       "password_variable: V",
       "has both `password_file` and `password_variable`"},
      {"url: 'ldaps://a', people_bases: ['dc=x'], bind_dn: 'cn=writ', "
       "password_variable: WRIT_TEST_UNSET",
       "in the variable WRIT_TEST_UNSET, which is not set"},
      {"url: 'ldaps://a', people_bases: ['dc=x'], password_file: f", "bind_dn"},
      {"url: 'ldaps://a', people_bases: ['dc=x'], timeout: 11m", "of more than ten minutes"},
      {"url: 'ldaps://a', people_bases: ['dc=x'], max_losses: '101%'", "max_losses"},
      {"url: 'ldaps://a', people_bases: ['dc=x'], people_filter: 'uid=*'", "people_filter"},
      {"url: 'ldaps://a', people_bases: ['dc=x'], roles: [{group: 'cn=a', role: "
       "'018f3c9e-7a10-7c3e-9d2b-5f1e6a7b8c9d'}]",
       "directory `staff`"},
  };
  for (const auto& one : cases) {
    const std::string got = refusal(one.yaml);
    EXPECT_NE(got.find(one.says), std::string::npos) << one.yaml << ": " << got;
  }
}

TEST(DirectoryId, IsTextAGuidOrDigits) {
  EXPECT_EQ(directory_id("entryUUID", "6b6f1b4e-0c1c-103f-8a5d-7b6b4b4c0a11"),
            "6b6f1b4e-0c1c-103f-8a5d-7b6b4b4c0a11");
  const std::string guid("\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
  EXPECT_EQ(directory_id("objectGUID", guid), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(directory_id("objectGUID", "short"), "");
  EXPECT_EQ(directory_id("nsUniqueId", std::string("a\0b", 3)), "610062");
  EXPECT_EQ(directory_id("entryUUID", ""), "");
}

}  // namespace
}  // namespace writ::server
