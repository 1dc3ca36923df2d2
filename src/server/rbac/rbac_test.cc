// The family `rbac` through its contract: every answer is held to it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "contract/openapi/description.h"
#include "identity/rbac/access_rows.h"
#include "ledger/testing/sample.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"
#include "server/api/testing/known_callers.h"
#include "server/rbac/rbac_operations.h"

namespace writ::server {
namespace {

using net::Method;
using testing::ask_json;

identity::PrincipalId id_of(std::uint8_t last) {
  Uuid uuid;
  uuid.bytes[15] = last;
  return identity::PrincipalId{uuid};
}

struct Room {
  explicit Room(identity::AccessConditions conditions = {}) {
    for (const auto& migrations :
         {identity::access_migrations(), identity::approval_migrations()}) {
      const auto migrated = log.store->migrate(migrations, store::DryRun::no);
      EXPECT_TRUE(migrated) << migrated.error().text();
    }
    auto opened = identity::AccessControl::open(
        {*log.store, journal, random, std::move(conditions), [this]() -> Result<std::string> {
           ++backups;
           return "backup-1";
         }});
    EXPECT_TRUE(opened) << opened.error().text();
    identity::Caller admin;
    admin.scopes = {"rbac:admin", "rbac:check", "rbac:read", "rbac:write"};
    admin.authenticated_at = log.clock.wall();
    admin.id = id_of(7);
    door.add("person", admin);
    admin.is_superuser = true;
    door.add("admin", admin);
    admin.is_superuser = false;
    admin.kind = identity::PrincipalKind::service_account;
    door.add("robot", admin);
    identity::Caller checker;
    checker.scopes = {"rbac:check"};
    checker.kind = identity::PrincipalKind::service_account;
    door.add("checker", checker);
    auto built =
        Api::build(rbac_operations({std::move(*opened), *log.store, log.clock,
                                    second_person({*log.store, journal, log.clock, random})}),
                   {.description = description,
                    .clock = log.clock,
                    .random = random,
                    .doorkeeper = &door,
                    .families = {"rbac"},
                    .checks_answers = true});
    EXPECT_TRUE(built) << built.error().text();
    api = *std::move(built);
    caller.emplace(api->routes());
  }

  net::Response send(Method method, const std::string& target, const std::string& body = {},
                     const std::string& who = "admin") const {
    testing::Ask ask = ask_json(method, target, body, {{"Authorization", "Bearer " + who}});
    if (body.empty()) ask.fields.pop_back();
    return caller->send(ask);
  }
  std::string said(Method method, const std::string& target, const std::string& body = {},
                   const std::string& who = "admin") const {
    const net::Response response = send(method, target, body, who);
    return std::to_string(response.status) + " " + response.body;
  }
  // Of a problem.
  std::string detail(const net::Response& response) const {
    const auto value = parse_json(response.body);
    return std::to_string(response.status) + " " +
           std::string(value ? value->string_or("detail", "") : response.body);
  }

  ledger::SampleLog log;
  SystemRandom random;
  identity::Journal journal{*log.ledger, "writ:project/sample", log.clock, random};
  contract::Description description = contract::Description::own().value();
  testing::KnownCallers door;
  std::unique_ptr<Api> api;
  std::optional<testing::ApiCaller> caller;
  int backups = 0;
};

std::string policy(const std::string& subject, const std::string& object,
                   const std::string& action) {
  return R"({"subject":")" + subject + R"(","object":")" + object + R"(","action":")" + action +
         "\"}";
}

TEST(RbacApi, RolePermissionAssignmentCheck) {
  const Room room;
  EXPECT_EQ(
      room.said(Method::POST, "/rbac/roles", R"({"name":"accountant","description":"Books"})"),
      R"(201 {"created":true,"revision":1})");
  EXPECT_EQ(room.said(Method::POST, "/rbac/policies", policy("accountant", "invoice", "read")),
            R"(201 {"added":true,"revision":2})");
  EXPECT_EQ(room.said(Method::POST, "/rbac/users/alice/roles", R"({"role":"accountant"})"),
            R"(201 {"assigned":true,"revision":3})");
  EXPECT_EQ(room.said(Method::POST, "/rbac/check", policy("alice", "invoice", "read"), "checker"),
            R"(200 {"allowed":true,"reason":"alice has read on invoice by the role accountant",)"
            R"("matched_policy":{"subject":"accountant","object":"invoice","action":"read"},)"
            R"("via":["alice","accountant"],"objections":[],"revision":3})");
  EXPECT_EQ(
      room.said(Method::POST, "/rbac/check", policy("alice", "invoice", "pay")),
      R"(200 {"allowed":false,"reason":"no policy permits pay on invoice to alice or the role )"
      R"(that it holds","matched_policy":null,"via":[],"objections":[],"revision":3})");
}

