#include "identity/principals.h"

#include <gtest/gtest.h>

#include "store/memory/memory_store.h"
#include "store/testing/fake_clock.h"

namespace writ::identity {
namespace {

PrincipalId id_of(std::uint8_t last) {
  Uuid uuid;
  uuid.bytes[15] = last;
  return PrincipalId{uuid};
}

Principal principal_of(std::uint8_t last, PrincipalKind kind = PrincipalKind::user) {
  Principal out;
  out.id = id_of(last);
  out.kind = kind;
  out.name = "p" + std::to_string(last);
  out.created_at = WallTime{last};
  return out;
}

Caller caller_of(PrincipalId id, std::vector<PrincipalId> actors = {}) {
  Caller out;
  out.id = id;
  out.actors = std::move(actors);
  return out;
}

class PrincipalsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_->migrate(principal_migrations(), store::DryRun::no).has_value());
  }
  void put(const Principal& principal) {
    const auto done = store_->write([&](store::Tx& tx) { return put_principal(tx, principal); });
    ASSERT_TRUE(done.has_value()) << done.error().text();
  }
  // Empty: alive.
  std::string complaint_about(const Caller& caller) {
    const auto done = store_->read([&](store::Tx& tx) { return check_alive(tx, caller); });
    return done ? "" : done.error().text();
  }

  SystemClock clock_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store(clock_);
};

TEST_F(PrincipalsTest, GivesBackWhatWasPut) {
  Principal agent = principal_of(2, PrincipalKind::ai_agent);
  agent.sponsor = id_of(1);
  agent.epoch = 7;
  put(agent);
  const auto found = store_->read([&](store::Tx& tx) { return find_principal(tx, id_of(2)); });
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(**found, agent);
}

TEST_F(PrincipalsTest, ListsAKindInOrderPageByPage) {
  for (std::uint8_t i = 1; i <= 5; ++i) {
    put(principal_of(i, i == 3 ? PrincipalKind::service_account : PrincipalKind::user));
  }
  const auto names = [&](std::optional<PrincipalId> after) {
    std::string out;
    const auto page = store_->read(
        [&](store::Tx& tx) { return list_principals(tx, PrincipalKind::user, after, 2); });
    if (!page) return page.error().text();
    for (const Principal& principal : *page) out += principal.name;
    return out;
  };
  EXPECT_EQ(names(std::nullopt), "p1p2");
  EXPECT_EQ(names(id_of(2)), "p4p5");
  EXPECT_EQ(names(id_of(5)), "");
}

TEST_F(PrincipalsTest, RemembersWhoWasErased) {
  put(principal_of(1));
  const auto erased = store_->write([&](store::Tx& tx) { return erase_principal(tx, id_of(1)); });
  ASSERT_TRUE(erased.has_value()) << erased.error().text();
  const auto seen = store_->read([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const auto found, find_principal(tx, id_of(1)));
    EXPECT_EQ(found, std::nullopt);
    WRIT_TRY(const bool first, was_erased(tx, id_of(1)));
    EXPECT_TRUE(first);
    WRIT_TRY(const bool second, was_erased(tx, id_of(2)));
    EXPECT_FALSE(second);
    return {};
  });
  EXPECT_TRUE(seen.has_value()) << seen.error().text();
}

TEST_F(PrincipalsTest, NobodyActsWhoseLineIsBroken) {
  put(principal_of(1));
  Principal agent = principal_of(2, PrincipalKind::ai_agent);
  agent.sponsor = id_of(1);
  put(agent);
  put(principal_of(3));
  const Caller delegated = caller_of(id_of(3), {id_of(2)});
  EXPECT_EQ(complaint_about(delegated), "");

  Principal sponsor = principal_of(1);
  sponsor.is_active = false;
  put(sponsor);
  EXPECT_EQ(complaint_about(delegated), "unauthenticated: the credential is not valid");
  EXPECT_EQ(complaint_about(caller_of(id_of(3))), "");
  EXPECT_EQ(complaint_about(caller_of(id_of(9))), "unauthenticated: the credential is not valid");
}

TEST_F(PrincipalsTest, SponsorsInARingAnswerForNobody) {
  for (std::uint8_t i = 1; i <= 2; ++i) {
    Principal principal = principal_of(i, PrincipalKind::ai_agent);
    principal.sponsor = id_of(static_cast<std::uint8_t>(3 - i));
    put(principal);
  }
  EXPECT_EQ(complaint_about(caller_of(id_of(1))), "unauthenticated: the credential is not valid");
}

}  // namespace
}  // namespace writ::identity
