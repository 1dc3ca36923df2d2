#include "identity/accounts/sign_in.h"

#include <gtest/gtest.h>

#include "identity/accounts/one_time_tokens.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

constexpr std::string_view kAda = "ada@example.org";

std::string_view name_of(SignIn outcome) {
  switch (outcome) {
    case SignIn::done:
      return "done";
    case SignIn::refused:
      return "refused";
    case SignIn::unverified:
      return "unverified";
    case SignIn::needs_factor:
      return "needs_factor";
    case SignIn::must_wait:
      return "must_wait";
  }
  return "?";
}

class SignInTest : public testing::Test {
 protected:
  SignedIn attempt(std::string_view name, std::string_view password, std::string_view code = {},
                   Keep keep = Keep::tokens) {
    const auto done = sign_in(
        room_.parts(), {.name = name, .password = password, .code = code, .keep = keep}, asker_);
    EXPECT_TRUE(done) << done.error().text();
    return *done;
  }
  std::string outcome(std::string_view name, std::string_view password,
                      std::string_view code = {}) {
    return std::string(name_of(attempt(name, password, code).outcome));
  }
  void set(std::string_view patch) {
    room_.make([&](store::Tx& tx, const Deed& by) {
      return change_settings(tx, parse_json(patch).value(), by);
    });
  }
  void change(const UserChange& what) {
    room_.make([&](store::Tx& tx, const Deed& by) { return change_user(tx, ada_.id, what, by); });
  }
  std::string enrol() { return room_.add_factor(ada_); }
  std::string code_of(const std::string& seed) { return room_.code_of(seed); }

  AccountRoom room_;
  Asker asker_{.network = "192.0.2.1", .agent = "test", .trace = std::string(32, 'a')};
  User ada_ = room_.add_user(1, std::string(kAda));
};

TEST_F(SignInTest, OpensASessionWithARefreshToken) {
  const SignedIn got = attempt("  Ada@Example.org", AccountRoom::kPassword);
  EXPECT_EQ(name_of(got.outcome), "done");
  EXPECT_EQ(got.user.id, ada_.id);
  EXPECT_EQ(got.session.principal, ada_.id);
  EXPECT_EQ(got.session.peer, "192.0.2.1");
  EXPECT_EQ(got.cookie, "");
  const auto next = refresh_session(room_.parts(), got.refresh_token, asker_);
  ASSERT_TRUE(next) << next.error().text();
  EXPECT_EQ(next->outcome, Refresh::rotated);
  EXPECT_EQ(next->session, got.session.id);
}

TEST_F(SignInTest, OrWithACookie) {
  const SignedIn got = attempt(kAda, AccountRoom::kPassword, {}, Keep::cookie);
  EXPECT_EQ(got.refresh_token, "");
  const auto session = room_.look(
      [&](store::Tx& tx) { return find_session_by_cookie(tx, got.cookie, room_.now()); });
  ASSERT_TRUE(session) << "no session has that cookie";
  EXPECT_EQ(session->id, got.session.id);
}

TEST_F(SignInTest, NothingTellsAnAccountFromNone) {
  change({.is_active = true});
  struct Work {
    std::string outcome;
    std::size_t hashes, verifications;
    std::uint64_t writes;
    std::string event;
    bool operator==(const Work&) const = default;
  };
  const auto work_of = [&](std::string_view name, std::string_view password) {
    const std::size_t hashes = room_.passwords.hashes;
    const std::size_t verifications = room_.passwords.verifications;
    const std::uint64_t writes = room_.store->stats().writes;
    Work out{outcome(name, password), 0, 0, 0, ""};
    out.writes = room_.store->stats().writes - writes;
    out.hashes = room_.passwords.hashes - hashes;
    out.verifications = room_.passwords.verifications - verifications;
    const std::string event = room_.last_event();
    out.event = event.substr(0, event.find(' ')) + event.substr(event.find('{'));
    return out;
  };
  const Work wrong = work_of(kAda, "not the password");
  EXPECT_EQ(wrong.outcome, "refused");
  EXPECT_EQ(wrong.verifications, 1u);
  EXPECT_EQ(wrong.writes, 1u);
  EXPECT_EQ(wrong.event, R"(writ.signin.failed{"network":"192.0.2.1","step":"password"})");
  EXPECT_EQ(work_of("nobody@example.org", "not the password"), wrong);
  EXPECT_EQ(work_of("not an address", AccountRoom::kPassword), wrong);
  change({.is_active = false});
  EXPECT_EQ(work_of(kAda, AccountRoom::kPassword), wrong);
}