TEST(RbacApi, ConditionsAreTriedBeforeAnybodyIsDeniedByThem) {
  const Room room;
  room.send(Method::POST, "/rbac/policies", policy("alice", "doc", "sign"));
  EXPECT_EQ(room.said(Method::GET, "/rbac/conditions"), R"(200 {"is_there":false})");
  const auto tried = [&](const std::string& module, const std::string& who = "admin") {
    return room.send(
        Method::POST, "/rbac/conditions/try",
        to_json(Value(
            Object{{"module", module},
                   {"questions",
                    Array{Object{{"subject", "alice"}, {"object", "doc"}, {"action", "sign"}},
                          Object{{"subject", "bob"}, {"object", "doc"}, {"action", "sign"}}}}})),
        who);
  };
  const net::Response got =
      tried("package writ.access\ndeny contains \"by day\" if not input.context.is_day");
  ASSERT_EQ(got.status, 200) << got.body;
  const Value body = parse_json(got.body).value();
  const Value& alice = body.find("items")->as_array().at(0);
  EXPECT_TRUE(alice.bool_or("is_other", false));
  EXPECT_TRUE(alice.find("now")->bool_or("allowed", false));
  EXPECT_EQ(to_json(*alice.find("then")->find("objections")), R"(["by day"])");
  EXPECT_FALSE(body.find("items")->as_array().at(1).bool_or("is_other", true));
  EXPECT_NE(room.said(Method::POST, "/rbac/check", policy("alice", "doc", "sign"))
                .find(R"("allowed":true)"),
            std::string::npos)
      << "nothing was kept";
  const std::string wrong = room.detail(tried("package writ.access\ndeny contains x if"));
  EXPECT_TRUE(wrong.starts_with("400 the conditions do not compile: module:2")) << wrong;
  EXPECT_EQ(tried("package writ.access", "person").status, 403);
}

TEST(RbacApi, ConditionsOfTheSettingsAreShownAndDeny) {
  const Room room(identity::AccessConditions::parse(
                      "package writ.access\ndeny contains \"frozen\" if input.object == \"vault\"",
                      "conditions.rego")
                      .value());
  room.send(Method::POST, "/rbac/policies", policy("alice", "vault", "read"));
  const std::string check =
      room.said(Method::POST, "/rbac/check", policy("alice", "vault", "read"));
  EXPECT_NE(check.find(R"("allowed":false)"), std::string::npos) << check;
  EXPECT_NE(check.find(R"("objections":["frozen"])"), std::string::npos) << check;
  const Value shown = parse_json(room.send(Method::GET, "/rbac/conditions").body).value();
  EXPECT_TRUE(shown.bool_or("is_there", false));
  EXPECT_EQ(shown.string_or("digest", "").size(), 64u);
  EXPECT_NE(shown.string_or("module", "").find("frozen"), std::string_view::npos);
}

TEST(RbacApi, AnswersFalseWhereNothingChanges) {
  const Room room;
  const std::string one = policy("a", "doc", "read");
  room.send(Method::POST, "/rbac/policies", one);
  EXPECT_EQ(room.said(Method::POST, "/rbac/policies", one), R"(200 {"added":false,"revision":1})");
  EXPECT_EQ(room.said(Method::DELETE, "/rbac/policies?subject=a&object=doc&action=write"),
            R"(200 {"removed":false,"revision":1})");
  EXPECT_EQ(room.said(Method::DELETE, "/rbac/policies", one),
            R"(200 {"removed":true,"revision":2})");
  EXPECT_EQ(room.said(Method::DELETE, "/rbac/users/a/roles?role=r"),
            R"(200 {"unassigned":false,"revision":2})");
  EXPECT_EQ(room.detail(room.send(Method::DELETE, "/rbac/policies?subject=a")),
            "400 `object` is not given");
}

