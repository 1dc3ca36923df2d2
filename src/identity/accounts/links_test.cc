#include "identity/accounts/links.h"

#include <gtest/gtest.h>

#include "identity/accounts/postman.h"
#include "identity/accounts/registration.h"
#include "identity/accounts/sign_in.h"
#include "identity/testing/account_room.h"
#include "identity/testing/letterbox.h"

namespace writ::identity {
namespace {

constexpr std::string_view kAda = "ada@example.org";
constexpr std::string_view kOther = "copper lantern 42 sails";

class LinksTest : public testing::Test {
 protected:
  std::string ask(LetterKind kind, std::string_view email) {
    room_.clock.pass(std::chrono::milliseconds(1));  // ids of one moment have no order
    const auto done = ask_for_letter(parts_, kind, email);
    return done ? "ok" : done.error().text();
  }
  void deliver() {
    for (;;) {
      const auto more = postman_.deliver_one();
      ASSERT_TRUE(more) << more.error().text();
      if (!*more) return;
    }
  }
  // "to: subject" of what went out since the last look.
  std::string post() {
    deliver();
    std::string out;
    for (; seen_ < box_.letters.size(); ++seen_) {
      out += box_.letters[seen_].to + ": " + box_.letters[seen_].subject + '\n';
    }
    return out;
  }
  // The token of the last letter.
  std::string token() { return box_.token(); }
  std::optional<User> user(std::string_view email) {
    return room_.look([&](store::Tx& tx) { return find_user_by_email(tx, email); });
  }
  std::string enter(std::string_view email, std::string_view password) {
    room_.clock.pass(std::chrono::milliseconds(1));  // likewise
    const auto done = register_user(parts_, email, password, asker_);
    if (!done) return done.error().text();
    constexpr std::string_view kNames[] = {"made", "accepted", "taken", "bad_password", "closed"};
    return std::string(kNames[static_cast<std::size_t>(done->outcome)]) +
           (done->reason.empty() ? "" : ": " + done->reason);
  }
  void set(std::string_view patch) {
    room_.make([&](store::Tx& tx, const Deed& by) {
      return change_settings(tx, parse_json(patch).value(), by);
    });
  }

