#include "identity/oauth/delegations.h"

#include <gtest/gtest.h>

#include <set>

#include "identity/accounts/postman.h"
#include "identity/testing/account_room.h"
#include "identity/testing/letterbox.h"

namespace writ::identity {
namespace {

using std::chrono::minutes;

class DelegationsTest : public ::testing::Test {
 protected:
  DelegationsTest() { room_.add_user(1, "ada@example.org"); }

  static Delegation wanted(std::uint8_t last, std::uint8_t asker = 5) {
    return {.id = numbered<DelegationId>(last),
            .asker = numbered<PrincipalId>(asker),
            .person = numbered<PrincipalId>(1),
            .scopes = {"a", "b"},
            .target = "https://writ.example",
            .message = "for the report",
            .number = "42"};
  }
  std::string ask(const Delegation& delegation) {
    return room_.attempt([&](store::Tx& tx, const Deed& by) -> Result<void> {
      WRIT_CHECK(ask_delegation(tx, delegation, WishId{delegation.id.uuid}, by));
      return {};
    });
  }
  std::optional<Delegation> find(std::uint8_t last) {
    return room_.look([&](store::Tx& tx) {
      return find_delegation(tx, numbered<DelegationId>(last), room_.now());
    });
  }
  DelegationOutcome refuse(std::uint8_t last, std::uint8_t person) {
    const DelegationWord word{.id = numbered<DelegationId>(last),
                              .person = numbered<PrincipalId>(person),
                              .session = numbered<SessionId>(9)};
    return room_
        .make([&](store::Tx& tx, const Deed&) {
          return answer_delegation(tx, room_.parts(), word, {});
        })
        .outcome;
  }

  AccountRoom room_;
};

TEST_F(DelegationsTest, ALetterSaysThatOneWaitsAndCarriesNothing) {
  const auto wishes = [&] { return room_.look([](store::Tx& tx) { return count_wishes(tx); }); };
  EXPECT_EQ(ask(wanted(1)), "ok");
  EXPECT_EQ(wishes(), 0u) << "nobody knows whose the address is";
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, numbered<PrincipalId>(1), {.is_verified = true}, by);
  });
  EXPECT_EQ(ask(wanted(2)), "ok");
  EXPECT_EQ(wishes(), 1u);
  EXPECT_EQ(ask(wanted(3)), "ok");
  Letterbox box;
  const AccountParts parts = room_.parts();
  Postman postman(parts, box, {.public_url = "https://writ.example.org"});
  while (postman.deliver_one({}).value()) {
  }
  ASSERT_EQ(box.letters.size(), 1u) << "one in a minute";
  EXPECT_EQ(box.letters[0].to, "ada@example.org");
  EXPECT_NE(box.letters[0].text.find("\n  https://writ.example.org/mfa/delegated\n"),
            std::string::npos)
      << box.letters[0].text;
  for (const std::string& kept : {wanted(2).id.text(), wanted(2).number, wanted(2).message}) {
    EXPECT_EQ(box.letters[0].text.find(kept), std::string::npos) << kept;
  }
}

TEST_F(DelegationsTest, AreReadBackAsTheyWereAskedFor) {
  EXPECT_EQ(ask(wanted(1)), "ok");
  Delegation expected = wanted(1);
  expected.made_at = room_.now();
  expected.expires_at = room_.in(minutes(10));
  EXPECT_EQ(find(1), expected);
  EXPECT_EQ(room_.last_event(), "writ.delegation.asked delegation/" + expected.id.text() +
                                    R"( {"client":")" + expected.asker.text() +
                                    R"(","principal":")" + expected.person.text() +
                                    R"(","scope":"a b"})");
}

TEST_F(DelegationsTest, NumbersHaveTwoDigitsAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string number = make_delegation_number();
    EXPECT_EQ(number.size(), 2u) << number;
    EXPECT_GE(number, "10");
    seen.insert(number);
  }
  EXPECT_GT(seen.size(), 40u);
}

TEST_F(DelegationsTest, AreAskedThreeTimesByOneAndTenTimesByAll) {
  for (std::uint8_t i = 1; i <= 3; ++i) EXPECT_EQ(ask(wanted(i)), "ok") << int{i};
  EXPECT_EQ(refuse(1, 1), DelegationOutcome::refused) << "which frees no place";
  const std::string refused = "overloaded: this person was asked too often";
  EXPECT_EQ(ask(wanted(4)).substr(0, refused.size()), refused);
  for (std::uint8_t i = 4; i <= 10; ++i) {
    EXPECT_EQ(ask(wanted(i, static_cast<std::uint8_t>(10 + i))), "ok") << int{i};
  }
  EXPECT_EQ(ask(wanted(11, 40)).substr(0, refused.size()), refused);
  room_.clock.pass(minutes(10));
  EXPECT_EQ(ask(wanted(12)), "ok");
}

TEST_F(DelegationsTest, AreAnsweredOnceAndByTheirPerson) {
  EXPECT_EQ(ask(wanted(1)), "ok");
  EXPECT_EQ(refuse(1, 2), DelegationOutcome::not_pending);
  EXPECT_EQ(find(1)->state, DelegationState::pending);
  EXPECT_EQ(refuse(1, 1), DelegationOutcome::refused);
  EXPECT_EQ(find(1)->state, DelegationState::refused);
  EXPECT_EQ(find(1)->session, numbered<SessionId>(9));
  EXPECT_EQ(refuse(1, 1), DelegationOutcome::not_pending);
}

TEST_F(DelegationsTest, AreAskedOfPeopleWhoMayAct) {
  Delegation nobody = wanted(1);
  nobody.person = numbered<PrincipalId>(77);
  EXPECT_EQ(ask(nobody), "not_found: there is no such person who may act");
  room_.add_user(2, "root@example.org", true);
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, numbered<PrincipalId>(1), {.is_active = false}, by);
  });
  EXPECT_EQ(ask(wanted(1)), "not_found: there is no such person who may act");
}

TEST_F(DelegationsTest, AreSweptWhenTheyAreOver) {
  EXPECT_EQ(ask(wanted(1)), "ok");
  room_.clock.pass(minutes(5));
  EXPECT_EQ(ask(wanted(2)), "ok");
  room_.clock.pass(minutes(5));
  room_.make(
      [&](store::Tx& tx, const Deed&) { return sweep_delegations(tx, {}, 100, room_.now()); });
  const auto rows = [&](std::string_view table) {
    return room_.look([&](store::Tx& tx) { return tx.scan(store::Table{table}, {{}, {}}, 100); })
        .size();
  };
  EXPECT_EQ(rows("identity_delegations"), 1u);
  EXPECT_EQ(rows("identity_delegations_of"), 1u);
  EXPECT_TRUE(find(2).has_value());
  EXPECT_EQ(find(2)->message, "for the report");
}

}  // namespace
}  // namespace writ::identity
