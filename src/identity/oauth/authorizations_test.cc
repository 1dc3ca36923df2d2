#include "identity/oauth/authorizations.h"

#include <gtest/gtest.h>

#include "crypto/pkce.h"
#include "identity/accounts/sign_in.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

const std::string kVerifier(50, 'v');
constexpr const char* kRedirect = "https://app.example.org/back";

TEST(RedirectUris, LeadToTheApplicationAndNowhereElse) {
  for (const char* const good :
       {"https://app.example.org/back", "https://app.example.org:444/back?x=y",
        "http://127.0.0.1/back", "http://[::1]:4711/back", "com.example.app:/back"}) {
    EXPECT_EQ(complaint_about_redirect_uri(good), "") << good;
  }
  for (const char* const bad :
       {"http://app.example.org/back", "http://127.0.0.1.evil.example/", "http://localhost/back",
        "https://app.example.org/back#x", "https://app@evil.example/", "https://", "javascript:x",
        "data:text/html,x", "/back", "https://a b", "https://a\"b/", "http://127.0.0.1:x/"}) {
    EXPECT_NE(complaint_about_redirect_uri(bad), "") << bad;
  }
}

TEST(RedirectUris, AreComparedToTheLetterButForLoopbackPorts) {
  const Application application{.redirect_uris = {kRedirect, "http://127.0.0.1/back"}};
  EXPECT_TRUE(may_redirect_to(application, kRedirect));
  EXPECT_TRUE(may_redirect_to(application, "http://127.0.0.1:49152/back"));
  for (const char* const other :
       {"https://app.example.org/back/", "https://app.example.org/back?x",
        "https://APP.example.org/back", "https://app.example.org:443/back",
        "http://127.0.0.1:49152/other", "http://[::1]/back", "http://127.0.0.1:49152/back?x",
        "http://127.0.0.1:999999/back", ""}) {
    EXPECT_FALSE(may_redirect_to(application, other)) << other;
  }
}

class AuthorizationsTest : public testing::Test {
 protected:
  AuthorizationsTest() {
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) {
      return register_application(tx,
                                  {.id = id_,
                                   .name = "App",
                                   .redirect_uris = {kRedirect},
                                   .scopes = {"email", "offline_access", "openid", "runs:read"}},
                                  by);
    }),
              "ok");
    EXPECT_EQ(consent({"offline_access", "runs:read"}), "ok");
  }
  std::string consent(std::vector<std::string> scopes) {
    return room_.attempt([&](store::Tx& tx, const Deed& by) {
      return give_consent(tx, ada_.id, {.application = id_, .scopes = std::move(scopes)}, by);
    });
  }
  SecretToken code(std::vector<std::string> scopes = {"offline_access", "runs:read"}) {
    const SecretToken code = make_secret_token(kCodePrefix);
    const Authorization what{.application = id_,
                             .session = session_.id,
                             .redirect_uri = kRedirect,
                             .challenge = crypto::pkce_challenge(kVerifier),
                             .scopes = std::move(scopes),
                             .target = "https://writ.example.org",
                             .nonce = "n1"};
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
      return put_code(tx, code, what, room_.now());
    }),
              "ok");
    return code;
  }
  CodeProof proof(const SecretToken& code) const {
    return {
        .application = id_, .code = code.text, .redirect_uri = kRedirect, .verifier = kVerifier};
  }
  std::optional<Granted> redeem(const CodeProof& proof) {
    const GrantSecrets secrets = make_grant_secrets(room_.parts());
    return room_.make(
        [&](store::Tx& tx, const Deed& by) { return redeem_code(tx, proof, secrets, asker_, by); });
  }
  bool lives(SessionId id) {
    return room_.look([&](store::Tx& tx) { return find_session(tx, id, room_.now()); }).has_value();
  }
  // Codes that the store has after upkeep.
  std::size_t codes_left() {
    room_.make([&](store::Tx& tx, const Deed&) { return sweep_codes(tx, {}, 100, room_.now()); });
    constexpr store::Table kCodes{"identity_authorization_codes"};
    return room_.look([&](store::Tx& tx) { return tx.scan(kCodes, {{}, {}}, 100); }).size();
  }
  RefreshedGrant refreshed(std::string_view token, const GrantWish& wish = {}) {
    return refresh_grant(room_.parts(), id_, token, wish, asker_).value();
  }

  AccountRoom room_;
  Asker asker_{.network = "192.0.2.1", .agent = "app"};
  ApplicationId id_ = numbered<ApplicationId>(7);
  User ada_ = room_.add_user(1, "ada@example.org");
  Session session_ = room_.add_session(1, ada_.id);
};

