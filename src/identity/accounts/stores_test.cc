// One life of an account on every store: what the others test in memory holds on disk, after the
// store was opened again, and in PostgreSQL.
#include <gtest/gtest.h>

#include "identity/accounts/own_account.h"
#include "identity/accounts/registration.h"
#include "identity/accounts/sign_in.h"
#include "identity/kv/entries.h"
#include "identity/testing/account_room.h"
#include "store/testing/postgres_server.h"
#include "store/testing/temporary_directory.h"

namespace writ::identity {
namespace {

enum class Backend : std::uint8_t { memory, sqlite, postgresql };

class AccountStoresTest : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (GetParam() == Backend::postgresql && !store::PostgresServer::missing().empty()) {
      GTEST_SKIP() << store::PostgresServer::missing();
    }
    room_ = std::make_unique<AccountRoom>(url());
  }
  std::string url() {
    switch (GetParam()) {
      case Backend::memory:
        return "memory:";
      case Backend::sqlite:
        return "sqlite:" + (directory_.path() / "writ.db").string();
      case Backend::postgresql: {
        auto& server = store::PostgresServer::shared();
        return server.url(server.make_database());
      }
    }
    return {};
  }
  SignIn enter(std::string_view password) {
    const auto done =
        sign_in(room_->parts(), {.name = "ada@example.org", .password = password}, asker_);
    EXPECT_TRUE(done) << done.error().text();
    return done->outcome;
  }

  const store::TemporaryDirectory directory_;
  std::unique_ptr<AccountRoom> room_;
  Asker asker_{.network = "192.0.2.1", .agent = "test"};
};

TEST_P(AccountStoresTest, ALifeOfAnAccount) {
  const AccountParts parts = room_->parts();
  const auto made = register_user(parts, "ada@example.org", AccountRoom::kPassword, asker_);
  ASSERT_TRUE(made) << made.error().text();
  const PrincipalId id = made->user.id;
  EXPECT_EQ(register_user(parts, "ada@example.org", AccountRoom::kPassword, asker_)->outcome,
            Registered::taken);

  const auto signed_in =
      sign_in(parts, {.name = "ada@example.org", .password = AccountRoom::kPassword}, asker_);
  ASSERT_EQ(signed_in->outcome, SignIn::done);
  const auto next = refresh_session(parts, signed_in->refresh_token, asker_);
  EXPECT_EQ(next->outcome, Refresh::rotated);
  EXPECT_EQ(refresh_session(parts, next->token, asker_)->outcome, Refresh::rotated);
  EXPECT_EQ(refresh_session(parts, signed_in->refresh_token, asker_)->outcome, Refresh::reused);

  for (int i = 0; i < 5; ++i) EXPECT_EQ(enter("wrong"), SignIn::refused) << i;
  EXPECT_EQ(enter(AccountRoom::kPassword), SignIn::must_wait);
  room_->clock.pass(std::chrono::seconds(1));
  EXPECT_EQ(enter(AccountRoom::kPassword), SignIn::done);

  EXPECT_EQ(room_->attempt([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, id, {.is_active = false}, by);
  }),
            "ok");
  EXPECT_EQ(enter(AccountRoom::kPassword), SignIn::refused);
  EXPECT_EQ(room_->attempt([&](store::Tx& tx, const Deed& by) { return erase_user(tx, id, by); }),
            "ok");
  EXPECT_EQ(room_->look([&](store::Tx& tx) { return find_user(tx, id); }), std::nullopt);
  EXPECT_TRUE(room_->look([&](store::Tx& tx) { return was_erased(tx, id); }));
}

TEST_P(AccountStoresTest, ALifeOfAnEntry) {
  const auto migrated = room_->store->migrate(entry_migrations(), store::DryRun::no);
  ASSERT_TRUE(migrated) << migrated.error().text();
  const EntryName name{"app", "mail:footer"};
  const auto put = [&](const Value& value, const EntryCondition& when) {
    return room_->make(
        [&](store::Tx& tx, const Deed& by) { return put_entry(tx, name, value, when, by); });
  };
  EXPECT_EQ(put(1, {}).entry->revision, 1u);
  EXPECT_EQ(put(Object{{"a", 1.5}}, {.one_of = std::vector<std::uint64_t>{1}}).entry->revision, 2u);
  EXPECT_EQ(put(3, {.one_of = std::vector<std::uint64_t>{1}}).outcome, EntryOutcome::unmet);
  const auto listed =
      room_->look([](store::Tx& tx) { return list_entries(tx, "app", "mail", "", 10); });
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed.front().value, Value(Object{{"a", 1.5}}));
  const auto removed = room_->make([&](store::Tx& tx, const Deed& by) {
    return remove_entry(tx, name, {.must_exist = true}, by);
  });
  EXPECT_EQ(removed.outcome, EntryOutcome::removed);
  EXPECT_EQ(put(4, {.must_be_absent = true}).entry->revision, 4u);
}

std::string name_of(const testing::TestParamInfo<Backend>& one) {
  constexpr std::string_view kNames[] = {"Memory", "Sqlite", "Postgresql"};
  return std::string(kNames[static_cast<std::size_t>(one.param)]);
}

INSTANTIATE_TEST_SUITE_P(Stores, AccountStoresTest,
                         testing::Values(Backend::memory, Backend::sqlite, Backend::postgresql),
                         name_of);

}  // namespace
}  // namespace writ::identity
