#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/jose/jws.h"
#include "identity/accounts/links.h"
#include "identity/federation/id_token.h"
#include "identity/federation/sign_in_by_provider.h"
#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

constexpr std::string_view kIssuer = "https://id.example.org";

// What came of an arrival, in a word.
std::string name_of(const ProviderOutcome& got) {
  switch (got.outcome) {
    case ProviderSignIn::done:
      break;
    case ProviderSignIn::linked:
      return "linked";
    case ProviderSignIn::closed:
      return "closed";
    case ProviderSignIn::no_email:
      return "no_email";
    case ProviderSignIn::taken:
      return "taken";
    case ProviderSignIn::over:
      return "over";
    case ProviderSignIn::not_anew:
      return "not_anew";
  }
  switch (got.signed_in.outcome) {
    case SignIn::done:
      return "in";
    case SignIn::needs_factor:
      return "needs_factor";
    case SignIn::unverified:
      return "unverified";
    case SignIn::must_wait:
      return "must_wait";
    case SignIn::refused:
      return "refused";
  }
  return "?";
}

Vouched somebody(std::string subject, std::string email = {}, bool is_verified = true) {
  return {.issuer = std::string(kIssuer),
          .subject = std::move(subject),
          .email = std::move(email),
          .is_email_verified = is_verified};
}

class FederationTest : public testing::Test {
 protected:
  ProviderOutcome arrival(const Vouched& who, std::optional<SessionId> session = {}) {
    const auto got = arrive(room_.parts(), rules_, {.session = session}, who, asker_);
    EXPECT_TRUE(got) << got.error().text();
    return got.value_or(ProviderOutcome{});
  }
  std::string said(const Vouched& who, std::optional<SessionId> session = {}) {
    return name_of(arrival(who, session));
  }
  User ada(bool is_verified) {
    const User made = room_.add_user(1, "ada@example.org");
    return room_.make([&](store::Tx& tx, const Deed& by) {
      return change_user(tx, made.id, {.is_verified = is_verified}, by);
    });
  }
  void set(std::string_view patch) {
    room_.make([&](store::Tx& tx, const Deed& by) {
      return change_settings(tx, parse_json(patch).value(), by);
    });
  }
  std::size_t identities_of(PrincipalId user) {
    return room_.look([&](store::Tx& tx) { return list_identities(tx, user); }).size();
  }
  Unlinked unlinked(PrincipalId user, SessionId session, LinkedIdentityId id) {
    return unlink_own_identity(room_.parts(), {.id = user, .session = session}, id, asker_).value();
  }

  AccountRoom room_;
  Asker asker_{.network = "192.0.2.1", .agent = "test", .trace = std::string(32, 'a')};
  ProviderRules rules_{.name = "example"};
};

TEST_F(FederationTest, AFirstSignInMakesAnAccountAndTheNextOnesFindIt) {
  const ProviderOutcome first = arrival(somebody("s1", "bea@example.org"));
  ASSERT_EQ(name_of(first), "in");
  EXPECT_EQ(first.signed_in.user.email, "bea@example.org");
  EXPECT_FALSE(first.signed_in.user.is_superuser);
  EXPECT_EQ(first.signed_in.session.method, SignInMethod::provider);
  // The address is said for a while; who it is stays.
  const ProviderOutcome next = arrival(somebody("s1", "other@example.org"));
  EXPECT_EQ(next.signed_in.user.id, first.signed_in.user.id);
  EXPECT_EQ(next.signed_in.user.email, "bea@example.org");
  EXPECT_EQ(said(somebody("s2", "bea@example.org")), "taken");
}

TEST_F(FederationTest, AnAccountIsVerifiedByAProviderWhoseAddressesCountAlone) {
  EXPECT_FALSE(arrival(somebody("s1", "ada@example.org")).signed_in.user.is_verified);
  rules_.links_by_email = true;
  EXPECT_TRUE(arrival(somebody("s2", "bea@example.org")).signed_in.user.is_verified);
  EXPECT_FALSE(arrival(somebody("s3", "cyd@example.org", false)).signed_in.user.is_verified);
}

