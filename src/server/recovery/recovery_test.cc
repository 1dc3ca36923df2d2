// The family `recovery` through its contract: every answer is held to it.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/json.h"
#include "base/random.h"
#include "contract/openapi/description.h"
#include "identity/rbac/access_subject.h"
#include "identity/recovery/testing/recovery_room.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"
#include "server/api/testing/known_callers.h"
#include "server/recovery/recovery_operations.h"

namespace writ::server {
namespace {

using identity::numbered;
using identity::PrincipalId;
using net::Method;

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() {
    room_.add_user(1, "root@example.org", true);
    room_.add_user(2, "bea@example.org", true);
    room_.add_user(3, "ada@example.org");
    know();
    access_ =
        identity::AccessControl::open({*room_.store, *room_.journal, random_, {}, {}}).value();
    secrets_ = std::make_shared<const identity::ServerSecrets>(
        identity::RecoveryRoom::secrets_named("test", 'k'));
    const RecoveryServices services{
        .access = access_,
        .secrets = secrets_,
        .store = *room_.store,
        .journal = *room_.journal,
        .clock = room_.clock,
        .random = random_,
        .directory = room_.place(),
        .second = second_person({*room_.store, *room_.journal, room_.clock, random_})};
    auto built = Api::build(recovery_operations(services), {.description = description_,
                                                            .clock = room_.clock,
                                                            .random = random_,
                                                            .doorkeeper = &door_,
                                                            .families = {"recovery"},
                                                            .checks_answers = true});
    EXPECT_TRUE(built) << built.error().text();
    api_ = *std::move(built);
    caller_.emplace(api_->routes());
  }

  // Everybody has just signed in.
  void know() {
    identity::Caller caller;
    caller.scopes = {"recovery:admin", "recovery:backup", "recovery:read"};
    caller.authenticated_at = room_.now();
    caller.is_superuser = true;
    caller.id = numbered<PrincipalId>(1);
    door_.add("root", caller);
    caller.id = numbered<PrincipalId>(2);
    door_.add("bea", caller);
    caller.is_superuser = false;
    caller.id = numbered<PrincipalId>(3);
    door_.add("ada", caller);
    caller.kind = identity::PrincipalKind::service_account;
    door_.add("robot", caller);
  }

  net::Response send(Method method, const std::string& target, const std::string& body = {},
                     const std::string& who = "root") const {
    testing::Fields fields{{"Authorization", "Bearer " + who}};
    if (body.empty()) return caller_->send({method, target, {}, fields});
    return caller_->send(testing::ask_json(method, target, body, fields));
  }
  static Value body_of(const net::Response& response) {
    auto value = parse_json(response.body);
    EXPECT_TRUE(value) << response.body;
    return value ? *std::move(value) : Value();
  }
  // Of a problem.
  static std::string detail(const net::Response& response) {
    return std::to_string(response.status) + " " +
           std::string(body_of(response).string_or("detail", ""));
  }
  std::string back_up() {
    const net::Response made = send(Method::POST, "/iam/recovery/backup");
    EXPECT_EQ(made.status, 201) << made.body;
    room_.clock.pass(std::chrono::seconds(1));
    return std::string(body_of(made).string_or("id", ""));
  }
  // Asks, has Bea approve, and gives what the request says then.
  net::Response with_approval(const std::string& target, const std::string& body = {}) {
    const net::Response waits = send(Method::POST, target, body);
    EXPECT_EQ(waits.status, 202) << waits.body;
    const std::string id(body_of(waits).string_or("id", ""));
    EXPECT_EQ(send(Method::POST, "/iam/recovery/approvals/" + id, {}, "bea").status, 200);
    return send(Method::POST, target + "&approval=" + id, body);
  }
  std::string email_of(std::uint8_t last) {
    const auto user = room_.look(
        [&](store::Tx& tx) { return identity::find_user(tx, numbered<PrincipalId>(last)); });
    return user ? user->email : "nobody";
  }
  void rename(std::uint8_t last, const std::string& email) {
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const identity::Deed& by) {
      return identity::change_user(tx, numbered<PrincipalId>(last), {.email = email}, by);
    }),
              "ok");
  }

  identity::RecoveryRoom room_;
  SystemRandom random_;
  contract::Description description_ = contract::Description::own().value();
  testing::KnownCallers door_;
  std::shared_ptr<const identity::ServerSecrets> secrets_;
  std::shared_ptr<identity::AccessControl> access_;
  std::unique_ptr<Api> api_;
  std::optional<testing::ApiCaller> caller_;
};

TEST_F(RecoveryTest, BackupsAreMadeByAdministratorsAndTheirMachinesAndListed) {
  EXPECT_EQ(detail(send(Method::POST, "/iam/recovery/backup", {}, "ada")),
            "403 only administrators may do this");
  const std::string first = back_up();
  const net::Response made = send(Method::POST, "/iam/recovery/backup", {}, "robot");
  const Value backup = body_of(made);
  EXPECT_EQ(backup.string_or("reason", ""), "asked");
  EXPECT_EQ(to_json(*backup.find("keks")), R"(["test"])");
  const Value listed = body_of(send(Method::GET, "/iam/recovery/backups"));
  ASSERT_EQ(listed.find("items")->as_array().size(), 2u);
  EXPECT_EQ(listed.find("items")->as_array()[0].string_or("id", ""), backup.string_or("id", "-"));
  EXPECT_EQ(listed.find("items")->as_array()[1].string_or("id", ""), first);
}