  AccountRoom room_;
  AccountParts parts_ = room_.parts();
  Asker asker_{.network = "192.0.2.1", .agent = "test", .trace = std::string(32, 'a')};
  Letterbox box_;
  observe::Metrics metrics_;
  Postman postman_{parts_, box_, {.public_url = "https://writ.example.org", .metrics = &metrics_}};
  std::size_t seen_ = 0;
};

TEST_F(LinksTest, RegistrationEndsWithAVerifiedAddress) {
  EXPECT_EQ(enter("Ada@example.org", AccountRoom::kPassword), "made");
  EXPECT_FALSE(user(kAda)->is_verified);
  EXPECT_FALSE(user(kAda)->is_superuser);
  EXPECT_EQ(post(), "ada@example.org: Confirm your e-mail address\n");
  EXPECT_NE(
      box_.letters.back().text.find("https://writ.example.org/auth/verify?token=writ_verify_"),
      std::string::npos)
      << box_.letters.back().text;
  const std::string link = token();
  EXPECT_EQ(verify_address(parts_, link, asker_)->user.email, kAda);
  EXPECT_TRUE(user(kAda)->is_verified);
  EXPECT_EQ(verify_address(parts_, link, asker_)->outcome, Verified::bad_token);
}

TEST_F(LinksTest, RegistrationSaysWhatIsWrong) {
  EXPECT_EQ(enter(kAda, AccountRoom::kPassword), "made");
  EXPECT_EQ(enter("ADA@example.org", AccountRoom::kPassword), "taken");
  EXPECT_EQ(enter("nowhere", AccountRoom::kPassword),
            "invalid_input: this is not an e-mail address");
  EXPECT_TRUE(enter("bob@example.org", "password").starts_with("bad_password: "))
      << enter("bob@example.org", "password");
  set(R"({"registration":"closed"})");
  EXPECT_EQ(enter("bob@example.org", AccountRoom::kPassword), "closed");
  EXPECT_EQ(user("bob@example.org"), std::nullopt);
}

TEST_F(LinksTest, StrictRegistrationAnswersAlikeAtTheSameCost) {
  room_.add_user(1, std::string(kAda));
  set(R"({"registration":"strict"})");
  const auto work = [&](std::string_view email) {
    const std::size_t hashes = room_.passwords.hashes;
    const std::uint64_t writes = room_.store->stats().writes;
    const std::string outcome = enter(email, kOther);
    return outcome + ' ' + std::to_string(room_.passwords.hashes - hashes) + ' ' +
           std::to_string(room_.store->stats().writes - writes);
  };
  EXPECT_EQ(work(kAda), "accepted 1 1");
  EXPECT_EQ(work("bob@example.org"), "accepted 1 1");
  EXPECT_EQ(user("bob@example.org"), std::nullopt);
  EXPECT_EQ(post(),
            "ada@example.org: Confirm your e-mail address\n"
            "bob@example.org: Confirm your e-mail address\n");
  EXPECT_EQ(user(kAda)->password, "hashed:" + AccountRoom::kPassword) << "nobody sets it for her";
  EXPECT_EQ(verify_address(parts_, token(), asker_)->user.email, "bob@example.org");
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(work("bob@example.org"), "accepted 1 1");
  EXPECT_EQ(post(), "bob@example.org: You have an account already\n");
}

TEST_F(LinksTest, AStrictRegistrationIsOfWhoOpensItsLink) {
  set(R"({"registration":"strict"})");
  EXPECT_EQ(enter(kAda, AccountRoom::kPassword), "accepted");
  EXPECT_EQ(post(), "ada@example.org: Confirm your e-mail address\n");
  const std::string strangers = token();
  EXPECT_EQ(user(kAda), std::nullopt) << "nothing is made before the address is proved";
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(enter(kAda, kOther), "accepted");
  EXPECT_EQ(post(), "ada@example.org: Confirm your e-mail address\n");
  const auto opened = verify_address(parts_, token(), asker_);
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_EQ(opened->user.email, kAda);
  EXPECT_TRUE(opened->user.is_verified);
  EXPECT_EQ(user(kAda)->password, "hashed:" + std::string(kOther));
  EXPECT_EQ(verify_address(parts_, strangers, asker_)->outcome, Verified::bad_token);
  EXPECT_EQ(user(kAda)->password, "hashed:" + std::string(kOther));
}

TEST_F(LinksTest, AStrictRegistrationTakesOverWhatNobodyProved) {
  const User squatted = room_.add_user(1, std::string(kAda));
  room_.add_session(1, squatted.id);
  room_.add_key("0123456789abcdef", squatted.id);
  set(R"({"registration":"strict"})");
  EXPECT_EQ(enter(kAda, kOther), "accepted");
  EXPECT_EQ(post(), "ada@example.org: Confirm your e-mail address\n");
  EXPECT_EQ(verify_address(parts_, token(), asker_)->user.id, squatted.id);
  EXPECT_EQ(user(kAda)->password, "hashed:" + std::string(kOther));
  EXPECT_EQ(room_.holds(squatted.id), "0 0 none");
}

TEST_F(LinksTest, AVerifiedAddressIsNotWrittenToWithoutEndEither) {
  const User ada = room_.add_user(1, std::string(kAda));
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, ada.id, {.is_verified = true}, by);
  });
  set(R"({"registration":"strict"})");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(enter(kAda, kOther), "accepted");
  EXPECT_EQ(post(), "ada@example.org: You have an account already\n");
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(enter(kAda, kOther), "accepted");
  EXPECT_EQ(post(), "ada@example.org: You have an account already\n");
}

TEST_F(LinksTest, WhoAsksForALinkVoidsNobodyElses) {
  room_.add_user(1, std::string(kAda));
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_EQ(post(), "ada@example.org: Set a new password\n");
  const std::string mine = token();
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_EQ(post(), "ada@example.org: Set a new password\n");
  const std::string strangers = token();
  EXPECT_NE(mine, strangers);
  EXPECT_EQ(reset_password(parts_, mine, kOther, asker_)->outcome, Reset::done);
  EXPECT_EQ(reset_password(parts_, strangers, kOther, asker_)->outcome, Reset::bad_token);
}