TEST_F(FederationTest, IsRecentOnlyIfTheProviderSaysSo) {
  Vouched who = somebody("s1", "bea@example.org");
  const User user = arrival(who).signed_in.user;
  const auto id = room_.look([&](store::Tx& tx) { return list_identities(tx, user.id); })[0].id;
  const auto proved_at = [&](std::chrono::seconds from_now) {
    who.authenticated_at = to_seconds(room_.in(from_now));
    return arrival(who).signed_in.session;
  };
  const Session silent = arrival(who).signed_in.session;
  EXPECT_EQ(silent.authenticated_at, WallTime{}) << "nobody says when";
  EXPECT_EQ(unlinked(user.id, silent.id, id), Unlinked::not_recent);
  const Session old = proved_at(-std::chrono::minutes(10));
  EXPECT_EQ(to_seconds(old.authenticated_at), *who.authenticated_at);
  EXPECT_EQ(unlinked(user.id, old.id, id), Unlinked::not_recent);
  EXPECT_EQ(proved_at(std::chrono::hours(1)).authenticated_at, room_.now()) << "and never later";
  EXPECT_EQ(unlinked(user.id, proved_at(-std::chrono::minutes(9)).id, id), Unlinked::only_way);
}

TEST_F(FederationTest, TheSameSubjectOfAnotherIssuerIsSomebodyElse) {
  const ProviderOutcome first = arrival(somebody("s1", "bea@example.org"));
  Vouched other = somebody("s1", "eve@example.org");
  other.issuer = "https://elsewhere.example.org";
  EXPECT_NE(arrival(other).signed_in.user.id, first.signed_in.user.id);
}

TEST_F(FederationTest, AnAddressLeadsToAnAccountOnlyWhereAllThreeSayIt) {
  const User user = ada(true);
  EXPECT_EQ(said(somebody("s1", "ada@example.org")), "taken") << "the settings do not allow it";
  rules_.links_by_email = true;
  EXPECT_EQ(said(somebody("s1", "ada@example.org", false)), "taken") << "the provider is not sure";
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, user.id, {.is_verified = false}, by);
  });
  EXPECT_EQ(said(somebody("s1", "ada@example.org")), "taken") << "the account never proved it";
  EXPECT_EQ(identities_of(user.id), 0u);
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, user.id, {.is_verified = true}, by);
  });
  const ProviderOutcome in = arrival(somebody("s1", "ada@example.org"));
  EXPECT_EQ(in.signed_in.user.id, user.id);
  EXPECT_EQ(identities_of(user.id), 1u);
}

TEST_F(FederationTest, NothingIsLinkedBeforeTheSecondFactorWasShown) {
  const User user = ada(true);
  const std::string seed = room_.add_factor(user);
  rules_.links_by_email = true;
  const ProviderOutcome half = arrival(somebody("s1", "ada@example.org"));
  ASSERT_EQ(name_of(half), "needs_factor");
  EXPECT_EQ(identities_of(user.id), 0u) << "whoever has the address alone has nothing";
  const auto show = [&](const ProviderOutcome& first, const std::string& code) {
    return sign_in_by_factor(room_.parts(), first.signed_in.challenge, code, Keep::tokens, asker_)
        .value();
  };
  EXPECT_EQ(show(half, "000000").outcome, SignIn::refused);
  EXPECT_EQ(identities_of(user.id), 0u);
  EXPECT_EQ(show(half, room_.code_of(seed)).user.id, user.id);
  const auto linked = room_.look([&](store::Tx& tx) { return list_identities(tx, user.id); });
  ASSERT_EQ(linked.size(), 1u);
  EXPECT_EQ(linked[0].subject, "s1");
  EXPECT_EQ(linked[0].linked_at, room_.now());
  EXPECT_TRUE(std::ranges::any_of(room_.events(), [&](const std::string& one) {
    return one.starts_with("writ.user.linked user/" + user.id.text());
  }));
}

TEST_F(FederationTest, AnIdentityThatBecameSomebodyElsesMeanwhileSignsNobodyIn) {
  const User user = ada(true);
  const std::string seed = room_.add_factor(user);
  rules_.links_by_email = true;
  const ProviderOutcome half = arrival(somebody("s1", "ada@example.org"));
  const User other = room_.add_user(2, "bea@example.org");
  EXPECT_EQ(said(somebody("s1"), room_.add_session(2, other.id).id), "linked");
  const auto got = sign_in_by_factor(room_.parts(), half.signed_in.challenge, room_.code_of(seed),
                                     Keep::tokens, asker_);
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(got->outcome, SignIn::refused);
  EXPECT_EQ(identities_of(user.id), 0u);
  EXPECT_EQ(identities_of(other.id), 1u);
}