TEST_F(AuthorizationsTest, ACodeGivesASessionOfTheApplicationsOwn) {
  const auto granted = redeem(proof(code()));
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->nonce, "n1");
  EXPECT_NE(granted->refresh_token, "");
  const auto kept =
      room_.look([&](store::Tx& tx) { return find_session(tx, granted->session.id, room_.now()); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->grant.application, id_.text());
  EXPECT_EQ(kept->grant.scopes, (std::vector<std::string>{"offline_access", "runs:read"}));
  EXPECT_EQ(kept->authenticated_at, session_.authenticated_at);
  EXPECT_EQ(redeem(proof(code({"runs:read"})))->refresh_token, "") << "while they are there";
}

TEST_F(AuthorizationsTest, ACodeThatComesTwiceEndsWhatItGave) {
  const SecretToken once = code();
  const auto granted = redeem(proof(once));
  ASSERT_TRUE(granted);
  room_.clock.pass(std::chrono::hours(1));
  EXPECT_FALSE(redeem(proof(once)));
  EXPECT_FALSE(lives(granted->session.id));
  EXPECT_EQ(refreshed(granted->refresh_token).fault, GrantFault::invalid_grant);
}

TEST_F(AuthorizationsTest, ACodeIsForOneApplicationOneRedirectOneVerifierAndAMinute) {
  const auto with = [&](auto change) {
    const SecretToken fresh = code();
    CodeProof wrong = proof(fresh);
    change(wrong);
    const bool is_refused = !redeem(wrong);
    return is_refused && !redeem(proof(fresh));  // and then it is spent
  };
  const std::string other(50, 'w');
  EXPECT_TRUE(with([](CodeProof& it) { it.application = numbered<ApplicationId>(8); }));
  EXPECT_TRUE(with([](CodeProof& it) { it.redirect_uri = "https://app.example.org/back?"; }));
  EXPECT_TRUE(with([&](CodeProof& it) { it.verifier = other; }));
  EXPECT_TRUE(with([](CodeProof& it) { it.verifier = ""; }));
  EXPECT_TRUE(with([](CodeProof& it) { it.targets = {"https://elsewhere.example.org"}; }));
  const SecretToken late = code();
  room_.clock.pass(kCodeLifetime);
  EXPECT_FALSE(redeem(proof(late)));
  const SecretToken ended = code();
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) -> Result<void> {
    WRIT_CHECK(end_session(tx, session_.id, "logout", by));
    return {};
  }),
            "ok");
  EXPECT_FALSE(redeem(proof(ended))) << "the person has signed out";
}

TEST_F(AuthorizationsTest, ARefreshTokenIsForItsApplicationAndSignsNobodyIn) {
  const std::string token = redeem(proof(code()))->refresh_token;
  const auto own = refresh_session(room_.parts(), token, asker_);
  ASSERT_TRUE(own) << own.error().text();
  EXPECT_EQ(own->outcome, Refresh::refused);
  const auto foreign =
      refresh_grant(room_.parts(), numbered<ApplicationId>(8), token, {}, asker_).value();
  EXPECT_EQ(foreign.fault, GrantFault::invalid_grant);
  EXPECT_EQ(refreshed(token, {.scopes = std::vector<std::string>{"iam:write"}}).fault,
            GrantFault::invalid_scope);
  EXPECT_EQ(refreshed(token, {.targets = {"https://elsewhere.example.org"}}).fault,
            GrantFault::invalid_target);
  const RefreshedGrant next = refreshed(token);  // nothing of all that has used it up
  ASSERT_FALSE(next.fault) << next.why;
  room_.clock.pass(kRefreshGrace + std::chrono::seconds(1));
  EXPECT_EQ(refreshed(token).fault, GrantFault::invalid_grant);
  EXPECT_EQ(refreshed(next.refresh_token).fault, GrantFault::invalid_grant) << "the family ended";
  const FirstRefreshToken mine = make_refresh_token(session_.id);
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return put_refresh_token(tx, mine, session_.id, session_.expires_at);
  }),
            "ok");
  EXPECT_EQ(refreshed(mine.token.text).fault, GrantFault::invalid_grant)
      << "a person's own is no application's";
  EXPECT_EQ(refresh_session(room_.parts(), mine.token.text, asker_)->outcome, Refresh::rotated);
}