TEST_F(LinksTest, AResetTakesBackApiKeysAndLeavesTheSecondFactor) {
  const User ada = room_.add_user(1, std::string(kAda));
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, ada.id, {.is_verified = true}, by);
  });
  room_.add_session(1, ada.id);
  room_.add_key("0123456789abcdef", ada.id);
  room_.add_factor(ada);
  EXPECT_EQ(room_.holds(ada.id), "1 1 on");
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  deliver();
  EXPECT_EQ(reset_password(parts_, token(), kOther, asker_)->outcome, Reset::done);
  EXPECT_EQ(room_.holds(ada.id), "0 0 on");
}

TEST_F(LinksTest, AResetOfAnAddressThatNobodyProvedTakesBackEverything) {
  const User squatted = room_.add_user(1, std::string(kAda));
  room_.add_session(1, squatted.id);
  room_.add_key("0123456789abcdef", squatted.id);
  room_.add_factor(squatted);
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  deliver();
  EXPECT_EQ(reset_password(parts_, token(), kOther, asker_)->outcome, Reset::done);
  EXPECT_TRUE(user(kAda)->is_verified);
  EXPECT_EQ(user(kAda)->password, "hashed:" + std::string(kOther));
  EXPECT_EQ(room_.holds(squatted.id), "0 0 none");
}

TEST_F(LinksTest, ALinkToAnAddressThatNobodyProvedSaysWhatItTakesBack) {
  const User ada = room_.add_user(1, std::string(kAda));
  const auto says_so = [&] {
    EXPECT_EQ(ask(LetterKind::magic_link, kAda), "ok");
    EXPECT_EQ(post(), "ada@example.org: Your sign-in link\n");
    return box_.letters.back().text.find("takes back what was set") != std::string::npos;
  };
  EXPECT_TRUE(says_so()) << box_.letters.back().text;
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, ada.id, {.is_verified = true}, by);
  });
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_FALSE(says_so()) << box_.letters.back().text;
}

TEST_F(LinksTest, AskingCostsTheSameForEveryAddress) {
  room_.add_user(1, std::string(kAda));
  for (const LetterKind kind : {LetterKind::reset, LetterKind::magic_link, LetterKind::verify}) {
    std::vector<std::uint64_t> writes;
    for (const std::string_view email : {kAda, std::string_view("nobody@example.org")}) {
      const std::uint64_t before = room_.store->stats().writes;
      EXPECT_EQ(ask(kind, email), "ok");
      writes.push_back(room_.store->stats().writes - before);
    }
    EXPECT_EQ(writes, (std::vector<std::uint64_t>{1, 1})) << kLetterKinds.name(kind);
  }
  EXPECT_EQ(room_.passwords.hashes + room_.passwords.verifications, 0u);
  EXPECT_EQ(post(),
            "ada@example.org: Set a new password\n"
            "ada@example.org: Your sign-in link\n"
            "ada@example.org: Confirm your e-mail address\n");
}

TEST_F(LinksTest, AResetEndsEverySessionAndTellsTheOwner) {
  const User ada = room_.add_user(1, std::string(kAda));
  room_.add_session(1, ada.id);
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_EQ(post(), "ada@example.org: Set a new password\n");
  const std::string link = token();
  const auto weak = reset_password(parts_, link, "password", asker_);
  EXPECT_EQ(weak->outcome, Reset::bad_password);
  EXPECT_NE(weak->reason, "");
  EXPECT_EQ(reset_password(parts_, link, kOther, asker_)->outcome, Reset::done);
  EXPECT_EQ(user(kAda)->password, "hashed:" + std::string(kOther));
  EXPECT_TRUE(
      room_.look([&](store::Tx& tx) { return list_sessions(tx, ada.id, room_.now()); }).empty());
  EXPECT_EQ(post(), "ada@example.org: Your password was changed\n");
  const std::size_t before = room_.passwords.hashes;
  EXPECT_EQ(reset_password(parts_, link, kOther, asker_)->outcome, Reset::bad_token);
  EXPECT_EQ(room_.passwords.hashes, before + 1) << "a bad token costs as much as a good one";
}