TEST_F(FederationTest, WhoIsToProveItAnewHasSomebodySaySoOrShowsACode) {
  Vouched who = somebody("s1", "bea@example.org");
  const User user = arrival(who).signed_in.user;
  const Trip anew{.asks_anew = true, .begun_at = room_.now()};
  const auto outcome = [&] {
    return name_of(arrive(room_.parts(), rules_, anew, who, asker_).value());
  };
  EXPECT_EQ(outcome(), "not_anew") << "nobody says when";
  EXPECT_TRUE(room_.last_event().starts_with("writ.signin.failed user/" + user.id.text()));
  who.authenticated_at = to_seconds(room_.in(-std::chrono::minutes(2)));
  EXPECT_EQ(outcome(), "not_anew") << "the provider did not ask";
  who.authenticated_at = to_seconds(room_.now());
  EXPECT_EQ(outcome(), "in");
  who.authenticated_at = {};
  room_.add_factor(user);
  EXPECT_EQ(outcome(), "needs_factor");
}

TEST_F(FederationTest, RefusalsAreToldWithoutFillingTheLog) {
  rules_.creates_accounts = false;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(said(somebody("s1", "bea@example.org")), "closed");
  const auto told = room_.events();
  EXPECT_EQ(told.size(), 30u) << "as many as a network may fail before it waits";
  EXPECT_EQ(told.back(),
            "writ.signin.failed user/unknown "
            R"({"network":"192.0.2.1","step":"provider_unknown"})");
}

TEST_F(FederationTest, WhoTookAnAddressBeforeItsOwnerCameLosesTheAccount) {
  const ProviderOutcome thief = arrival(somebody("thief", "bea@example.org", false));
  ASSERT_EQ(name_of(thief), "in");
  EXPECT_FALSE(thief.signed_in.user.is_verified);
  const SecretToken link = make_one_time_token(OneTimeUse::magic_link);
  ASSERT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return put_one_time_token(tx, OneTimeUse::magic_link, link, thief.signed_in.user, room_.now());
  }),
            "ok");
  const auto owner = sign_in_by_link(room_.parts(), link.text, Keep::tokens, asker_);
  ASSERT_TRUE(owner && owner->outcome == SignIn::done);
  EXPECT_EQ(identities_of(owner->user.id), 0u);
  EXPECT_EQ(said(somebody("thief", "bea@example.org", false)), "taken");
  EXPECT_EQ(room_.holds(owner->user.id), "1 0 none") << "the owner's session alone";
}

TEST_F(FederationTest, AnAddressThatIsVerifiedIsSharedWithNobodyWhoLinkedBefore) {
  const auto verify = [&](const User& user) {
    const SecretToken link = make_one_time_token(OneTimeUse::verify);
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
      return put_one_time_token(tx, OneTimeUse::verify, link, user, room_.now());
    }),
              "ok");
    const auto done = verify_address(room_.parts(), link.text, asker_);
    EXPECT_TRUE(done && done->user.is_verified);
  };
  const User squatted = arrival(somebody("thief", "bea@example.org", false)).signed_in.user;
  verify(squatted);
  EXPECT_EQ(said(somebody("thief", "bea@example.org", false)), "taken");
  EXPECT_EQ(room_.holds(squatted.id), "0 0 none") << "without a password nothing is left";
  const User user = ada(false);
  const Session session = room_.add_session(1, user.id);
  EXPECT_EQ(said(somebody("s1"), session.id), "linked");
  verify(user);
  EXPECT_EQ(identities_of(user.id), 0u);
  EXPECT_EQ(room_.holds(user.id), "1 0 none") << "with one it stays as it was";
}

TEST_F(FederationTest, AccountsAreMadeOnlyWhereTheyMayBe) {
  EXPECT_EQ(said(somebody("s1")), "no_email");
  rules_.creates_accounts = false;
  EXPECT_EQ(said(somebody("s1", "bea@example.org")), "closed");
  rules_.creates_accounts = true;
  set(R"({"registration":"closed"})");
  EXPECT_EQ(said(somebody("s1", "bea@example.org")), "closed");
  ada(true);
  EXPECT_EQ(said(somebody("s1", "bea@example.org", false)), "no_email");
  EXPECT_EQ(said(somebody("s1", "ada@example.org", false)), "no_email") << "closed is no oracle";
  set(R"({"registration":"strict"})");
  EXPECT_EQ(said(somebody("s1", "bea@example.org", false)), "no_email");
  EXPECT_EQ(said(somebody("s1", "ada@example.org", false)), "no_email")
      << "alike for every address";
  EXPECT_EQ(said(somebody("s1", "bea@example.org")), "in");
}

