#include "identity/oauth/authorizations.h"

#include <gtest/gtest.h>

#include "crypto/pkce.h"
#include "identity/accounts/sign_in.h"
#include "identity/oauth/refused_grants.h"
#include "identity/oauth/standing.h"
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

TEST(RedirectUris, HaveTheOriginThatBrowsersGiveAPageThere) {
  EXPECT_EQ(origin_of_redirect_uri("https://App.example.org/back?x"), "https://app.example.org");
  EXPECT_EQ(origin_of_redirect_uri("https://app.example.org:443/"), "https://app.example.org");
  EXPECT_EQ(origin_of_redirect_uri("https://app.example.org:444?x"), "https://app.example.org:444");
  EXPECT_EQ(origin_of_redirect_uri("http://127.0.0.1:5173/back"), "http://127.0.0.1:5173");
  EXPECT_EQ(origin_of_redirect_uri("http://[::1]:80/"), "http://[::1]");
  EXPECT_EQ(origin_of_redirect_uri("com.example.app:/back"), "");
  EXPECT_EQ(origin_of_redirect_uri("http://app.example.org/"), "");
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
  Application application() {
    return room_.look([&](store::Tx& tx) { return find_application(tx, id_); }).value();
  }
  void change(const ApplicationChange& change) {
    room_.make([&, before = application()](store::Tx& tx, const Deed& by) {
      return change_application(tx, before, change, by);
    });
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

TEST_F(AuthorizationsTest, FewerScopesHoldForWhatWasHandedOutBefore) {
  const Granted granted = redeem(proof(code({"offline_access", "runs:read"}))).value();
  const SecretToken kept = code({"runs:read"});
  change({.scopes = {{"offline_access", "openid"}}});
  EXPECT_FALSE(redeem(proof(kept))) << "a code for what is gone";
  const RefreshedGrant narrower = refreshed(granted.refresh_token);
  EXPECT_EQ(narrower.session.grant.scopes, std::vector<std::string>{"offline_access"});
  EXPECT_EQ(refreshed(narrower.refresh_token, {.scopes = {{"runs:read"}}}).fault,
            GrantFault::invalid_scope);
  change({.scopes = {{"openid", "runs:read"}}});
  EXPECT_EQ(refreshed(narrower.refresh_token).fault, GrantFault::invalid_grant)
      << "nobody may be away any more";
  change({.scopes = {{"offline_access", "openid", "runs:read"}}});
  EXPECT_EQ(refreshed(narrower.refresh_token).session.grant.scopes,
            (std::vector<std::string>{"offline_access", "runs:read"}))
      << "what was consented to, and no more";
}

TEST_F(AuthorizationsTest, AnAccessTokenHasTheScopesThatItsApplicationHasNow) {
  const Granted granted = redeem(proof(code())).value();
  AccessClaims claims;
  claims.subject = ada_.id.text();
  claims.client_id = id_.text();
  claims.token_id = "t1";
  claims.session = granted.session.id.text();
  claims.epoch = granted.session.epoch;
  claims.scopes = granted.session.grant.scopes;
  claims.expires_at = to_seconds(room_.in(std::chrono::minutes(5)));
  claims.via = {"application/" + id_.text()};
  const std::vector<std::string> all = {"runs:read"};
  const auto scopes = [&] {
    return room_.look([&](store::Tx& tx) { return standing_of(tx, claims, {"writ", all, {}}); })
        .caller.scopes;
  };
  EXPECT_EQ(scopes(), (std::vector<std::string>{"offline_access", "runs:read"}));
  change({.scopes = {{"offline_access", "openid"}}});
  EXPECT_EQ(scopes(), std::vector<std::string>{"offline_access"});
}

TEST_F(AuthorizationsTest, ACodeForARedirectThatIsGoneIsVoid) {
  const SecretToken kept = code();
  change({.redirect_uris = {{"https://app.example.org/other"}}});
  EXPECT_FALSE(redeem(proof(kept)));
}

TEST_F(AuthorizationsTest, AChangeIsToldByItsFieldsAndHasAnotherVersion) {
  const std::string before = version_of(application());
  change({.name = "App"});
  EXPECT_EQ(version_of(application()), before) << "nothing changed";
  change({.name = "Planner"});
  EXPECT_NE(version_of(application()), before);
  EXPECT_EQ(room_.last_event(), "writ.application.changed application/" + id_.text() +
                                    R"( {"fields":["name"],"scope":"email offline_access )" +
                                    R"(openid runs:read"})");
}