TEST(RbacApi, ListsRolesAndPermissionsWithTheGrantingPath) {
  const Room room;
  room.send(Method::POST, "/rbac/policies/bulk",
            R"({"add":[{"subject":"role:user","object":"doc","action":"read"},
                       {"subject":"alice","object":"secret","action":"read"}],
                "assign":[{"subject":"alice","role":"role:admin"},
                          {"subject":"role:admin","role":"role:user"}]})");
  EXPECT_EQ(room.said(Method::GET, "/rbac/users/alice/roles"),
            R"(200 {"subject":"alice","roles":["role:admin"],"revision":1})");
  EXPECT_EQ(room.said(Method::GET, "/rbac/users/alice/roles/implicit"),
            R"(200 {"subject":"alice","roles":["role:admin","role:user"],"revision":1})");
  EXPECT_EQ(room.said(Method::GET, "/rbac/users/alice/permissions"),
            R"(200 {"subject":"alice","permissions":[)"
            R"({"subject":"alice","object":"secret","action":"read","via":["alice"]},)"
            R"({"subject":"role:user","object":"doc","action":"read",)"
            R"("via":["alice","role:admin","role:user"]}],"is_cut":false,"revision":1})");
  EXPECT_EQ(room.said(Method::GET, "/rbac/policies?limit=1"),
            R"(200 {"policies":[{"subject":"alice","object":"secret","action":"read"}],)"
            R"("next":{"subject":"alice","object":"secret","action":"read"}})");
  EXPECT_EQ(room.said(Method::GET,
                      "/rbac/policies?limit=1&after_subject=alice&after_object=secret"
                      "&after_action=read"),
            R"(200 {"policies":[{"subject":"role:user","object":"doc","action":"read"}],)"
            R"("next":{"subject":"role:user","object":"doc","action":"read"}})");
  const auto role = parse_json(room.send(Method::GET, "/rbac/roles/role:user").body);
  ASSERT_TRUE(role) << role.error().text();
  EXPECT_EQ(to_json(*role->find("members")), R"(["role:admin"])");
  EXPECT_EQ(room.said(Method::DELETE, "/rbac/roles/role:admin"),
            R"(200 {"deleted":true,"revision":2})");
  EXPECT_EQ(room.said(Method::GET, "/rbac/users/alice/roles/implicit"),
            R"(200 {"subject":"alice","roles":[],"revision":2})");
}

TEST(RbacApi, ABulkIsAllOrNothingWithAReport) {
  const Room room;
  room.send(Method::POST, "/rbac/policies", policy("a", "doc", "read"));
  EXPECT_EQ(
      room.said(Method::POST, "/rbac/policies/bulk",
                R"({"add":[{"subject":"b","object":"doc","action":"read"},
                                 {"subject":"a","object":"doc","action":"read"}]})"),
      R"(200 {"applied":false,"revision":1,"items":[)"
      R"({"change":"add_policy","subject":"b","object":"doc","action":"read","outcome":"done"},)"
      R"({"change":"add_policy","subject":"a","object":"doc","action":"read",)"
      R"("outcome":"nothing"}]})");
  EXPECT_EQ(room.said(Method::POST, "/rbac/policies/bulk?dry_run=true",
                      R"({"assign":[{"subject":"bob","role":"a"}]})"),
            R"(200 {"applied":false,"revision":1,"items":[)"
            R"({"change":"assign_role","subject":"bob","role":"a","outcome":"done"}],)"
            R"("difference":{"gained":[{"subject":"bob","object":"doc","action":"read"}],)"
            R"("lost":[],"subjects":1,"is_cut":false}})");
}

TEST(RbacApi, ACircleIsAConflictThatNamesIt) {
  const Room room;
  room.send(Method::POST, "/rbac/users/a/roles", R"({"role":"b"})");
  room.send(Method::POST, "/rbac/users/b/roles", R"({"role":"c"})");
  EXPECT_EQ(room.detail(room.send(Method::POST, "/rbac/users/c/roles", R"({"role":"a"})")),
            "409 roles would run in a circle: c -> a -> b -> c");
  EXPECT_EQ(room.detail(room.send(Method::POST, "/rbac/roles", R"({"name":"d","parents":["d"]})")),
            "409 roles would run in a circle: d -> d");
}

TEST(RbacApi, NeedsTheScopeOfEachOperation) {
  const Room room;
  EXPECT_EQ(room.send(Method::POST, "/rbac/policies", policy("a", "doc", "read"), "checker").status,
            403);
  EXPECT_EQ(room.send(Method::GET, "/rbac/roles", {}, "nobody").status, 401);
  EXPECT_EQ(room.said(Method::GET, "/rbac/roles"), R"(200 {"roles":[]})");
}

