#include "identity/accounts/own_account.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "crypto/base32.h"
#include "crypto/totp.h"
#include "identity/accounts/links.h"
#include "identity/accounts/own_keys.h"
#include "identity/accounts/postman.h"
#include "identity/testing/account_room.h"
#include "identity/testing/letterbox.h"

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

TEST_F(OwnAccountTest, BothChangesAreToldToTheOldAddress) {
  EXPECT_EQ(change({.email = "countess@example.org",
                    .password = std::string(kNew),
                    .current_password = AccountRoom::kPassword}),
            "done");
  const std::set<std::string> told{next_notice(), next_notice()};  // in whichever order
  EXPECT_EQ(told, (std::set<std::string>{"email_changed to ada@example.org",
                                         "password_changed to ada@example.org"}));
}

TEST_F(OwnAccountTest, WhereRegistrationIsStrictANewAddressComesByItsLink) {
  const User bob = room_.add_user(2, "bob@example.org");
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_settings(tx, parse_json(R"({"registration":"strict"})").value(), by);
  });
  Letterbox box;
  Postman postman(parts_, box, {.public_url = "https://writ.example.org"});
  const auto answer = [&](const std::string& email) {
    const OwnWish wish{.email = email, .current_password = AccountRoom::kPassword};
    const auto done = change_own_account(parts_, owner_, wish, asker_);
    return done ? name_of(done->outcome) + ' ' + done->user.email : done.error().text();
  };
  EXPECT_EQ(answer("bob@example.org"), "done ada@example.org");
  EXPECT_TRUE(postman.deliver_one().value());
  EXPECT_EQ(box.letters.back().to, "bob@example.org");
  EXPECT_EQ(box.letters.back().subject, "You have an account already");
  EXPECT_EQ(answer("countess@example.org"), "done ada@example.org");
  EXPECT_EQ(ada().email, "ada@example.org");
  EXPECT_EQ(sessions(), "12");
  EXPECT_TRUE(postman.deliver_one().value());
  EXPECT_EQ(box.letters.back().to, "countess@example.org");
  EXPECT_EQ(box.letters.back().subject, "Confirm your new e-mail address");
  const auto opened = verify_address(parts_, box.token(), asker_);
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_EQ(opened->user.email, "countess@example.org");
  EXPECT_TRUE(opened->user.is_verified);
  EXPECT_EQ(sessions(), "1") << "the one that asked stays";
  EXPECT_EQ(next_notice(), "email_changed to ada@example.org");
}

// What rests on a password must not be done when the password, or who showed it, is no more.
TEST_F(OwnAccountTest, WhatEndsMeanwhileChangesNothing) {
  const auto during = [&](const std::function<std::string()>& act) {
    room_.add_session(1, ada_.id);
    room_.passwords.meanwhile = [&] {
      room_.make([&](store::Tx& tx, const Deed& by) {
        return end_session(tx, *owner_.session, "ended_by_owner", by);
      });
    };
    return act();
  };
  constexpr std::string_view kOver = "unauthenticated: the credential is not valid";
  EXPECT_EQ(
      during([&] {
        return change({.password = std::string(kNew), .current_password = AccountRoom::kPassword});
      }),
      kOver);
  EXPECT_EQ(during([&] {
              const auto done = enrol_factor(parts_, owner_, AccountRoom::kPassword, asker_);
              return done ? name_of(done->outcome) : done.error().text();
            }),
            kOver);
  EXPECT_EQ(room_.look([&](store::Tx& tx) { return find_factor(tx, ada_.id); }).state,
            FactorState::none);
  room_.add_factor(ada_);
  EXPECT_EQ(during([&] {
              const auto done = remove_own_factor(parts_, owner_, AccountRoom::kPassword, asker_);
              return done ? name_of(done->outcome) : done.error().text();
            }),
            kOver);
  EXPECT_EQ(room_.look([&](store::Tx& tx) { return find_factor(tx, ada_.id); }).state,
            FactorState::on);
  EXPECT_EQ(ada().password, "hashed:" + AccountRoom::kPassword);
}

TEST_F(OwnAccountTest, APasswordThatWasChangedMeanwhileProvesNothing) {
  room_.passwords.meanwhile = [&] {
    room_.make([&](store::Tx& tx, const Deed& by) {
      return change_user(tx, ada_.id, {.password = "hashed:another"}, by);
    });
  };
  EXPECT_EQ(change({.password = std::string(kNew), .current_password = AccountRoom::kPassword}),
            "unauthenticated: the credential is not valid");
  EXPECT_EQ(ada().password, "hashed:another");
}

TEST_F(OwnAccountTest, ASessionForgetsAFactorThatIsGone) {
  room_.add_factor(ada_);
  room_.make([&](store::Tx& tx, const Deed&) -> Result<bool> {
    WRIT_CHECK(note_authentication(tx, *owner_.session, room_.now(), true));
    return true;
  });
  const auto has_factor = [&] {
    return room_
        .look([&](store::Tx& tx) { return find_session(tx, *owner_.session, room_.now()); })
        ->has_second_factor;
  };
  EXPECT_TRUE(has_factor());
  EXPECT_EQ(name_of(remove_own_factor(parts_, owner_, AccountRoom::kPassword, asker_)->outcome),
            "done");
  EXPECT_FALSE(has_factor());
}

TEST_F(OwnAccountTest, AnApiKeyNeedsARecentSignInOrThePasswordAndIsTold) {
  const auto make = [&](const std::string& id, std::string_view password) {
    ApiKey key{.id = id, .environment = "live", .principal = ada_.id, .sponsor = ada_.id};
    const auto done = make_own_key(parts_, owner_, key, password, asker_);
    return done ? name_of(done->outcome) : done.error().text();
  };
  EXPECT_EQ(make("0123456789abcde1", ""), "done");
  EXPECT_EQ(next_notice(), "api_key_made to ada@example.org");
  room_.clock.pass(kRecentSignIn);
  EXPECT_EQ(make("0123456789abcde2", ""), "wrong_password");
  EXPECT_EQ(make("0123456789abcde2", "guess"), "wrong_password");
  EXPECT_EQ(room_.holds(ada_.id), "2 1 none");
  EXPECT_EQ(make("0123456789abcde2", AccountRoom::kPassword), "done");
  EXPECT_EQ(room_.holds(ada_.id), "2 2 none");
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