TEST_F(FederationTest, ASecondFactorIsAskedForAndWhoIsSwitchedOffStaysOut) {
  const User user = arrival(somebody("s1", "bea@example.org")).signed_in.user;
  const std::string seed = room_.add_factor(user);
  const ProviderOutcome half = arrival(somebody("s1"));
  ASSERT_EQ(name_of(half), "needs_factor");
  const auto whole = sign_in_by_factor(room_.parts(), half.signed_in.challenge, room_.code_of(seed),
                                       Keep::tokens, asker_);
  ASSERT_TRUE(whole && whole->outcome == SignIn::done);
  EXPECT_EQ(whole->session.method, SignInMethod::provider);
  EXPECT_TRUE(whole->session.has_second_factor);
  room_.make([&](store::Tx& tx, const Deed& by) {
    return change_user(tx, user.id, {.is_active = false}, by);
  });
  EXPECT_EQ(said(somebody("s1")), "refused");
}

TEST_F(FederationTest, WhereVerificationIsAskedForAnUnprovedAddressDoesNotSignIn) {
  set(R"({"is_verification_required":true})");
  EXPECT_EQ(said(somebody("s1", "bea@example.org", false)), "unverified");
  EXPECT_EQ(said(somebody("s2", "eve@example.org")), "unverified") << "its word does not count";
  rules_.links_by_email = true;
  EXPECT_EQ(said(somebody("s3", "cyd@example.org")), "in");
}

TEST_F(FederationTest, IsLinkedInASessionThatLivesAndToOneAccount) {
  const User user = ada(true);
  const Session session = room_.add_session(1, user.id);
  EXPECT_EQ(said(somebody("s1", "elsewhere@example.net", false), session.id), "linked");
  EXPECT_EQ(said(somebody("s1"), session.id), "linked") << "again is nothing new";
  EXPECT_EQ(identities_of(user.id), 1u);
  EXPECT_TRUE(room_.last_event().starts_with("writ.user.linked user/" + user.id.text()))
      << room_.last_event();
  EXPECT_EQ(room_.last_event().find("s1\""), std::string::npos) << "events do not say who";
  EXPECT_EQ(arrival(somebody("s1")).signed_in.user.id, user.id);
  const User other = room_.add_user(2, "bea@example.org");
  EXPECT_EQ(said(somebody("s1"), room_.add_session(2, other.id).id), "taken");
  room_.make([&](store::Tx& tx, const Deed& by) { return end_session(tx, session.id, "x", by); });
  EXPECT_EQ(said(somebody("s3"), session.id), "over");
}

TEST_F(FederationTest, IsUnlinkedSoonAfterASignInAndNeverTheOnlyWay) {
  const User user = ada(true);
  const Session session = room_.add_session(1, user.id);
  EXPECT_EQ(said(somebody("s1"), session.id), "linked");
  const auto id = room_.look([&](store::Tx& tx) { return list_identities(tx, user.id); })[0].id;
  EXPECT_EQ(unlinked(numbered<PrincipalId>(9), session.id, id), Unlinked::absent);
  room_.clock.pass(std::chrono::minutes(11));
  EXPECT_EQ(unlinked(user.id, session.id, id), Unlinked::not_recent);
  Vouched now = somebody("s1");
  now.authenticated_at = to_seconds(room_.now());
  const Session fresh = arrival(now).signed_in.session;
  EXPECT_EQ(unlinked(user.id, fresh.id, id), Unlinked::done);
  EXPECT_EQ(unlinked(user.id, fresh.id, id), Unlinked::absent);
  EXPECT_EQ(said(somebody("s1", "ada@example.org")), "taken");

  now = somebody("s2", "bea@example.org");
  now.authenticated_at = to_seconds(room_.now());
  const ProviderOutcome alone = arrival(now);
  const PrincipalId bea = alone.signed_in.user.id;
  const auto only = room_.look([&](store::Tx& tx) { return list_identities(tx, bea); })[0].id;
  EXPECT_EQ(unlinked(bea, alone.signed_in.session.id, only), Unlinked::only_way);
}

