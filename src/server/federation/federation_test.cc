// Signing in with providers over the contract, against peers that answer as providers do.
#include <gtest/gtest.h>

#include <fstream>

#include "base/encoding.h"
#include "base/testing/temporary_directory.h"
#include "crypto/base64url.h"
#include "crypto/pkce.h"
#include "net/url.h"
#include "server/auth/cookies.h"
#include "server/auth/testing/auth_room.h"
#include "server/federation/provider_answers.h"
#include "server/federation/testing/provider_peer.h"

namespace writ::server {
namespace {

using net::Method;
using testing::Ask;
using testing::ProviderPeer;

// The provider `example`, and another one that the same people could use.
struct Peers {
  ProviderPeer peer;
  ProviderPeer other;
};

// A browser on its way: what it was sent with, and its cookie.
struct Away {
  std::string url = {};
  std::string cookie = {};  // "__Host-writ_login=…"
  std::string state = {};
  std::string nonce = {};
};

class FederationTest : public ::testing::Test, protected Peers, protected testing::AuthRoom {
 protected:
  explicit FederationTest(RateTable rates = {})
      : AuthRoom({"runs:read", "runs:write"}, {peer.provider("example"), other.provider("other")},
                 std::move(rates)) {}

  std::int64_t now() const { return room_.clock.wall().micros / 1'000'000; }
  static std::string query_member(const std::string& url, std::string_view name) {
    const auto pairs = net::parse_query(url.substr(url.find('?') + 1));
    for (const auto& [key, value] : *pairs) {
      if (key == name) return value;
    }
    return {};
  }
  static std::string cookie_of(const net::Response& response, const std::string& name) {
    for (const auto& [field, value] : response.fields) {
      if (field == "Set-Cookie" && value.starts_with(name + "=")) {
        return value.substr(0, value.find(';'));
      }
    }
    return {};
  }
  Away away_of(const net::Response& sent) const {
    EXPECT_EQ(sent.status, 200) << sent.body;
    Away out{.url = member(sent, "authorization_url"),
             .cookie = cookie_of(sent, "__Host-writ_login")};
    out.state = query_member(out.url, "state");
    out.nonce = query_member(out.url, "nonce");
    return out;
  }
  Away leave(const std::string& more = {}, const std::string& provider = "example") {
    return away_of(send(Method::GET, "/auth/oauth/" + provider + "/authorize" + more));
  }
  net::Response come_back(const Away& away, const std::string& more = {},
                          const std::string& provider = "example") {
    const std::string iss = more.find("iss=") == std::string::npos
                                ? "&iss=" + net::percent_encode(peer.issuer)
                                : std::string();
    return caller_->send(
        {Method::GET,
         "/auth/oauth/" + provider + "/callback?code=c1&state=" + away.state + iss + more,
         {},
         {{"Cookie", away.cookie}}});
  }
  // The whole way of somebody.
  net::Response sign_in(const std::string& subject, const std::string& email,
                        const std::string& more = {}) {
    const Away away = leave(more);
    peer.vouch(subject, email, away.nonce, now());
    return come_back(away);
  }
  static std::string code_of(const net::Response& response) {
    const auto body = parse_json(response.body);
    const Value* const code = body ? body->at_path({"detail", "code"}) : nullptr;
    return std::to_string(response.status) + ' ' +
           (code != nullptr ? code->as_string() : response.body);
  }
};

// Everybody here comes from one address.
class CrowdTest : public FederationTest {
 protected:
  CrowdTest() : FederationTest({{"login", {3, 0}}, {"return", {2, 0}}}) {}
};

TEST_F(CrowdTest, WhoLeavesAgainAndAgainKeepsNobodyFromComingBack) {
  const Away bea = leave();
  for (int i = 0; i < 2; ++i) leave();
  EXPECT_EQ(send(Method::GET, "/auth/oauth/example/authorize").status, 429);
  peer.vouch("s1", "bea@example.org", bea.nonce, now());
  const net::Response in = come_back(bea);
  EXPECT_EQ(in.status, 200) << in.body;
  EXPECT_NE(member(in, "access_token"), "(none)");
}

TEST_F(FederationTest, PagesLearnWhoVouchesAndNothingElse) {
  EXPECT_EQ(said(Method::GET, "/auth/providers"),
            R"(200 [{"name":"example","title":"Example"},{"name":"other","title":"Example"}])");
}

TEST_F(FederationTest, SendsThePersonAwayBoundToTheBrowser) {
  const net::Response sent = send(Method::GET, "/auth/oauth/example/authorize");
  const Away away = away_of(sent);
  EXPECT_TRUE(away.url.starts_with(peer.issuer + "/authorize?response_type=code&client_id=writ&"))
      << away.url;
  EXPECT_EQ(query_member(away.url, "redirect_uri"),
            std::string(kUrl) + "/auth/oauth/example/callback");
  EXPECT_EQ(query_member(away.url, "code_challenge_method"), "S256");
  EXPECT_EQ(query_member(away.url, "scope"), "openid email");
  EXPECT_NE(sent.field("Set-Cookie").find("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600"),
            std::string::npos)
      << sent.field("Set-Cookie");
  EXPECT_EQ(away.cookie.find(away.state), std::string::npos);
  const net::Response moved = send(Method::GET, "/auth/oauth/example/authorize?redirect=true");
  EXPECT_EQ(moved.status, 303);
  EXPECT_TRUE(moved.field("Location").starts_with(peer.issuer + "/authorize?"));
  EXPECT_EQ(said(Method::GET, "/auth/oauth/nobody/authorize"), R"(404 {"detail":"Not Found"})");
}

TEST_F(FederationTest, SignsInWhoTheProviderVouchesFor) {
  const Away away = leave();
  peer.vouch("s1", "bea@example.org", away.nonce, now());
  const net::Response in = come_back(away);
  ASSERT_EQ(in.status, 200) << in.body;
  const std::string token = member(in, "access_token");
  EXPECT_EQ(member(send(Method::GET, "/users/me", {}, token), "email"), "bea@example.org");
  EXPECT_NE(member(in, "refresh_token"), "(none)");
  // The provider was shown who asks, and the verifier of the challenge that it was sent.
  EXPECT_EQ(peer.last_basic, "Basic " + to_base64("writ:pass%20word%3A1"));
  const std::string verifier = query_member("?" + peer.last_form, "code_verifier");
  EXPECT_EQ(crypto::pkce_challenge(verifier), query_member(away.url, "code_challenge"));
  EXPECT_EQ(query_member("?" + peer.last_form, "code"), "c1");
  const std::string sessions = said(Method::GET, "/auth/sessions", {}, token);
  EXPECT_NE(sessions.find(R"("method":"provider")"), std::string::npos) << sessions;
  EXPECT_EQ(peer.count("/.well-known/openid-configuration"), 1u);
}

TEST_F(FederationTest, ABrowserGetsItsCookiesAndGoesWhereItWasHeaded) {
  const net::Response in = sign_in("s1", "bea@example.org", "?transport=cookie&next=/docs");
  EXPECT_EQ(in.status, 303) << in.body;
  EXPECT_EQ(in.field("Location"), "/docs");
  const std::string cookie = cookie_of(in, std::string(kSessionCookie));
  const net::Response me = caller_->send({Method::GET, "/users/me", {}, {{"Cookie", cookie}}});
  EXPECT_EQ(member(me, "email"), "bea@example.org");
  EXPECT_EQ(cookie_of(in, "__Host-writ_login"), "__Host-writ_login=") << "it has done its work";
  for (const char* const elsewhere :
       {"//evil.example", "https://evil.example", "/%5Cevil.example", "/%0d%0aX:1", "evil"}) {
    EXPECT_EQ(
        send(Method::GET, std::string("/auth/oauth/example/authorize?next=") + elsewhere).status,
        422)
        << elsewhere;
  }
}

TEST_F(FederationTest, ComesBackOnceToTheBrowserThatLeft) {
  const Away away = leave();
  peer.vouch("s1", "bea@example.org", away.nonce, now());
  Away stranger = away;
  stranger.cookie = leave().cookie;
  EXPECT_EQ(code_of(come_back(stranger)), "400 OAUTH_INVALID_STATE") << "another browser";
  EXPECT_EQ(code_of(come_back(away)), "400 OAUTH_INVALID_STATE") << "the state was spent";
  Away none = leave();
  none.cookie = "a=b";
  EXPECT_EQ(code_of(come_back(none)), "400 OAUTH_INVALID_STATE");
  Away wrong = leave();
  wrong.state.back() = wrong.state.back() == 'A' ? 'E' : 'A';
  EXPECT_EQ(code_of(come_back(wrong)), "400 OAUTH_INVALID_STATE");
  const Away good = leave();
  peer.vouch("s1", "bea@example.org", good.nonce, now());
  EXPECT_EQ(come_back(good).status, 200);
  EXPECT_EQ(code_of(come_back(good)), "400 OAUTH_INVALID_STATE") << "a second time";
  EXPECT_EQ(peer.count("/token"), 1u) << "no code went anywhere but once";
}

TEST_F(FederationTest, AnAnswerOfAnotherProviderGoesNowhere) {
  const Away away = leave();
  peer.vouch("s1", "bea@example.org", away.nonce, now());
  EXPECT_EQ(code_of(come_back(away, "&iss=" + net::percent_encode(other.issuer))),
            "400 OAUTH_BAD_ANSWER");
  const Away silent = leave();
  EXPECT_EQ(code_of(caller_->send({Method::GET,
                                   "/auth/oauth/example/callback?code=c1&state=" + silent.state,
                                   {},
                                   {{"Cookie", silent.cookie}}})),
            "400 OAUTH_BAD_ANSWER")
      << "it always says who it is";
  const Away mixed = leave();
  EXPECT_EQ(code_of(come_back(mixed, "&iss=" + net::percent_encode(other.issuer), "other")),
            "400 OAUTH_INVALID_STATE");
  EXPECT_EQ(peer.count("/token") + other.count("/token"), 0u);
}

TEST_F(FederationTest, WhatIsForgedOrMeantForOthersSignsNobodyIn) {
  const auto forged = [&](const auto& change) {
    const Away away = leave();
    peer.vouch("s1", "bea@example.org", away.nonce, now());
    change();
    const std::string out = code_of(come_back(away));
    peer.token.clear();
    return out;
  };
  const auto claim = [&](std::string_view name, Value value) {
    return forged([&] { peer.claims.set(std::string(name), value); });
  };
  EXPECT_EQ(claim("nonce", "another"), "400 OAUTH_BAD_ANSWER");
  EXPECT_EQ(claim("aud", "another"), "400 OAUTH_BAD_ANSWER");
  EXPECT_EQ(claim("iss", other.issuer), "400 OAUTH_BAD_ANSWER");
  EXPECT_EQ(claim("exp", now() - 100), "400 OAUTH_BAD_ANSWER");
  EXPECT_EQ(forged([&] {
              peer.token = crypto::to_base64url(R"({"alg":"none"})") + "." +
                           crypto::to_base64url(to_json(peer.claims)) + ".";
            }),
            "400 OAUTH_BAD_ANSWER");
  EXPECT_EQ(forged([&] {
              const auto key = crypto::JwsKey::generate(crypto::JwsAlgorithm::es256);
              peer.token = crypto::jws_sign(key, "JWT", to_json(peer.claims)).value();
            }),
            "400 OAUTH_BAD_ANSWER");
  room_.clock.pass(std::chrono::hours(1));  // who sends bad tokens has to wait
  EXPECT_EQ(sign_in("s1", "bea@example.org").status, 200);
}

TEST_F(FederationTest, WhoSendsManyBadAnswersHasToWait) {
  Away wrong = leave();
  for (int i = 0; i < 31; ++i) come_back(Away{.cookie = wrong.cookie, .state = "x"});
  EXPECT_EQ(come_back(Away{.cookie = wrong.cookie, .state = "x"}).status, 429);
  EXPECT_EQ(sign_in("s1", "bea@example.org").status, 200) << "a good one never waits";
}

TEST_F(FederationTest, KeysThatRotateAreFetchedButNotForEverybody) {
  EXPECT_EQ(sign_in("s1", "bea@example.org").status, 200);
  EXPECT_EQ(peer.count("/jwks"), 1u);
  peer.rotate();
  EXPECT_EQ(code_of(sign_in("s1", "bea@example.org")), "400 OAUTH_BAD_ANSWER")
      << "the keys are a moment old";
  EXPECT_EQ(peer.count("/jwks"), 1u);
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(sign_in("s1", "bea@example.org").status, 200);
  EXPECT_EQ(sign_in("s1", "bea@example.org").status, 200);
  EXPECT_EQ(peer.count("/jwks"), 2u);
}

TEST_F(FederationTest, AProviderThatIsDownStopsNobodyElse) {
  other.more_metadata.set("token_endpoint", "http://127.0.0.1:1/token");
  EXPECT_EQ(code_of(send(Method::GET, "/auth/oauth/other/authorize")),
            "502 OAUTH_PROVIDER_MISCONFIGURED")
      << "an origin that nobody named";
  other.more_metadata = Object{{"issuer", peer.issuer}};
  EXPECT_EQ(code_of(send(Method::GET, "/auth/oauth/other/authorize")),
            "502 OAUTH_PROVIDER_MISCONFIGURED");
  const Away away = leave();
  peer.status = 503;
  EXPECT_EQ(code_of(come_back(away)), "503 OAUTH_PROVIDER_UNAVAILABLE");
  peer.status = 302;
  EXPECT_EQ(code_of(come_back(leave())), "400 OAUTH_REFUSED") << "nobody is followed elsewhere";
  peer.status = 400;
  EXPECT_EQ(code_of(come_back(leave())), "400 OAUTH_REFUSED");
  peer.status = 200;
  EXPECT_EQ(sign_in("s1", "bea@example.org").status, 200);
  add("ada@example.org");
  EXPECT_EQ(log_in("ada@example.org", identity::AccountRoom::kPassword).status, 200);
}

TEST_F(FederationTest, WhoIsToProveItAnewIsAskedByTheProviderOrTurnedAwayWithAWay) {
  const Away usual = leave();
  EXPECT_EQ(query_member(usual.url, "prompt"), "");
  EXPECT_EQ(query_member(usual.url, "max_age"), "2592000");
  const auto anew = [&](std::optional<std::int64_t> auth_time) {
    const Away away = leave("?again=true");
    EXPECT_EQ(query_member(away.url, "prompt"), "login");
    EXPECT_EQ(query_member(away.url, "max_age"), "0");
    peer.vouch("s1", "bea@example.org", away.nonce, now());
    if (auth_time) peer.claims.set("auth_time", *auth_time);
    return come_back(away);
  };
  EXPECT_EQ(sign_in("s1", "bea@example.org").status, 200);
  const net::Response silent = anew({});
  EXPECT_EQ(code_of(silent), "403 OAUTH_NOT_SIGNED_IN_ANEW");
  EXPECT_NE(silent.body.find("/auth/forgot-password"), std::string::npos) << silent.body;
  EXPECT_EQ(code_of(anew(now() - 600)), "403 OAUTH_NOT_SIGNED_IN_ANEW");
  const net::Response in = anew(now());
  ASSERT_EQ(in.status, 200) << in.body;
  const std::string token = member(in, "access_token");
  EXPECT_EQ(send(Method::POST, "/auth/oauth/other/link", {}, token).status, 200)
      << "it counts as a recent one";
}

TEST_F(FederationTest, RefusalsOfTheProviderAreSaid) {
  const Away away = leave();
  const net::Response said =
      caller_->send({Method::GET,
                     "/auth/oauth/example/callback?error=access_denied&state=" + away.state,
                     {},
                     {{"Cookie", away.cookie}}});
  EXPECT_EQ(code_of(said), "400 OAUTH_REFUSED");
}

TEST_F(FederationTest, ASignedInPersonLinksListsAndUnlinks) {
  add("ada@example.org");
  const std::string token = token_of("ada@example.org");
  EXPECT_EQ(code_of(sign_in("s1", "ada@example.org")), "400 OAUTH_USER_ALREADY_EXISTS");
  const Away away = away_of(send(Method::POST, "/auth/oauth/example/link", {}, token));
  peer.vouch("s1", "elsewhere@example.net", away.nonce, now());
  EXPECT_EQ(come_back(away).status, 204);
  const Value listed = parse_json(send(Method::GET, "/auth/identities", {}, token).body).value();
  ASSERT_EQ(listed.as_array().size(), 1u);
  const Value& one = listed.as_array().front();
  EXPECT_EQ(one.string_or("issuer", ""), peer.issuer);
  EXPECT_EQ(one.string_or("subject", ""), "s1");
  EXPECT_EQ(one.string_or("provider", ""), "example");
  const net::Response in = sign_in("s1", "elsewhere@example.net");
  EXPECT_EQ(member(send(Method::GET, "/users/me", {}, member(in, "access_token")), "email"),
            "ada@example.org");
  room_.clock.pass(std::chrono::minutes(11));
  const std::string fresh = token_of("ada@example.org");
  const std::string path = "/auth/identities/" + std::string(one.string_or("id", ""));
  EXPECT_EQ(said(Method::DELETE, path, {}, fresh), "204");
  EXPECT_EQ(said(Method::DELETE, path, {}, fresh), R"(404 {"detail":"Not Found"})");
  EXPECT_EQ(said(Method::GET, "/auth/identities", {}, fresh), "200 []");
  EXPECT_EQ(code_of(sign_in("s1", "ada@example.org")), "400 OAUTH_USER_ALREADY_EXISTS");
}

TEST_F(FederationTest, LinkingTakesARecentSignInOfThePersonItself) {
  add("ada@example.org");
  const std::string token = token_of("ada@example.org");
  const net::Response key = send(Method::POST, "/auth/api-keys/", R"({"purpose":"x"})", token);
  EXPECT_EQ(code_of(send(Method::POST, "/auth/oauth/example/link", {}, member(key, "key"))),
            "403 OAUTH_SIGN_IN_AGAIN");
  room_.clock.pass(std::chrono::seconds(601));
  const net::Response refreshed = log_in("ada@example.org", identity::AccountRoom::kPassword);
  room_.clock.pass(std::chrono::seconds(595));
  const std::string old = member(refreshed, "access_token");
  const Away away = away_of(send(Method::POST, "/auth/oauth/example/link", {}, old));
  room_.clock.pass(std::chrono::seconds(6));
  EXPECT_EQ(code_of(send(Method::POST, "/auth/oauth/example/link", {}, old)),
            "403 OAUTH_SIGN_IN_AGAIN");
  // The session that asked ends before the browser is back.
  const std::string again = token_of("ada@example.org");
  EXPECT_EQ(said(Method::DELETE, "/auth/sessions", {}, again), "204");
  peer.vouch("s1", "elsewhere@example.net", away.nonce, now());
  EXPECT_EQ(code_of(come_back(away)), "400 OAUTH_SIGN_IN_AGAIN");
  EXPECT_EQ(said(Method::GET, "/auth/identities", {}, again), "200 []");
}

TEST_F(FederationTest, WithTheAccountTheIdentityGoes) {
  const net::Response in = sign_in("s1", "bea@example.org");
  const std::string id =
      member(send(Method::GET, "/users/me", {}, member(in, "access_token")), "id");
  const std::string root = administrator();
  EXPECT_EQ(said(Method::DELETE, "/users/" + id, {}, root), "204");
  const net::Response next = sign_in("s1", "bea@example.org");
  ASSERT_EQ(next.status, 200) << next.body;
  EXPECT_NE(member(send(Method::GET, "/users/me", {}, member(next, "access_token")), "id"), id)
      << "a new account, not the old one";
}

// --- settings

class ProviderSettingsTest : public ::testing::Test {
 protected:
  Result<std::vector<SignInProvider>> read(const std::string& yaml) {
    const std::string path = (directory_.path() / "settings.yaml").string();
    std::ofstream(path) << "identity:\n  providers:\n" << yaml;
    WRIT_TRY(const Document file, load_document(path));
    WRIT_TRY(const auto settings, contract::Settings::lay("settings", {.file = &file}));
    return read_sign_in_providers(settings, directory_.path());
  }
  std::string refusal(const std::string& yaml) {
    const auto got = read(yaml);
    return got ? "taken" : got.error().text();
  }
  void keep_secret(std::filesystem::perms mode) {
    std::ofstream(directory_.path() / "secret") << "s3cret\n";
    std::filesystem::permissions(directory_.path() / "secret", mode);
  }
  const TemporaryDirectory directory_;
};

constexpr const char* kOne =
    "  - {name: one, issuer: 'https://id.example.org', client_id: writ, secret_file: secret}\n";

TEST_F(ProviderSettingsTest, SayWhoVouches) {
  keep_secret(std::filesystem::perms::owner_read);
  const auto got = read(kOne);
  ASSERT_TRUE(got) << got.error().text();
  ASSERT_EQ(got->size(), 1u);
  const SignInProvider& one = got->front();
  EXPECT_EQ(one.title, "one");
  EXPECT_EQ(one.secret->view(), "s3cret");
  EXPECT_TRUE(one.is_openid());
  EXPECT_TRUE(one.has_origin_of("https://id.example.org/token"));
  for (const char* const url : {"https://id.example.org.evil.example/", "http://id.example.org/",
                                "https://id.example.org:444/", "unix:/run/x:/", "file:///etc"}) {
    EXPECT_FALSE(one.has_origin_of(url)) << url;
  }
}

TEST_F(ProviderSettingsTest, RefuseWhatWouldLeadElsewhereOrLeak) {
  keep_secret(std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  EXPECT_NE(refusal(kOne).find("can be read by everybody"), std::string::npos) << refusal(kOne);
  keep_secret(std::filesystem::perms::owner_read);
  EXPECT_NE(refusal(std::string(kOne) + kOne).find("has a name that another has"),
            std::string::npos);
  for (const char* const wrong :
       {"  - {name: one, issuer: 'http://id.example.org', client_id: writ}\n",
        "  - {name: One, issuer: 'https://id.example.org', client_id: writ}\n",
        "  - {name: one, issuer: 'https://u:p@id.example.org', client_id: writ}\n",
        "  - {name: one, issuer: 'https://id.example.org', client_id: writ, scopes: [email]}\n",
        "  - {name: one, issuer: 'https://id.example.org', client_id: writ, token_endpoint: "
        "'https://id.example.org/t'}\n",
        "  - {name: one, issuer: 'https://id.example.org', client_id: writ, token_endpoint: "
        "'https://elsewhere.example.org/t', authorization_endpoint: 'https://id.example.org/a', "
        "userinfo_endpoint: 'https://id.example.org/u'}\n"}) {
    EXPECT_NE(refusal(wrong), "taken") << wrong;
  }
}

TEST(ProviderAnswers, TokensGoIntoNoHeaderUnlessTheyAreOne) {
  const auto good = read_tokens(R"({"access_token":"a.b-c","token_type":"bearer"})");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->access_token, "a.b-c");
  for (const char* const bad :
       {"[]", "{}", R"({"access_token":"a","token_type":"mac"})",
        R"({"access_token":"a\r\nX: 1","token_type":"Bearer"})", R"({"token_type":"Bearer"})"}) {
    EXPECT_FALSE(read_tokens(bad)) << bad;
  }
}

}  // namespace
}  // namespace writ::server