TEST_F(AuthorizationsTest, CodesThatNobodyBroughtAreForgottenAtOnceAndOthersAfterADay) {
  code();
  redeem(proof(code()));
  EXPECT_EQ(codes_left(), 2u);
  room_.clock.pass(kCodeLifetime);
  EXPECT_EQ(codes_left(), 1u);
  room_.clock.pass(std::chrono::hours(24));
  EXPECT_EQ(codes_left(), 0u);
}

TEST_F(AuthorizationsTest, ManySignInsToOneApplicationEndItsOldestAndNobodyElses) {
  std::vector<SessionId> given;
  for (std::size_t i = 0; i <= kMaxGrants; ++i) {
    room_.clock.pass(std::chrono::milliseconds(1));  // ids of one moment have no order
    given.push_back(redeem(proof(code()))->session.id);
  }
  EXPECT_FALSE(lives(given.front()));
  EXPECT_TRUE(lives(given[1]));
  EXPECT_TRUE(lives(given.back()));
  EXPECT_TRUE(lives(session_.id));
}

TEST_F(AuthorizationsTest, WithTheApplicationEndsWhatItWasGiven) {
  const auto granted = redeem(proof(code()));
  const SecretToken waiting = code();
  ASSERT_TRUE(
      room_.make([&](store::Tx& tx, const Deed& by) { return erase_application(tx, id_, by); }));
  EXPECT_FALSE(lives(granted->session.id));
  EXPECT_EQ(refreshed(granted->refresh_token).fault, GrantFault::invalid_grant);
  EXPECT_FALSE(redeem(proof(waiting)));
  const auto consents = [&] {
    return room_.look([&](store::Tx& tx) { return list_consents(tx, ada_.id); }).size();
  };
  EXPECT_EQ(consents(), 1u);
  EXPECT_EQ(room_.make([&](store::Tx& tx, const Deed&) { return sweep_consents(tx, {}, 100); }),
            "");
  EXPECT_EQ(consents(), 0u);
  EXPECT_TRUE(lives(session_.id));
}

TEST_F(AuthorizationsTest, APublicApplicationGetsItsAnswerAgainOnlyWhereItWas) {
  const std::string token = redeem(proof(code()))->refresh_token;
  const RefreshedGrant first = refreshed(token);
  EXPECT_EQ(refreshed(token).refresh_token, first.refresh_token) << "the answer got lost";
  asker_.network = "198.51.100.7";
  EXPECT_EQ(refreshed(token).fault, GrantFault::invalid_grant);
  EXPECT_FALSE(lives(first.session.id)) << "somebody else has it";
}

TEST_F(AuthorizationsTest, ConsentsGrowAndEndWithAllThatTheyGave) {
  EXPECT_FALSE(redeem(proof(code({"email"})))) << "that was not consented to";
  EXPECT_EQ(consent({"email", "openid"}), "ok");
  EXPECT_EQ(consent({"openid", "runs:read"}), "ok");
  const auto kept = room_.look([&](store::Tx& tx) { return find_consent(tx, ada_.id, id_); });
  EXPECT_EQ(kept->scopes,
            (std::vector<std::string>{"email", "offline_access", "openid", "runs:read"}));
  const SecretToken waiting = code();
  const SessionId given = redeem(proof(code()))->session.id;
  EXPECT_TRUE(room_.make(
      [&](store::Tx& tx, const Deed& by) { return take_back_consent(tx, ada_.id, id_, by); }));
  EXPECT_FALSE(lives(given));
  EXPECT_FALSE(redeem(proof(waiting))) << "nor does a code that was on its way count";
  EXPECT_TRUE(lives(session_.id)) << "the person stays signed in";
  EXPECT_TRUE(room_.last_event().starts_with("writ.consent.taken_back user/"))
      << room_.last_event();
}

}  // namespace
}  // namespace writ::identity