TEST_F(FederationTest, AResetOfThePasswordUndoesWhatSomebodyElseMayHaveLinkedOrAllowed) {
  const User user = ada(true);
  EXPECT_EQ(said(somebody("s1"), room_.add_session(1, user.id).id), "linked");
  ASSERT_EQ(room_.attempt([&](store::Tx& tx, const Deed& by) {
    return give_consent(tx, user.id,
                        {.application = numbered<ApplicationId>(7), .scopes = {"openid"}}, by);
  }),
            "ok");
  const SecretToken link = make_one_time_token(OneTimeUse::reset);
  ASSERT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
    return put_one_time_token(tx, OneTimeUse::reset, link, user, room_.now());
  }),
            "ok");
  const auto done = reset_password(room_.parts(), link.text, "copper lantern 42 sails", asker_);
  ASSERT_TRUE(done && done->outcome == Reset::done);
  EXPECT_EQ(identities_of(user.id), 0u);
  EXPECT_TRUE(room_.look([&](store::Tx& tx) { return list_consents(tx, user.id); }).empty());
}

class TripsTest : public FederationTest {
 protected:
  TripSecrets leave(std::optional<std::string_view> cookie = {}) {
    const TripSecrets secrets = make_trip_secrets(cookie);
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const Deed&) {
      return put_trip(tx, secrets.state,
                      {.provider = "example", .browser = secrets.browser.key, .next = "/home"},
                      room_.now());
    }),
              "ok");
    return secrets;
  }
  // "/home", or "none".
  std::string come_back(const TripSecrets& secrets, std::string_view provider = "example") {
    const auto trip = room_.make(
        [&](store::Tx& tx, const Deed&) { return take_trip(tx, secrets, provider, room_.now()); });
    return trip ? trip->next : "none";
  }
};

TEST_F(TripsTest, ComeBackOnce) {
  const TripSecrets secrets = leave();
  const auto same = trip_secrets_of(secrets.state.text, secrets.browser.text);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->nonce, secrets.nonce);
  EXPECT_EQ(same->verifier, secrets.verifier);
  EXPECT_NE(same->nonce, same->verifier);
  EXPECT_EQ(come_back(*same), "/home");
  EXPECT_EQ(come_back(*same), "none");
}

TEST_F(TripsTest, BelongToOneBrowserAndOneProviderAndEnd) {
  const TripSecrets one = leave();
  const TripSecrets other = leave();
  EXPECT_EQ(come_back(*trip_secrets_of(one.state.text, other.browser.text)), "none");
  EXPECT_EQ(come_back(one), "none") << "it was spent";
  EXPECT_EQ(come_back(other, "elsewhere"), "none");
  const TripSecrets late = leave();
  room_.clock.pass(kTripLifetime);
  EXPECT_EQ(come_back(late), "none");
  EXPECT_FALSE(trip_secrets_of("x", one.browser.text));
  EXPECT_FALSE(trip_secrets_of(one.state.text, ""));
}

TEST_F(TripsTest, OfOneBrowserShareItsCookieAndNothingElse) {
  const TripSecrets one = leave();
  const TripSecrets two = leave(one.browser.text);
  EXPECT_EQ(two.browser.text, one.browser.text);
  EXPECT_NE(two.verifier, one.verifier);
  EXPECT_NE(make_trip_secrets("chosen by somebody").browser.text, "chosen by somebody");
  EXPECT_EQ(come_back(one), "/home");
  EXPECT_EQ(come_back(two), "/home");
}

// --- id tokens

const crypto::JwsKey& provider_key() {
  static const crypto::JwsKey kKey = crypto::JwsKey::generate(crypto::JwsAlgorithm::es256);
  return kKey;
}