TEST_F(AuthorizationsTest, TwoSecretsCountWhileOneTakesTheOthersPlaceAndNeverThree) {
  const ApplicationId id = numbered<ApplicationId>(8);
  const std::vector<SecretToken> secrets = {make_secret_token(kApplicationSecretPrefix),
                                            make_secret_token(kApplicationSecretPrefix),
                                            make_secret_token(kApplicationSecretPrefix)};
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) {
    return register_application(tx, {.id = id, .name = "Server", .secret = secrets[0].key}, by);
  }),
            "ok");
  const auto replace = [&](const SecretToken& secret, std::chrono::seconds keep) {
    EXPECT_TRUE(room_.make([&](store::Tx& tx, const Deed& by) {
      return replace_application_secret(tx, id, secret, keep, by);
    }));
  };
  const auto counting = [&] {
    const auto found = room_.look([&](store::Tx& tx) { return find_application(tx, id); });
    std::string out;
    for (const SecretToken& one : secrets) {
      out += has_secret(*found, one.text, room_.now()) ? "yes " : "no ";
    }
    return out;
  };
  EXPECT_EQ(counting(), "yes no no ");
  replace(secrets[1], std::chrono::hours(1));
  EXPECT_EQ(counting(), "yes yes no ");
  replace(secrets[2], std::chrono::hours(1));
  EXPECT_EQ(counting(), "no yes yes ");
  room_.clock.pass(std::chrono::hours(1));
  EXPECT_EQ(counting(), "no no yes ");
  replace(secrets[0], std::chrono::hours(1));
  EXPECT_EQ(counting(), "yes no yes ");
  EXPECT_TRUE(
      room_.make([&](store::Tx& tx, const Deed& by) { return end_former_secret(tx, id, by); }));
  EXPECT_EQ(counting(), "yes no no ");
  replace(secrets[1], std::chrono::seconds(0));
  EXPECT_EQ(counting(), "no yes no ");
}

TEST_F(AuthorizationsTest, PagesOfPublicApplicationsAreKnownByTheirOrigin) {
  const auto is_known = [&](std::string_view origin) {
    return room_.look([&](store::Tx& tx) { return is_origin_of_public_application(tx, origin); });
  };
  EXPECT_TRUE(is_known("https://app.example.org"));
  for (const char* const other : {"http://app.example.org", "https://app.example.org:444",
                                  "https://APP.example.org", "https://example.org", "null", ""}) {
    EXPECT_FALSE(is_known(other)) << other;
  }
  room_.make([&](store::Tx& tx, const Deed& by) { return erase_application(tx, id_, by); });
  EXPECT_FALSE(is_known("https://app.example.org"));
  EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) {
    return register_application(
        tx, {.id = id_, .name = "Server", .redirect_uris = {kRedirect}, .secret = "s"}, by);
  }),
            "ok");
  EXPECT_FALSE(is_known("https://app.example.org")) << "one with a secret has a server";
}

TEST_F(AuthorizationsTest, RefusalsAreToldWithoutFillingTheLog) {
  const std::size_t before = room_.events().size();
  std::size_t told = 0;
  for (int i = 0; i < 100; ++i) {
    const auto got = tell_refused_grant(room_.parts(),
                                        {.type = "writ.grant.refused",
                                         .client = id_.text(),
                                         .grant = "refresh_token",
                                         .error = "invalid_grant"},
                                        asker_);
    ASSERT_TRUE(got) << got.error().text();
    told += *got ? 1 : 0;
  }
  EXPECT_EQ(told, 30u);
  EXPECT_EQ(room_.events().size(), before + told);
  EXPECT_EQ(room_.last_event(),
            "writ.grant.refused client/" + id_.text() +
                R"( {"error":"invalid_grant","grant":"refresh_token","network":"192.0.2.1"})");
  EXPECT_TRUE(redeem(proof(code()))) << "what is good never waits";
  room_.clock.pass(std::chrono::hours(1));
  EXPECT_TRUE(
      tell_refused_grant(room_.parts(), {.type = "writ.authorization.refused"}, asker_).value());
  EXPECT_TRUE(room_.last_event().starts_with("writ.authorization.refused client/unknown"));
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