TEST_F(SignInTest, WaitingTellsNothingEither) {
  for (const std::string_view name : {kAda, std::string_view("nobody@example.org")}) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(name, "wrong"), "refused") << name << i;
    const std::size_t before = room_.passwords.verifications;
    const SignedIn got = attempt(name, AccountRoom::kPassword);
    EXPECT_EQ(name_of(got.outcome), "must_wait") << name;
    EXPECT_EQ(got.wait_until, room_.in(std::chrono::seconds(1))) << name;
    EXPECT_EQ(room_.passwords.verifications, before) << "a try that waits costs no hash";
  }
  room_.clock.pass(std::chrono::seconds(1));
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "done");
}

TEST_F(SignInTest, SaysThatVerificationIsMissingOnlyToWhoKnowsThePassword) {
  set(R"({"is_verification_required":true})");
  EXPECT_EQ(outcome(kAda, "wrong"), "refused");
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "unverified");
  change({.is_verified = true});
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "done");
}

TEST_F(SignInTest, AsksForTheSecondFactorAfterThePassword) {
  const std::string seed = enrol();
  EXPECT_EQ(outcome(kAda, "wrong", code_of(seed)), "refused");
  const SignedIn half = attempt(kAda, AccountRoom::kPassword);
  EXPECT_EQ(name_of(half.outcome), "needs_factor");
  EXPECT_EQ(half.refresh_token, "");
  const auto finish = [&](const std::string& code) {
    const auto got = sign_in_by_factor(room_.parts(), half.challenge, code, Keep::tokens, asker_);
    return got ? std::string(name_of(got->outcome)) : got.error().text();
  };
  EXPECT_EQ(finish("000000"), "refused");
  const std::string code = code_of(seed);
  EXPECT_EQ(finish(code), "done");
  EXPECT_EQ(finish(code), "refused");  // the challenge and the code are used
}

TEST_F(SignInTest, TakesEachCodeOnce) {
  const std::string seed = enrol();
  const std::string code = code_of(seed);
  const SignedIn got = attempt(kAda, AccountRoom::kPassword, code);
  EXPECT_EQ(name_of(got.outcome), "done");
  EXPECT_TRUE(got.session.has_second_factor);
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword, code), "refused");
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword, "aaaa bbbb"), "done");
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword, "AAAA-BBBB"), "refused");
}

TEST_F(SignInTest, GuessesOfTheSecondFactorHaveToWait) {
  enrol();
  const SignedIn half = attempt(kAda, AccountRoom::kPassword);
  std::string outcomes;
  for (int i = 0; i < 6; ++i) {
    const auto got =
        sign_in_by_factor(room_.parts(), half.challenge, "000000", Keep::tokens, asker_);
    outcomes += got ? std::string(name_of(got->outcome)) + ' ' : got.error().text();
  }
  EXPECT_EQ(outcomes, "refused refused refused refused refused must_wait ");
}

TEST_F(SignInTest, ByLinkVerifiesTheAddress) {
  const SecretToken token = make_one_time_token(OneTimeUse::magic_link);
  const auto put = [&] {
    ada_ = *room_.look([&](store::Tx& tx) { return find_user(tx, ada_.id); });
    return room_.attempt([&](store::Tx& tx, const Deed&) {
      return put_one_time_token(tx, OneTimeUse::magic_link, token, ada_, room_.now());
    });
  };
  std::string challenge;
  const auto use = [&] {
    const auto got = sign_in_by_link(room_.parts(), token.text, Keep::tokens, asker_);
    if (got) challenge = got->challenge;
    return got ? std::string(name_of(got->outcome)) + (got->user.is_verified ? " verified" : "")
               : got.error().text();
  };
  EXPECT_EQ(put(), "ok");
  EXPECT_EQ(use(), "done verified");
  EXPECT_EQ(use(), "refused");
  EXPECT_EQ(put(), "ok");
  set(R"({"has_magic_links":false})");
  EXPECT_EQ(use(), "refused");
  set(R"({"has_magic_links":true})");
  const std::string seed = enrol();
  EXPECT_EQ(use(), "needs_factor");
  const auto whole =
      sign_in_by_factor(room_.parts(), challenge, code_of(seed), Keep::tokens, asker_);
  ASSERT_TRUE(whole) << whole.error().text();
  EXPECT_EQ(whole->session.method, SignInMethod::magic_link);
  EXPECT_TRUE(whole->session.has_second_factor);
}

// Somebody else may have registered the address, and waited for its owner to come.
TEST_F(SignInTest, TheFirstLinkToAnAddressTakesBackWhatWasHandedOut) {
  room_.add_session(1, ada_.id);
  room_.add_key("0123456789abcdef", ada_.id);
  room_.add_factor(ada_);
  EXPECT_EQ(room_.holds(ada_.id), "1 1 on");
  const SecretToken token = make_one_time_token(OneTimeUse::magic_link);
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return put_one_time_token(tx, OneTimeUse::magic_link, token, ada_, room_.now());
  }),
            "ok");
  const auto got = sign_in_by_link(room_.parts(), token.text, Keep::tokens, asker_);
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(name_of(got->outcome), "done");
  EXPECT_TRUE(got->user.is_verified);
  EXPECT_EQ(got->user.password, "");
  EXPECT_EQ(room_.holds(ada_.id), "1 0 none") << "the session of the link";
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "refused");
}