constexpr IdTokenRules kRules{.issuer = kIssuer, .client_id = "writ", .nonce = "n1"};
constexpr Seconds kNow{std::chrono::seconds(1'700'000'000)};

Object good_claims() {
  return {{"iss", kIssuer},
          {"sub", "s1"},
          {"aud", "writ"},
          {"exp", 1'700'000'300},
          {"iat", 1'700'000'000},
          {"nonce", "n1"},
          {"email", "Bea@Example.org"},
          {"email_verified", true}};
}

std::string checked(const std::string& token) {
  const crypto::JwkSet keys({provider_key().public_key()});
  const auto who = check_id_token(keys, token, kRules, kNow);
  return who ? who->subject + ' ' + who->email + (who->is_email_verified ? " verified" : "")
             : who.error().message;
}
std::string signed_token(const Object& claims, std::string_view type = "JWT") {
  return crypto::jws_sign(provider_key(), type, to_json(claims)).value();
}
std::string with(std::string_view member, Value value) {
  Object claims = good_claims();
  claims.set(std::string(member), std::move(value));
  return checked(signed_token(claims));
}
std::string without(std::string_view member) {
  Object claims = good_claims();
  claims.erase(member);
  return checked(signed_token(claims));
}
std::string reason(crypto::TokenFault fault) { return std::string(crypto::reason_of(fault)); }

TEST(IdToken, SaysWhoItIs) {
  EXPECT_EQ(checked(signed_token(good_claims())), "s1 bea@example.org verified");
  EXPECT_EQ(with("aud", Array{"writ"}), "s1 bea@example.org verified");
  EXPECT_EQ(without("email_verified"), "s1 bea@example.org");
  EXPECT_EQ(with("email_verified", "true"), "s1 bea@example.org") << "a word is no yes";
  EXPECT_EQ(with("email", "no address"), "s1 ");
}

TEST(IdToken, SaysWhenTheyProvedItWhereItSaysSo) {
  const crypto::JwkSet keys({provider_key().public_key()});
  Object claims = good_claims();
  const auto silent = check_id_token(keys, signed_token(claims), kRules, kNow);
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->authenticated_at, std::nullopt);
  claims.set("auth_time", 1'699'990'000);
  const auto said = check_id_token(keys, signed_token(claims), kRules, kNow);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->authenticated_at, Seconds(std::chrono::seconds(1'699'990'000)));
  EXPECT_EQ(with("auth_time", "now"), reason(crypto::TokenFault::claim_malformed));
}

TEST(IdToken, CountsForThisClientThisIssuerAndThisTripAlone) {
  using crypto::TokenFault;
  EXPECT_EQ(with("iss", "https://evil.example"), reason(TokenFault::issuer_wrong));
  EXPECT_EQ(with("aud", "other"), reason(TokenFault::audience_wrong));
  EXPECT_EQ(with("aud", Array{"writ", "other"}), reason(TokenFault::claim_missing));
  EXPECT_EQ(with("azp", "other"), reason(TokenFault::audience_wrong));
  EXPECT_EQ(with("nonce", "n2"), reason(TokenFault::claim_malformed));
  EXPECT_EQ(with("exp", 1'699'999'900), reason(TokenFault::expired));
  EXPECT_EQ(with("iat", 1'700'009'000), reason(TokenFault::not_yet_valid));
  EXPECT_EQ(with("sub", ""), reason(TokenFault::claim_malformed));
  EXPECT_EQ(with("sub", std::string(256, 'x')), reason(TokenFault::claim_malformed));
  for (const char* const member : {"iss", "sub", "aud", "exp", "iat", "nonce"}) {
    EXPECT_EQ(without(member), reason(TokenFault::claim_missing)) << member;
  }
}

TEST(IdToken, IsNotForged) {
  using crypto::TokenFault;
  const std::string token = signed_token(good_claims());
  const std::string body = token.substr(token.find('.'), token.rfind('.') - token.find('.'));
  const auto headed = [&](const std::string& header) {
    return crypto::to_base64url(header) + body + token.substr(token.rfind('.'));
  };
  const std::string kid = provider_key().public_key().key_id();
  EXPECT_EQ(checked(headed(R"({"alg":"none"})")), reason(TokenFault::algorithm_not_allowed));
  EXPECT_EQ(checked(headed(R"({"alg":"HS256","kid":")" + kid + "\"}")),
            reason(TokenFault::algorithm_not_allowed));
  EXPECT_EQ(checked(headed(R"({"alg":"RS256","kid":")" + kid + "\"}")),
            reason(TokenFault::algorithm_not_allowed));
  EXPECT_EQ(checked(headed(R"({"alg":"ES256"})")), reason(TokenFault::key_unknown));
  EXPECT_EQ(checked(headed(R"({"alg":"ES256","kid":"other"})")), reason(TokenFault::key_unknown));
  const auto other = crypto::JwsKey::generate(crypto::JwsAlgorithm::es256);
  const std::string foreign = crypto::jws_sign(other, "JWT", to_json(good_claims())).value();
  EXPECT_EQ(checked(foreign), reason(TokenFault::key_unknown));
  EXPECT_EQ(checked(signed_token(good_claims(), "at+jwt")), reason(TokenFault::type_wrong))
      << "an access token is none";
}

TEST(Vouched, OfPlainOauthIsSaidByOneMember) {
  const auto who = read_vouched(Object{{"id", 4711}, {"login", "bea"}}, kIssuer, "id");
  ASSERT_TRUE(who) << who.error().text();
  EXPECT_EQ(who->subject, "4711");
  EXPECT_FALSE(read_vouched(Object{{"id", true}}, kIssuer, "id"));
  EXPECT_FALSE(read_vouched(Object{{"login", "bea"}}, kIssuer, "id"));
}

}  // namespace
}  // namespace writ::identity
