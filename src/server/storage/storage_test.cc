// The family `storage` through its contract: every answer is held to it.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/json.h"
#include "base/random.h"
#include "contract/openapi/description.h"
#include "identity/kv/entries.h"
#include "identity/rbac/access_rows.h"
#include "ledger/testing/sample.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"
#include "server/api/testing/known_callers.h"
#include "server/storage/storage_operations.h"
#include "server/storage/switch_operations.h"

namespace writ::server {
namespace {

using net::Method;
using testing::Fields;

identity::PrincipalId id_of(std::uint8_t last) {
  Uuid uuid;
  uuid.bytes[15] = last;
  return identity::PrincipalId{uuid};
}

class StorageTest : public ::testing::Test {
 protected:
  StorageTest() {
    for (const auto& migrations : {identity::access_migrations(), identity::entry_migrations()}) {
      const auto migrated = log_.store->migrate(migrations, store::DryRun::no);
      EXPECT_TRUE(migrated) << migrated.error().text();
    }
    identity::Caller caller;
    caller.id = id_of(1);
    caller.scopes = {"storage:read", "storage:write"};
    caller.is_superuser = true;
    door_.add("admin", caller);
    caller.is_superuser = false;
    caller.id = id_of(2);
    door_.add("person", caller);
    caller.actors = {id_of(3)};
    door_.add("agent", caller);
    caller.actors.clear();
    caller.scopes = {"storage:read"};
    door_.add("reader", caller);
    access_ = identity::AccessControl::open({*log_.store, journal_, random_, {}, {}}).value();
    auto operations = storage_operations({access_, *log_.store, journal_});
    for (Binding& one : switch_operations({.journal = journal_, .clock = log_.clock})) {
      operations.push_back(std::move(one));
    }
    auto built = Api::build(std::move(operations), {.description = description_,
                                                    .clock = log_.clock,
                                                    .random = random_,
                                                    .doorkeeper = &door_,
                                                    .families = {"storage"},
                                                    .checks_answers = true});
    EXPECT_TRUE(built) << built.error().text();
    api_ = *std::move(built);
    caller_.emplace(api_->routes());
  }

  net::Response send(Method method, const std::string& target, const std::string& body = {},
                     const std::string& who = "admin", Fields more = {}) const {
    more.emplace_back("Authorization", "Bearer " + who);
    if (body.empty()) return caller_->send({method, target, {}, more});
    return caller_->send(testing::ask_json(method, target, body, more));
  }
  // "201 \"7\"": status and ETag.
  static std::string brief(const net::Response& response) {
    return std::to_string(response.status) + " " + std::string(response.field("ETag"));
  }
  // Of a problem.
  static std::string detail(const net::Response& response) {
    const auto value = parse_json(response.body);
    return std::to_string(response.status) + " " +
           std::string(value ? value->string_or("detail", "") : response.body);
  }
  void allow(std::uint8_t subject, const std::string& action) {
    const std::vector<identity::AccessChange> changes = {
        {identity::AccessVerb::add_policy, id_of(subject).text(), "storage/app", action}};
    const auto done = access_->change(changes, {.actor = "principal:tester"});
    ASSERT_TRUE(done && done->is_applied);
  }

