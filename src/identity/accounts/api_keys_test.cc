#include "identity/accounts/api_keys.h"

#include <gtest/gtest.h>

#include "identity/api_key.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

class ApiKeysTest : public testing::Test {
 protected:
  struct Made {
    std::string text;
    ApiKey key;
  };
  Made make(const std::string& purpose, std::optional<WallTime> expires = {}) {
    const NewApiKey fresh = make_api_key("live");
    ApiKey key;
    key.id = fresh.id;
    key.environment = "live";
    key.principal = key.sponsor = ada_.id;
    key.purpose = purpose;
    key.scopes = {"runs:read"};
    key.created_at = room_.now();
    key.expires_at = expires;
    key.stored = fresh.stored;
    EXPECT_EQ(
        room_.attempt([&](store::Tx& tx, const Deed& by) { return put_api_key(tx, key, by); }),
        "ok");
    return {fresh.text, key};
  }
  std::string purpose_of(const std::string& text) {
    const auto key = room_.look([&](store::Tx& tx) { return find_api_key(tx, text, room_.now()); });
    return key ? key->purpose : "no good";
  }
  bool revoke(PrincipalId principal, const std::string& id) {
    return room_.make(
        [&](store::Tx& tx, const Deed& by) { return revoke_api_key(tx, principal, id, by); });
  }

  AccountRoom room_;
  User ada_ = room_.add_user(1, "ada@example.org");
};

TEST_F(ApiKeysTest, AreFoundByTheirTextAndListedWithoutIt) {
  const Made build = make("build");
  room_.clock.pass(std::chrono::seconds(1));
  const Made deploy = make("deploy");
  EXPECT_EQ(room_.look([&](store::Tx& tx) { return find_api_key(tx, build.text, room_.now()); }),
            build.key);
  EXPECT_EQ(purpose_of(deploy.text), "deploy");
  const auto listed = room_.look([&](store::Tx& tx) { return list_api_keys(tx, ada_.id); });
  EXPECT_EQ(listed, (std::vector<ApiKey>{build.key, deploy.key}));
  EXPECT_EQ(room_.last_event(),
            "writ.apikey.created api_key/" + deploy.key.id + R"( {"principal":")" + ada_.id.text() +
                R"(","purpose":"deploy","sponsor":")" + ada_.id.text() + R"("})");
}

TEST_F(ApiKeysTest, OthersTextsAreNoGood) {
  const Made build = make("build");
  EXPECT_EQ(purpose_of(make_api_key("live").text), "no good");
  EXPECT_EQ(purpose_of(""), "no good");
  EXPECT_EQ(purpose_of(build.text + "x"), "no good");
  EXPECT_EQ(purpose_of(build.text.substr(0, build.text.size() - 1)), "no good");
}

TEST_F(ApiKeysTest, Expire) {
  const Made build = make("build", room_.in(std::chrono::hours(1)));
  room_.clock.pass(std::chrono::minutes(59));
  EXPECT_EQ(purpose_of(build.text), "build");
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(purpose_of(build.text), "no good");
}

TEST_F(ApiKeysTest, AreRevokedByWhomTheyBelongTo) {
  const Made build = make("build");
  EXPECT_FALSE(revoke(numbered<PrincipalId>(2), build.key.id));
  EXPECT_EQ(purpose_of(build.text), "build");
  EXPECT_TRUE(revoke(ada_.id, build.key.id));
  EXPECT_EQ(purpose_of(build.text), "no good");
  EXPECT_FALSE(revoke(ada_.id, build.key.id));
  EXPECT_TRUE(room_.look([&](store::Tx& tx) { return list_api_keys(tx, ada_.id); }).empty());
}

TEST_F(ApiKeysTest, RememberTheirLastUseToTheMinute) {
  const Made build = make("build");
  const auto key = [&] {
    return *room_.look([&](store::Tx& tx) { return find_api_key(tx, build.text, room_.now()); });
  };
  EXPECT_TRUE(is_use_due(key(), room_.now()));
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return note_use(tx, build.key.id, room_.now());
  }),
            "ok");
  EXPECT_EQ(key().last_used_at, room_.now());
  room_.clock.pass(std::chrono::seconds(59));
  EXPECT_FALSE(is_use_due(key(), room_.now()));
  room_.clock.pass(std::chrono::seconds(1));
  EXPECT_TRUE(is_use_due(key(), room_.now()));
}

TEST_F(ApiKeysTest, AreBoundedForEachPrincipal) {
  for (std::size_t i = 0; i < kMaxApiKeys; ++i) make("build");
  ApiKey one_more;
  one_more.id = "abcdefghijklmnop";
  one_more.principal = ada_.id;
  EXPECT_EQ(
      room_.attempt([&](store::Tx& tx, const Deed& by) { return put_api_key(tx, one_more, by); }),
      "conflict: there are as many API keys as one principal may have");
}

}  // namespace
}  // namespace writ::identity
