#include "identity/oauth/clients.h"

#include <gtest/gtest.h>

#include "identity/api_key.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

const std::vector<std::string> kAll = {"a", "b"};
const std::vector<std::string> kNone;
const ScopeRules kRules{"writ", kAll, kNone};

class ClientsTest : public ::testing::Test {
 protected:
  ClientsTest() {
    room_.add_user(1, "ada@example.org");
    machine_.id = numbered<PrincipalId>(5);
    machine_.kind = PrincipalKind::service_account;
    machine_.name = "import";
    machine_.epoch = 4;
    machine_.sponsor = numbered<PrincipalId>(1);
    put(machine_);
    secret_ = add_key(machine_.id);
  }

  void put(const Principal& principal) {
    room_.make([&](store::Tx& tx, const Deed&) -> Result<bool> {
      WRIT_CHECK(put_principal(tx, principal));
      return true;
    });
  }
  std::string add_key(PrincipalId of, std::optional<WallTime> expires_at = {}) {
    const NewApiKey fresh = make_api_key("live");
    ApiKey key;
    key.id = fresh.id;
    key.environment = "live";
    key.principal = of;
    key.sponsor = numbered<PrincipalId>(1);
    key.scopes = {"a"};
    key.expires_at = expires_at;
    key.stored = fresh.stored;
    room_.make([&](store::Tx& tx, const Deed& by) -> Result<bool> {
      WRIT_CHECK(put_api_key(tx, key, by));
      return true;
    });
    return fresh.text;
  }
  // The scopes of the client, "refused", or "wait N s".
  std::string outcome(const std::string& id, const std::string& secret,
                      const std::string& network = "192.0.2.1") {
    const auto check =
        check_client(room_.parts(), {.id = id, .secret = secret}, {.network = network}, kRules);
    if (!check) return check.error().text();
    if (check->wait_until) {
      return "wait " +
             std::to_string((check->wait_until->micros - room_.now().micros) / 1'000'000) + " s";
    }
    if (!check->client) return "refused";
    std::string out = "epoch " + std::to_string(check->client->epoch);
    for (const std::string& scope : check->client->scopes) out += ' ' + scope;
    return out;
  }

  AccountRoom room_;
  Principal machine_;
  std::string secret_;
};

TEST_F(ClientsTest, AreKnownByTheirIdAndAnyOfTheirKeys) {
  const std::string second = add_key(machine_.id);
  EXPECT_EQ(outcome(machine_.id.text(), secret_), "epoch 4 a");
  EXPECT_EQ(outcome(machine_.id.text(), second), "epoch 4 a");
}

TEST_F(ClientsTest, WhateverIsWrongIsRefusedAlike) {
  Principal other = machine_;
  other.id = numbered<PrincipalId>(6);
  put(other);
  std::string changed = secret_;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(outcome(other.id.text(), secret_), "refused");
  EXPECT_EQ(outcome(machine_.id.text(), changed), "refused");
  EXPECT_EQ(outcome("import", secret_), "refused");
  EXPECT_EQ(outcome(machine_.id.text(), add_key(machine_.id, room_.now())), "refused");
  EXPECT_EQ(room_.last_event(),
            "writ.client.refused client/" + machine_.id.text() + R"( {"network":"192.0.2.1"})");
  const std::string unknown = numbered<PrincipalId>(99).text();
  EXPECT_EQ(outcome(unknown, secret_, "192.0.2.9"), "refused");
  EXPECT_EQ(room_.last_event(), R"(writ.client.refused client/unknown {"network":"192.0.2.9"})");
}

TEST_F(ClientsTest, PeopleAreNone) {
  const PrincipalId ada = numbered<PrincipalId>(1);
  EXPECT_EQ(outcome(ada.text(), add_key(ada)), "refused");
}

TEST_F(ClientsTest, EndWithWhoAnswersForThem) {
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, numbered<PrincipalId>(1), {.is_active = false}, by);
  });
  EXPECT_EQ(outcome(machine_.id.text(), secret_), "refused");
}

TEST_F(ClientsTest, WhoGuessesWaitsAndStrangersMakeNobodyWait) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(machine_.id.text(), "wrong"), "refused");
  EXPECT_EQ(outcome(machine_.id.text(), secret_), "wait 1 s");
  for (int i = 0; i < 100; ++i) {
    const std::string network = "198.51.100." + std::to_string(i);
    EXPECT_EQ(outcome(machine_.id.text(), "wrong", network), "refused");
  }
  EXPECT_EQ(outcome(machine_.id.text(), secret_, "203.0.113.1"), "epoch 4 a");
  room_.clock.pass(std::chrono::seconds(1));
  EXPECT_EQ(outcome(machine_.id.text(), secret_), "epoch 4 a");
  // The success has cleared the count.
  EXPECT_EQ(outcome(machine_.id.text(), "wrong"), "refused");
  EXPECT_EQ(outcome(machine_.id.text(), secret_), "epoch 4 a");
}

}  // namespace
}  // namespace writ::identity