  ledger::SampleLog log_;
  SystemRandom random_;
  identity::Journal journal_{*log_.ledger, "writ:project/sample", log_.clock, random_};
  contract::Description description_ = contract::Description::own().value();
  testing::KnownCallers door_;
  std::shared_ptr<identity::AccessControl> access_;
  std::unique_ptr<Api> api_;
  std::optional<testing::ApiCaller> caller_;
};

TEST_F(StorageTest, ValuesAreMadeReadReplacedAndDeleted) {
  EXPECT_EQ(brief(send(Method::POST, "/storage/app/mail:footer", R"({"value":{"a":[1,null]}})")),
            "201 \"1\"");
  const net::Response read = send(Method::GET, "/storage/app/mail:footer");
  const auto entry = parse_json(read.body);
  ASSERT_TRUE(entry) << read.body;
  EXPECT_EQ(brief(read), "200 \"1\"");
  EXPECT_EQ(to_json(*entry->find("value")), R"({"a":[1,null]})");
  EXPECT_EQ(entry->string_or("namespace", ""), "app");
  EXPECT_EQ(brief(send(Method::POST, "/storage/app/mail:footer", R"({"value":null})")),
            "200 \"2\"");
  EXPECT_EQ(brief(send(Method::DELETE, "/storage/app/mail:footer")), "204 ");
  EXPECT_EQ(detail(send(Method::GET, "/storage/app/mail:footer")),
            "404 there is no mail:footer in the namespace app");
  EXPECT_EQ(detail(send(Method::DELETE, "/storage/app/mail:footer")),
            "404 there is no mail:footer in the namespace app");
}

TEST_F(StorageTest, ConditionsDecideBetweenWriters) {
  const std::string at = "/storage/app/flag";
  const auto put = [&](const Fields& fields) {
    return send(Method::POST, at, R"({"value":1})", "admin", fields);
  };
  EXPECT_EQ(detail(put({{"If-Match", "*"}})), "412 there is no entry, and the request demands one");
  EXPECT_EQ(brief(put({{"If-None-Match", "*"}})), "201 \"1\"");
  const net::Response late = put({{"If-None-Match", "*"}});
  EXPECT_EQ(brief(late), "412 \"1\"");
  EXPECT_EQ(parse_json(late.body)->integer_or("status", 0), 412);
  EXPECT_EQ(brief(put({{"If-Match", R"("9" , "1")"}})), "200 \"2\"");
  EXPECT_EQ(detail(put({{"If-Match", R"("1")"}})),
            "412 the entry is at revision 2, which the request does not accept");
  EXPECT_EQ(brief(put({{"If-Match", R"(W/"2")"}})), "412 \"2\"");
  EXPECT_EQ(detail(put({{"If-Match", "2"}})), "400 `If-Match` is no list of ETags");
  EXPECT_EQ(detail(put({{"If-Match", R"("2" "3")"}})), "400 `If-Match` is no list of ETags");
  EXPECT_EQ(brief(send(Method::DELETE, at, {}, "admin", {{"If-Match", R"("1")"}})), "412 \"2\"");
  EXPECT_EQ(brief(send(Method::GET, at, {}, "admin", {{"If-None-Match", R"(W/"2")"}})),
            "304 \"2\"");
  EXPECT_EQ(brief(send(Method::GET, at, {}, "admin", {{"If-None-Match", R"("other")"}})),
            "200 \"2\"");
}

TEST_F(StorageTest, ANamespaceIsListedPageByPage) {
  for (const char* key : {"a", "b", "c"}) {
    EXPECT_EQ(send(Method::POST, "/storage/app/" + std::string(key), R"({"value":1})").status, 201);
  }
  const auto page = parse_json(send(Method::GET, "/storage/app?limit=2").body);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->find("items")->as_array().size(), 2u);
  EXPECT_EQ(page->string_or("next", ""), "b");
  const auto rest = parse_json(send(Method::GET, "/storage/app?limit=2&after=b").body);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->find("items")->as_array().size(), 1u);
  EXPECT_EQ(rest->find("items")->as_array()[0].string_or("key", ""), "c");
  EXPECT_EQ(rest->find("next"), nullptr);
  EXPECT_EQ(send(Method::GET, "/storage/other").body, R"({"items":[]})");
}

TEST_F(StorageTest, ItTakesScopeAndPermissionOfEverybodyInvolved) {
  const std::string at = "/storage/app/flag";
  const std::string body = R"({"value":1})";
  const std::string two = id_of(2).text();
  EXPECT_EQ(detail(send(Method::POST, at, body, "person")),
            "403 " + two + " has no permission write on storage/app");
  allow(2, "write");
  EXPECT_EQ(brief(send(Method::POST, at, body, "person")), "201 \"1\"");
  EXPECT_EQ(detail(send(Method::GET, at, {}, "person")),
            "403 " + two + " has no permission read on storage/app");
  EXPECT_EQ(detail(send(Method::POST, "/storage/other/flag", body, "person")),
            "403 " + two + " has no permission write on storage/other");
  EXPECT_EQ(detail(send(Method::POST, at, body, "agent")),
            "403 " + id_of(3).text() + " has no permission write on storage/app");
  allow(3, "write");
  EXPECT_EQ(brief(send(Method::POST, at, body, "agent")), "200 \"2\"");
  EXPECT_EQ(detail(send(Method::POST, at, body, "reader")),
            "403 the credential does not have the scope: storage:write");
}

TEST_F(StorageTest, NamesAndSizesAreBounded) {
  EXPECT_EQ(send(Method::GET, "/storage/Upper").status, 404);
  EXPECT_EQ(send(Method::GET, "/storage/app/a%2Fb").status, 404);
  EXPECT_EQ(detail(send(Method::POST, "/storage/app/..", R"({"value":1})")),
            "400 a key is 1 to 256 of A-Z, a-z, 0-9 and `-._~:@`, and neither `.` nor `..`");
  EXPECT_EQ(detail(send(Method::POST, "/storage/app/k",
                        R"({"value":")" + std::string(70'000, 'x') + "\"}")),
            "400 the value has more than 65,536 bytes as JSON");
  EXPECT_EQ(detail(send(Method::POST, "/storage/app/k", "{}")).substr(0, 30),
            "400 the request does not keep ");
}

}  // namespace
}  // namespace writ::server
