#include "identity/accounts/own_account.h"

#include <gtest/gtest.h>

#include "crypto/base32.h"
#include "crypto/totp.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

constexpr std::string_view kNew = "copper lantern 42 sails";

std::string name_of(OwnChange outcome) {
  constexpr std::string_view kNames[] = {"done",  "wrong_password", "bad_password",
                                         "taken", "bad_code",       "must_wait"};
  return std::string(kNames[static_cast<std::size_t>(outcome)]);
}

class OwnAccountTest : public testing::Test {
 protected:
  void SetUp() override {
    room_.add_session(1, ada_.id);
    room_.add_session(2, ada_.id);
  }
  std::string change(const OwnWish& wish) {
    const auto done = change_own_account(parts_, owner_, wish, asker_);
    return done ? name_of(done->outcome) : done.error().text();
  }
  std::string sessions() {
    std::string out;
    for (const Session& session :
         room_.look([&](store::Tx& tx) { return list_sessions(tx, ada_.id, room_.now()); })) {
      out += std::to_string(session.id.uuid.bytes[15]);
    }
    return out;
  }
  User ada() {
    return *room_.look([&](store::Tx& tx) { return find_user(tx, ada_.id); });
  }
  std::string next_notice() {
    const auto wish =
        room_.make([&](store::Tx& tx, const Deed&) { return take_wish(tx, room_.now()); });
    return wish ? std::string(kLetterKinds.name(wish->kind)) + " to " + wish->email : "none";
  }

  AccountRoom room_;
  AccountParts parts_ = room_.parts();
  Asker asker_{.network = "192.0.2.1", .agent = "test", .trace = std::string(32, 'a')};
  User ada_ = room_.add_user(1, "ada@example.org");
  Owner owner_{.id = ada_.id, .session = numbered<SessionId>(1)};
};

TEST_F(OwnAccountTest, ANewPasswordNeedsTheOldOneAndEndsOtherSessions) {
  EXPECT_EQ(change({.password = std::string(kNew)}), "wrong_password");
  EXPECT_EQ(change({.password = std::string(kNew), .current_password = "guess"}), "wrong_password");
  EXPECT_EQ(sessions(), "12");
  EXPECT_EQ(change({.password = "password", .current_password = AccountRoom::kPassword}),
            "bad_password");
  EXPECT_EQ(change({.password = std::string(kNew), .current_password = AccountRoom::kPassword}),
            "done");
  EXPECT_EQ(ada().password, "hashed:" + std::string(kNew));
  EXPECT_EQ(sessions(), "1");
  EXPECT_EQ(next_notice(), "password_changed to ada@example.org");
}

TEST_F(OwnAccountTest, ANewAddressNeedsThePasswordAndIsToldToTheOldOne) {
  room_.add_user(2, "bob@example.org");
  EXPECT_EQ(change({.email = "countess@example.org"}), "wrong_password");
  EXPECT_EQ(change({.email = "bob@example.org", .current_password = AccountRoom::kPassword}),
            "taken");
  EXPECT_EQ(change({.email = "Countess@example.org", .current_password = AccountRoom::kPassword}),
            "done");
  EXPECT_EQ(ada().email, "countess@example.org");
  EXPECT_FALSE(ada().is_verified);
  EXPECT_EQ(sessions(), "1");
  EXPECT_EQ(next_notice(), "email_changed to ada@example.org");
}

TEST_F(OwnAccountTest, GuessesOfThePasswordHaveToWait) {
  std::string outcomes;
  for (int i = 0; i < 6; ++i) {
    outcomes += change({.password = std::string(kNew), .current_password = "guess"}) + ' ';
  }
  EXPECT_EQ(
      outcomes,
      "wrong_password wrong_password wrong_password wrong_password wrong_password must_wait ");
}

TEST_F(OwnAccountTest, WhatStrangersDoAtTheSignInDelaysNobodyWhoIsSignedIn) {
  for (int i = 0; i < 60; ++i) {
    for (const std::string& network : {"198.51.100." + std::to_string(i), asker_.network}) {
      EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
        return note_failure(tx, {.account = ada_.email, .network = network}, room_.now());
      }),
                "ok");
    }
  }
  EXPECT_EQ(change({.password = std::string(kNew), .current_password = AccountRoom::kPassword}),
            "done");
}

TEST_F(OwnAccountTest, GuessesAtTheSameTimeAreCountedOneByOne) {
  room_.passwords.meanwhile = [&] {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(change({.password = std::string(kNew), .current_password = "guess"}),
                "wrong_password");
    }
  };
  EXPECT_EQ(change({.password = std::string(kNew), .current_password = AccountRoom::kPassword}),
            "must_wait");
}

TEST_F(OwnAccountTest, ASecondFactorIsEnrolledConfirmedAndRemoved) {
  const auto enrol = [&](std::string_view password) {
    return enrol_factor(parts_, owner_, password, asker_);
  };
  EXPECT_EQ(name_of(enrol("guess")->outcome), "wrong_password");
  const auto enrolled = enrol(AccountRoom::kPassword);
  ASSERT_TRUE(enrolled) << enrolled.error().text();
  EXPECT_EQ(enrolled->seed.uri.find("otpauth://totp/Writ:ada%40example.org?"), 0u)
      << enrolled->seed.uri;
  const auto confirm = [&](std::string_view code) {
    return confirm_own_factor(parts_, owner_, code, asker_);
  };
  EXPECT_EQ(name_of(confirm("000000")->outcome), "bad_code");
  const std::string seed{crypto::parse_base32(enrolled->seed.secret)->view()};
  const crypto::TotpRules rules;
  const auto confirmed =
      confirm(crypto::totp_code(seed, crypto::totp_step(room_.now(), rules), rules));
  ASSERT_TRUE(confirmed) << confirmed.error().text();
  EXPECT_EQ(confirmed->recovery_codes.size(), kRecoveryCodes);
  EXPECT_EQ(confirmed->recovery_codes.front().size(), 29u);
  EXPECT_EQ(sessions(), "1");
  EXPECT_EQ(enrol(AccountRoom::kPassword).error().text(), "conflict: a second factor is on");
  EXPECT_EQ(room_.look([&](store::Tx& tx) { return find_factor(tx, ada_.id); }).recovery_codes,
            kRecoveryCodes);
  const auto remove = [&](std::string_view password) {
    const auto done = remove_own_factor(parts_, owner_, password, asker_);
    return done ? name_of(done->outcome) : done.error().text();
  };
  EXPECT_EQ(remove("guess"), "wrong_password");
  EXPECT_EQ(remove(AccountRoom::kPassword), "done");
  EXPECT_EQ(remove(AccountRoom::kPassword), "not_found: there is no second factor");
  EXPECT_EQ(next_notice(), "second_factor_changed to ada@example.org");
}

TEST_F(OwnAccountTest, SeedsAreSealedInTheStore) {
  const auto enrolled = enrol_factor(parts_, owner_, AccountRoom::kPassword, asker_);
  ASSERT_TRUE(enrolled) << enrolled.error().text();
  const auto rows = room_.look(
      [](store::Tx& tx) { return tx.scan(store::Table{"identity_second_factors"}, {}, 10); });
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NE(rows[0].value.find("writ-seal-v1.test."), std::string::npos) << rows[0].value;
  EXPECT_EQ(rows[0].value.find(enrolled->seed.secret), std::string::npos);
}

}  // namespace
}  // namespace writ::identity