TEST(RbacApi, PeopleWhoAreNoAdministratorsAskAboutThemselvesAndChangeNothing) {
  const Room room;
  const std::string self = id_of(7).text();
  room.send(Method::POST, "/rbac/policies", policy(self, "doc", "read"));
  EXPECT_EQ(room.said(Method::POST, "/rbac/check", policy(self, "doc", "read"), "person"),
            R"(200 {"allowed":true,"reason":")" + self +
                R"( has read on doc itself",)"
                R"("matched_policy":)" +
                policy(self, "doc", "read") + R"(,"via":[")" + self +
                R"("],"objections":[],"revision":1})");
  EXPECT_EQ(room.said(Method::GET, "/rbac/users/" + self + "/roles", {}, "person"),
            R"(200 {"subject":")" + self + R"(","roles":[],"revision":1})");
  const char* const about_others = "403 only administrators may ask about others";
  EXPECT_EQ(
      room.detail(room.send(Method::POST, "/rbac/check", policy("bob", "doc", "read"), "person")),
      about_others);
  EXPECT_EQ(room.detail(room.send(Method::GET, "/rbac/users/bob/permissions", {}, "person")),
            about_others);
  const char* const refused = "403 only administrators may do this";
  EXPECT_EQ(
      room.detail(room.send(Method::POST, "/rbac/policies", policy(self, "doc", "pay"), "person")),
      refused);
  EXPECT_EQ(room.detail(room.send(Method::POST, "/rbac/users/" + self + "/roles",
                                  R"({"role":"admin"})", "person")),
            refused);
  EXPECT_EQ(room.detail(room.send(Method::POST, "/rbac/management/reset?apply=true", {}, "person")),
            refused);
}

TEST(RbacApi, AResetIsADryRunUnlessAppliedByAPersonWhoHasJustSignedIn) {
  Room room;
  room.send(Method::POST, "/rbac/policies", policy("a", "doc", "read"));
  EXPECT_EQ(
      room.said(Method::POST, "/rbac/management/reset"),
      R"(200 {"applied":false,"revision":1,"before":{"policies":1,"assignments":0,"roles":0},)"
      R"("after":{"policies":0,"assignments":0,"roles":0},"difference":{"gained":[],)"
      R"("lost":[{"subject":"a","object":"doc","action":"read"}],"subjects":1,"is_cut":false}})");
  EXPECT_EQ(room.detail(room.send(Method::POST, "/rbac/management/reset?apply=true", {}, "robot")),
            "403 access is reset only by a person who has just signed in");
  room.log.clock.advance(std::chrono::minutes(6));
  EXPECT_EQ(room.detail(room.send(Method::POST, "/rbac/management/reset?apply=true")),
            "403 access is reset only by a person who has just signed in");
  EXPECT_EQ(room.backups, 0);
  identity::Caller admin;
  admin.scopes = {"rbac:admin"};
  admin.is_superuser = true;
  admin.authenticated_at = room.log.clock.wall();
  room.door.add("again", admin);
  const net::Response waits =
      room.send(Method::POST, "/rbac/management/reset?apply=true", {}, "again");
  EXPECT_EQ(waits.status, 202);
  EXPECT_EQ(room.backups, 0);
  const auto approval = identity::ApprovalId::parse(parse_json(waits.body)->string_or("id", ""));
  ASSERT_TRUE(approval) << waits.body;
  const std::string again = "/rbac/management/reset?apply=true&approval=" + approval->text();
  EXPECT_EQ(room.detail(room.send(Method::POST, again, {}, "again")),
            "403 nobody has approved this yet");
  EXPECT_TRUE(room.log.store->write([&](store::Tx& tx) {
    return identity::approve(tx, *approval, id_of(8), {.journal = room.journal});
  }));
  EXPECT_EQ(room.said(Method::POST, again, {}, "again"),
            R"(200 {"applied":true,"revision":2,"before":{"policies":1,"assignments":0,"roles":0},)"
            R"("after":{"policies":0,"assignments":0,"roles":0},"backup":"backup-1"})");
  EXPECT_EQ(room.said(Method::POST, "/rbac/management/reload"),
            R"(200 {"applied":true,"revision":2,"before":{"policies":0,"assignments":0,"roles":0},)"
            R"("after":{"policies":0,"assignments":0,"roles":0}})");
}

class Authzen : public ::testing::Test {
 protected:
  void SetUp() override {
    room_.send(Method::POST, "/rbac/policies/bulk",
               R"({"add":[{"subject":"reader","object":"invoice:7","action":"read"},
                          {"subject":"reader","object":"invoice:8","action":"read"},
                          {"subject":"robot:1","object":"invoice:7","action":"pay"}],
                   "assign":[{"subject":"alice","role":"reader"},
                             {"subject":"bob","role":"reader"}]})");
  }
  // decisions, in order: "+-"
  std::string decisions(const std::string& body) {
    const auto value = parse_json(room_.send(Method::POST, "/access/v1/evaluations", body).body);
    if (!value || value->find("evaluations") == nullptr) return "no evaluations";
    std::string out;
    for (const Value& one : value->find("evaluations")->as_array()) {
      out += one.bool_or("decision", false) ? '+' : '-';
    }
    return out;
  }
  Room room_;
};