TEST_F(RecoveryTest, ARestoreIsADryRunUntilASecondAdministratorHasApprovedIt) {
  const std::string id = back_up();
  rename(3, "eve@example.org");
  const std::string path = "/iam/recovery/restore/" + id;
  const Value dry = body_of(send(Method::POST, path));
  EXPECT_FALSE(dry.bool_or("is_applied", true));
  EXPECT_EQ(to_json(*dry.find("users")),
            R"([{"id":")" + numbered<PrincipalId>(3).text() +
                R"(","email":"ada@example.org","fate":"changes","fields":["email"]}])");
  EXPECT_EQ(email_of(3), "eve@example.org");

  const net::Response waits = send(Method::POST, path + "?apply=true");
  EXPECT_EQ(waits.status, 202);
  const Value approval = body_of(waits);
  EXPECT_EQ(approval.string_or("says", ""), "restores the backup " + id);
  const std::string given(approval.string_or("id", ""));
  const std::string approve = "/iam/recovery/approvals/" + given;
  const std::string again = path + "?apply=true&approval=" + given;
  EXPECT_EQ(detail(send(Method::POST, again)), "403 nobody has approved this yet");
  EXPECT_EQ(detail(send(Method::POST, approve)), "403 who asks does not approve");
  EXPECT_EQ(body_of(send(Method::POST, approve, {}, "bea")).string_or("approved_by", ""),
            numbered<PrincipalId>(2).text());
  EXPECT_EQ(detail(send(Method::POST, again, {}, "bea")),
            "403 the approval is not for this request");
  const std::string other = "/iam/recovery/restore/" + numbered<identity::BackupId>(9).text();
  EXPECT_EQ(detail(send(Method::POST, other + "?apply=true&approval=" + given)),
            "403 the approval is not for this request");
  const Value done = body_of(send(Method::POST, again));
  EXPECT_TRUE(done.bool_or("is_applied", false)) << to_json(done);
  EXPECT_EQ(email_of(3), "ada@example.org");
  EXPECT_EQ(detail(send(Method::POST, again)), "403 the approval is not for this request");
}

TEST_F(RecoveryTest, ItTakesAPersonWhoHasJustSignedIn) {
  const std::string id = back_up();
  room_.clock.pass(std::chrono::minutes(6));
  EXPECT_EQ(detail(send(Method::POST, "/iam/recovery/restore/" + id + "?apply=true")),
            "403 a backup is restored only by a person who has just signed in");
  EXPECT_EQ(detail(send(Method::PATCH, "/iam/recovery/config", R"({"keep":3})")),
            "403 how backups are kept is changed only by a person who has just signed in");
  EXPECT_EQ(detail(send(Method::POST, "/iam/recovery/approvals/" + id)),
            "403 what another one asks for is approved only by a person who has just signed in");
  EXPECT_EQ(detail(send(Method::GET, "/iam/recovery/backups", {}, "ada")),
            "403 only superusers may do this, for themselves");
}

TEST_F(RecoveryTest, OneUserOrThePoliciesGoBack) {
  const std::vector<identity::AccessChange> changes = {
      {identity::AccessVerb::add_policy, "books", "invoice", "read"}};
  ASSERT_TRUE(access_->change(changes, {.actor = "principal:tester"})->is_applied);
  const std::string id = back_up();
  rename(3, "eve@example.org");
  const std::string path = "/iam/recovery/rollback/" + id + "?apply=true";
  const std::string user = R"({"item":"user","id":")" + numbered<PrincipalId>(3).text() + "\"}";
  EXPECT_EQ(send(Method::POST, "/iam/recovery/rollback/" + id, user).body,
            R"({"is_applied":false,"fields":["email"],"added":0,"removed":0,"sessions":0})");
  EXPECT_EQ(with_approval(path, user).body,
            R"({"is_applied":true,"fields":["email"],"added":0,"removed":0,"sessions":0})");
  EXPECT_EQ(email_of(3), "ada@example.org");
  EXPECT_EQ(detail(with_approval(path, user)),
            "409 it is as the backup has it: there is nothing to change");
  const std::vector<identity::AccessChange> undone = {
      {identity::AccessVerb::remove_policy, "books", "invoice", "read"}};
  ASSERT_TRUE(access_->change(undone, {.actor = "principal:tester"})->is_applied);
  EXPECT_EQ(with_approval(path, R"({"item":"access"})").body,
            R"({"is_applied":true,"fields":[],"added":1,"removed":0,"sessions":0})");
  EXPECT_TRUE(access_->index()->allows("books", "invoice", "read"));
}

TEST_F(RecoveryTest, ConfigurationIsReadAndChanged) {
  EXPECT_EQ(send(Method::GET, "/iam/recovery/config").body, R"({"keep":14,"place":""})");
  EXPECT_EQ(send(Method::PATCH, "/iam/recovery/config", R"({"keep":3})").body,
            R"({"keep":3,"place":""})");
  EXPECT_EQ(detail(send(Method::PATCH, "/iam/recovery/config", R"({"place":"backups"})")),
            "400 the place of backups is no absolute path of a directory");
  EXPECT_EQ(send(Method::GET, "/iam/recovery/config").body, R"({"keep":3,"place":""})");
}

TEST_F(RecoveryTest, WhatWaitsForASecondPersonIsListed) {
  EXPECT_EQ(send(Method::GET, "/iam/recovery/approvals").body, R"({"items":[]})");
  const std::string id = back_up();
  EXPECT_EQ(send(Method::POST, "/iam/recovery/restore/" + id + "?apply=true").status, 202);
  const Value listed = body_of(send(Method::GET, "/iam/recovery/approvals", {}, "bea"));
  ASSERT_EQ(listed.find("items")->as_array().size(), 1u);
  EXPECT_EQ(listed.find("items")->as_array()[0].string_or("act", ""), "restore");
}

}  // namespace
}  // namespace writ::server