TEST_F(LinksTest, ALetterThatDidNotGetOutIsWrittenAgain) {
  room_.add_user(1, std::string(kAda));
  box_.refusals = 2;
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_EQ(post(), "");
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(post(), "");
  room_.clock.pass(std::chrono::minutes(2));
  EXPECT_EQ(post(), "ada@example.org: Set a new password\n");
  EXPECT_EQ(room_.last_event(),
            "writ.letter.sent user/" + user(kAda)->id.text() + R"( {"kind":"reset"})");
  EXPECT_EQ(reset_password(parts_, token(), kOther, asker_)->outcome, Reset::done);
}

TEST_F(LinksTest, ALetterThatNobodyWillTakeIsGivenUpWithAnEvent) {
  room_.add_user(1, std::string(kAda));
  box_.refusals = 1;
  box_.refusal = Code::invalid_input;
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_EQ(post(), "");
  EXPECT_EQ(room_.last_event(),
            "writ.letter.abandoned user/" + user(kAda)->id.text() +
                R"( {"kind":"reset","reason":"the post office is closed","tries":1})");
  room_.clock.pass(std::chrono::hours(24));
  EXPECT_EQ(post(), "");
}

TEST_F(LinksTest, ALetterIsTriedForHoursAndNotForEver) {
  room_.add_user(1, std::string(kAda));
  box_.refusals = 1000;
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(post(), "");
    room_.clock.pass(kLongestPause);
  }
  EXPECT_EQ(box_.refusals, 1000 - 12);
  EXPECT_TRUE(room_.last_event().starts_with("writ.letter.abandoned ")) << room_.last_event();
  EXPECT_EQ(post(), "");
  EXPECT_EQ(box_.refusals, 1000 - 12);
}

TEST_F(LinksTest, ALetterThatWasStoppedIsDueAtOnce) {
  room_.add_user(1, std::string(kAda));
  box_.refusals = 1;
  box_.refusal = Code::cancelled;
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_TRUE(*postman_.deliver_one());
  EXPECT_EQ(post(), "ada@example.org: Set a new password\n");
}

TEST_F(LinksTest, LettersAreCounted) {
  room_.add_user(1, std::string(kAda));
  box_.refusals = 1;
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_EQ(ask(LetterKind::verify, "nobody@example.org"), "ok");
  EXPECT_EQ(post(), "");
  EXPECT_TRUE(postman_.count_waiting());
  const auto count = [&](std::string_view outcome) {
    return metrics_.counters("writ_letters_total", "", {"outcome"}).with({outcome}).value();
  };
  EXPECT_EQ(metrics_.gauges("writ_letters_waiting", "").with({}).value(), 1);
  EXPECT_EQ(count("put_off"), 1u);
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(post(), "ada@example.org: Set a new password\n");
  EXPECT_TRUE(postman_.count_waiting());
  EXPECT_EQ(metrics_.gauges("writ_letters_waiting", "").with({}).value(), 0);
  EXPECT_EQ(count("sent"), 1u);
  EXPECT_EQ(count("given_up"), 0u);
}

TEST_F(LinksTest, NobodysMailboxIsFilled) {
  room_.add_user(1, std::string(kAda));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_EQ(post(), "ada@example.org: Set a new password\n");
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(ask(LetterKind::reset, kAda), "ok");
  EXPECT_EQ(post(), "ada@example.org: Set a new password\n");
}

TEST_F(LinksTest, TheFirstAdministratorIsMadeOnTheMachineAndOnce) {
  const auto claim = [&](std::string_view email) {
    const auto made = bootstrap_administrator(parts_, email, AccountRoom::kPassword);
    return made ? made->email + (made->is_superuser && made->is_verified ? " administers" : "")
                : made.error().text();
  };
  EXPECT_EQ(enter("first@example.org", AccountRoom::kPassword), "made");
  EXPECT_FALSE(user("first@example.org")->is_superuser) << "being first makes nobody anything";
  EXPECT_EQ(claim(kAda), "ada@example.org administers");
  EXPECT_EQ(claim("eve@example.org"), "conflict: this server has an administrator");
  EXPECT_EQ(user("eve@example.org"), std::nullopt);
}

}  // namespace
}  // namespace writ::identity