TEST_F(Authzen, DecidesOneAndSaysWhy) {
  const std::string asked =
      R"({"subject":{"type":"user","id":"alice","properties":{"age":7}},"action":{"name":"read"},)"
      R"("resource":{"type":"invoice","id":"7"},"context":{"ip":"::1"},"extra":1})";
  EXPECT_EQ(
      room_.said(Method::POST, "/access/v1/evaluation", asked),
      R"(200 {"decision":true,"context":{"matched_policy":{"subject":"reader",)"
      R"("object":"invoice:7","action":"read"},"via":["alice","reader"],"objections":[],"revision":1,)"
      R"("reason_admin":{"en":"alice has read on invoice:7 by the role reader"}}})");
  EXPECT_EQ(
      room_.said(Method::POST, "/access/v1/evaluation",
                 R"({"subject":{"type":"robot","id":"1"},"action":{"name":"read"},)"
                 R"("resource":{"type":"object","id":"invoice:7"}})"),
      R"(200 {"decision":false,"context":{"matched_policy":null,"via":[],"objections":[],"revision":1,)"
      R"("reason_admin":{"en":"no policy permits read on invoice:7 to robot:1"}}})");
  EXPECT_EQ(room_.detail(room_.send(Method::POST, "/access/v1/evaluation",
                                    R"({"subject":{"type":"user","id":"alice"},)"
                                    R"("resource":{"type":"invoice","id":"7"}})")),
            "400 `action` has no name");
}

TEST_F(Authzen, DecidesSeveralAsFarAsTheSemanticsGo) {
  const std::string rest =
      R"("subject":{"type":"user","id":"alice"},"resource":{"type":"invoice","id":"7"},)"
      R"("evaluations":[{"action":{"name":"read"}},{"action":{"name":"pay"}},)"
      R"({"action":{"name":"read"},"resource":{"type":"invoice","id":"8"}},{}]})";
  EXPECT_EQ(decisions("{" + rest), "+-+-");
  EXPECT_EQ(decisions(R"({"options":{"evaluations_semantic":"deny_on_first_deny"},)" + rest), "+-");
  EXPECT_EQ(decisions(R"({"options":{"evaluations_semantic":"permit_on_first_permit"},)" + rest),
            "+");
}

TEST_F(Authzen, FindsSubjectsResourcesAndActions) {
  EXPECT_EQ(room_.said(Method::POST, "/access/v1/search/subject",
                       R"({"subject":{"type":"user"},"action":{"name":"read"},)"
                       R"("resource":{"type":"invoice","id":"7"},"page":{"limit":1}})"),
            R"(200 {"results":[{"type":"user","id":"alice"}],"page":{"next_token":"alice"}})");
  EXPECT_EQ(room_.said(Method::POST, "/access/v1/search/subject",
                       R"({"subject":{"type":"user"},"action":{"name":"read"},)"
                       R"("resource":{"type":"invoice","id":"7"},"page":{"token":"alice"}})"),
            R"(200 {"results":[{"type":"user","id":"bob"}],"page":{"next_token":""}})");
  EXPECT_EQ(room_.said(Method::POST, "/access/v1/search/resource",
                       R"({"subject":{"type":"user","id":"alice"},"action":{"name":"read"},)"
                       R"("resource":{"type":"invoice"}})"),
            R"(200 {"results":[{"type":"invoice","id":"7"},{"type":"invoice","id":"8"}],)"
            R"("page":{"next_token":""}})");
  EXPECT_EQ(room_.said(Method::POST, "/access/v1/search/action",
                       R"({"subject":{"type":"robot","id":"1"},)"
                       R"("resource":{"type":"invoice","id":"7"}})"),
            R"(200 {"results":[{"name":"pay"}],"page":{"next_token":""}})");
}

TEST_F(Authzen, SaysWhereItIs) {
  const net::Response said = room_.caller->send(
      {Method::GET, "/.well-known/authzen-configuration", {}, {{"Host", "writ.example.org"}}});
  EXPECT_EQ(said.body,
            R"({"policy_decision_point":"http://writ.example.org",)"
            R"("access_evaluation_endpoint":"http://writ.example.org/access/v1/evaluation",)"
            R"("access_evaluations_endpoint":"http://writ.example.org/access/v1/evaluations",)"
            R"("search_subject_endpoint":"http://writ.example.org/access/v1/search/subject",)"
            R"("search_resource_endpoint":"http://writ.example.org/access/v1/search/resource",)"
            R"("search_action_endpoint":"http://writ.example.org/access/v1/search/action"})");
}

}  // namespace
}  // namespace writ::server