TEST_F(SignInTest, NobodyElseMakesAGoodLinkWait) {
  change({.is_verified = true});
  const SecretToken token = make_one_time_token(OneTimeUse::magic_link);
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return put_one_time_token(tx, OneTimeUse::magic_link, token, ada_, room_.now());
  }),
            "ok");
  const auto use = [&](const std::string& text) {
    const auto got = sign_in_by_link(room_.parts(), text, Keep::tokens, asker_);
    return got ? std::string(name_of(got->outcome)) : got.error().text();
  };
  for (int i = 0; i < 60; ++i) {
    EXPECT_NE(outcome("not an address", "wrong"), "done");
    EXPECT_NE(
        name_of(sign_in_by_factor(room_.parts(), "x", "000000", Keep::tokens, asker_)->outcome),
        "done");
    EXPECT_NE(use("writ_magic_link_" + std::string(43, 'A')), "done");
  }
  EXPECT_EQ(use("writ_magic_link_" + std::string(43, 'A')), "must_wait");
  EXPECT_EQ(use(token.text), "done");
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "done");
}

TEST_F(SignInTest, StrangersDoNotDelayWhereOneSignedInBefore) {
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "done");
  const Asker here = asker_;
  for (int i = 0; i < 60; ++i) {
    asker_.network = "198.51.100." + std::to_string(i);
    EXPECT_NE(outcome(kAda, "wrong"), "done");
  }
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "must_wait");
  asker_ = here;
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "done");
}

TEST_F(SignInTest, TriesAtTheSameTimeAreCountedOneByOne) {
  const auto fail_five_times = [&] {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(kAda, "wrong"), "refused") << i;
  };
  room_.passwords.meanwhile = fail_five_times;
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "must_wait");
  room_.clock.pass(std::chrono::seconds(1));
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "done") << "the one that waited was not counted";
}

TEST_F(SignInTest, CodesBesideThePasswordAreCountedWithTheOthers) {
  const std::string seed = enrol();
  const SignedIn half = attempt(kAda, AccountRoom::kPassword);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(outcome(kAda, AccountRoom::kPassword, "000000"), "refused") << i;
  }
  const auto got =
      sign_in_by_factor(room_.parts(), half.challenge, code_of(seed), Keep::tokens, asker_);
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(name_of(got->outcome), "must_wait");
  EXPECT_EQ(got->wait_until, room_.in(std::chrono::seconds(1)));
}

TEST_F(SignInTest, TwoAtTheSameTimeMakeAWeakHashStronger) {
  change({.password = "weak:" + AccountRoom::kPassword});
  std::string other;
  room_.passwords.meanwhile = [&] { other = outcome(kAda, AccountRoom::kPassword); };
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "done");
  EXPECT_EQ(other, "done");
  EXPECT_EQ(room_.look([&](store::Tx& tx) { return find_user(tx, ada_.id); })->password,
            "hashed:" + AccountRoom::kPassword);
  room_.passwords.meanwhile = [&] { change({.password = "hashed:another one"}); };
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "refused") << "the password was changed";
}

TEST_F(SignInTest, MakesAWeakHashStronger) {
  change({.password = "weak:" + AccountRoom::kPassword});
  EXPECT_EQ(outcome(kAda, AccountRoom::kPassword), "done");
  EXPECT_EQ(room_.look([&](store::Tx& tx) { return find_user(tx, ada_.id); })->password,
            "hashed:" + AccountRoom::kPassword);
}

TEST_F(SignInTest, EndsWithTheSession) {
  const SignedIn got = attempt(kAda, AccountRoom::kPassword);
  EXPECT_TRUE(sign_out(room_.parts(), got.session.id, room_.deed()).value());
  EXPECT_FALSE(sign_out(room_.parts(), got.session.id, room_.deed()).value());
  EXPECT_EQ(refresh_session(room_.parts(), got.refresh_token, asker_)->outcome, Refresh::refused);
}

TEST_F(SignInTest, NoSecretIsInAnyEvent) {
  const std::string seed = enrol();
  const SignedIn half = attempt(kAda, AccountRoom::kPassword);
  const SignedIn got = attempt(kAda, AccountRoom::kPassword, code_of(seed));
  outcome(kAda, "a wrong password");
  ASSERT_TRUE(refresh_session(room_.parts(), got.refresh_token, asker_)) << "refresh";
  std::string told;
  for (const std::string& event : room_.events()) told += event + '\n';
  EXPECT_NE(told.find("writ.session.refreshed"), std::string::npos) << told;
  for (const std::string& secret :
       {half.challenge, got.refresh_token, AccountRoom::kPassword, std::string("a wrong password"),
        std::string(kAda), std::string("hashed:")}) {
    EXPECT_EQ(told.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace writ::identity
