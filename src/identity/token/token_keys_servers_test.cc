// Several servers on one database: that they agree on the keys without talking to each other.
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "identity/token/access_token.h"
#include "identity/token/token_keys.h"
#include "store/open.h"
#include "store/testing/fake_clock.h"
#include "store/testing/postgres_server.h"
#include "store/testing/temporary_directory.h"

namespace writ::identity {
namespace {

using std::chrono::seconds;

enum class Kind : std::uint8_t { sqlite, postgres };

// A connection of its own to the database, as another process has.
struct Server {
  Server(const std::string& url, const Clock& clock,
         const std::vector<crypto::KeyEncryptionKey>& keks)
      : store(store::open(url).value()) {
    const auto migrated = store->migrate(token_key_migrations(), store::DryRun::no);
    WRIT_ASSERT(migrated.has_value());
    keys = TokenKeys::open(*store, keks, clock).value();
  }
  std::set<std::string> published() const {
    std::set<std::string> out;
    for (const auto& key : keys->current()->published().keys()) out.insert(key.key_id());
    return out;
  }

  std::unique_ptr<store::Store> store;
  std::unique_ptr<TokenKeys> keys;
};

class TokenKeysServers : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::postgres && !store::PostgresServer::missing().empty()) {
      GTEST_SKIP() << store::PostgresServer::missing();
    }
    url_ = make_url();
    auto secret = crypto::SecretBytes::copy_of(std::string(crypto::kKekSize, 'k'));
    keks_.push_back(crypto::make_kek("k1", std::move(secret)).value());
  }
  std::string make_url() {
    if (GetParam() == Kind::sqlite) return "sqlite:" + directory_.file("keys.db");
    store::PostgresServer& server = store::PostgresServer::shared();
    return server.url(server.make_database());
  }
  std::unique_ptr<Server> start() { return std::make_unique<Server>(url_, clock_, keks_); }
  // What `action` returns of each, done at once.
  template <typename F>
  static auto at_once(int times, F action) {
    std::vector<std::future<decltype(action())>> started;
    for (int i = 0; i < times; ++i) started.push_back(std::async(std::launch::async, action));
    std::vector<decltype(action())> out;
    for (auto& one : started) out.push_back(one.get());
    return out;
  }

  store::TemporaryDirectory directory_;
  store::FakeClock clock_;
  std::string url_;
  std::vector<crypto::KeyEncryptionKey> keks_;
};

INSTANTIATE_TEST_SUITE_P(Stores, TokenKeysServers, testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& param) {
                           return param.param == Kind::sqlite ? "Sqlite" : "Postgres";
                         });

TEST_P(TokenKeysServers, ThatStartAtOnceMakeOneKey) {
  const auto store = store::open(url_).value();  // so that the tables are there before the race
  ASSERT_TRUE(store->migrate(token_key_migrations(), store::DryRun::no).has_value());
  const auto servers = at_once(4, [this] { return start(); });
  for (const auto& server : servers) EXPECT_EQ(server->published(), servers[0]->published());
  EXPECT_EQ(servers[0]->published().size(), 1u);
}

TEST_P(TokenKeysServers, ThatRotateAtOnceMakeOneKey) {
  const auto one = start();
  const auto two = start();
  std::set<std::string> made;
  for (auto& id : at_once(4, [&, turn = std::make_shared<std::atomic<int>>(0)] {
         return ((*turn)++ % 2 == 0 ? one : two)->keys->rotate().value();
       })) {
    made.insert(id);
  }
  EXPECT_EQ(made.size(), 1u);
  clock_.pass(seconds(1));
  EXPECT_TRUE(one->keys->refresh().has_value());
  EXPECT_TRUE(two->keys->refresh().has_value());
  EXPECT_EQ(one->published(), two->published());
  EXPECT_EQ(one->published().size(), 2u);
}

TEST_P(TokenKeysServers, AcceptEachOthersTokensThroughRotationAndRevocation) {
  const auto one = start();
  const auto two = start();
  const TokenRules rules{"https://writ.example", "urn:writ:api"};
  AccessTokens issuer(*one->keys, clock_, rules);
  AccessTokens checker(*two->keys, clock_, rules);
  const auto issue = [&] {
    AccessClaims claims;
    claims.subject = "alice";
    claims.client_id = "cli";
    claims.audience = {rules.audience};
    claims.token_id = "t";
    claims.issued_at = to_seconds(clock_.wall());
    claims.expires_at = claims.issued_at + seconds(900);
    return issuer.issue(claims).value();
  };
  EXPECT_EQ((*checker.check(issue()))->subject, "alice");
  EXPECT_TRUE(one->keys->rotate().has_value());
  const std::string late = issue();
  clock_.pass(seconds(600));
  EXPECT_EQ((*checker.check(issue()))->subject, "alice");  // of a key that it had not seen
  EXPECT_EQ((*checker.check(late))->subject, "alice");
  const std::string revoked(
      one->keys->current()->signing_key(clock_.wall())->public_key().key_id());
  const std::string lost = issue();
  ASSERT_TRUE(one->keys->revoke(revoked).has_value());
  clock_.pass(seconds(1));
  EXPECT_TRUE(two->keys->refresh().has_value());
  EXPECT_EQ(checker.check(lost).error().text(), "signature_bad: the token's key is not known");
  EXPECT_EQ((*checker.check(issue()))->subject, "alice");
}

}  // namespace
}  // namespace writ::identity
