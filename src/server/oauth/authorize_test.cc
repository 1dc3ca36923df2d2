// Pages and requests of the authorization code flow; the flow whole is in tests/clients/oauth.
#include <gtest/gtest.h>

#include "crypto/pkce.h"
#include "identity/oauth/authorizations.h"
#include "server/auth/cookies.h"
#include "server/oauth/authorization_request.h"
#include "server/oauth/testing/oauth_test_case.h"
namespace writ::server {
namespace {

using testing::ask_json;

const std::string kVerifier(50, 'v');
constexpr const char* kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

TEST(AuthorizationRequests, SayWhomTheyComeFromOrLeadNowhere) {
  const std::string id(36, '1');
  EXPECT_FALSE(read_authorization_request(""));
  EXPECT_FALSE(read_authorization_request("client_id=x&redirect_uri=https://a/"));
  const std::string good = "client_id=" + Uuid{}.text() +
                           "&redirect_uri=https://a/&response_type=code" +
                           "&code_challenge_method=S256&code_challenge=" + kChallenge;
  const auto read = read_authorization_request(good);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->fault, "") << read->why;
  EXPECT_FALSE(read_authorization_request(good + "&redirect_uri=https://b/"));
  EXPECT_FALSE(read_authorization_request(good + "&client_id=x"));
  EXPECT_EQ(read_authorization_request(good + "&state=1&state=2")->fault, "invalid_request");
  EXPECT_EQ(read_authorization_request(good + "&resource=a:b&resource=c:d")->fault,
            "invalid_target");
  EXPECT_EQ(read_authorization_request(good + "&prompt=none%20login")->fault, "invalid_request");
  EXPECT_EQ(read_authorization_request(good + "&max_age=-1")->fault, "invalid_request");
  EXPECT_EQ(read_authorization_request(good + "&request=x")->fault, "request_not_supported");
  EXPECT_EQ(read_authorization_request(good + "&max_age=9223372036854775807")->max_age,
            10LL * 366 * 24 * 3600);
  EXPECT_EQ(read_authorization_request(good + "&prompt=login%20consent")->prompt, Prompt::login);
  EXPECT_EQ(read_authorization_request(good + "&prompt=x%20consent")->prompt, Prompt::consent);
  EXPECT_EQ(after_sign_in("a=1&prompt=login&max_age=0&b=2"), "a=1&b=2");
  EXPECT_EQ(after_sign_in("a=1&prompt=login%20consent&b=2"), "a=1&prompt=consent&b=2");
  EXPECT_EQ(after_sign_in("prompt=login+consent"), "prompt=consent");
  EXPECT_EQ(source_of("https://app.example.org:444/x?y"), "https://app.example.org:444");
  EXPECT_EQ(source_of("https://a;script-src*/x"), "") << "no way out of the policy";
  EXPECT_EQ(source_of("http://[::1]:4711/x"), "http:") << "a policy has no word for it";
  EXPECT_EQ(source_of("com.example.app:/x"), "com.example.app:");
}

class AuthorizeTest : public OauthTest {
 protected:
  net::Response registering(const std::string& scope) {
    return as_root(
        Method::POST, "/oauth/clients",
        R"({"client_name":"App","redirect_uris":["https://app.example.org/back"],"scope":")" +
            scope + "\"}");
  }
  std::string registered() {
    const net::Response made = registering("openid runs:read");
    EXPECT_EQ(made.status, 201) << made.body;
    return member(made, "client_id");
  }
  // A code of the person's for these scopes, consented to, as a page would hand it out.
  std::string code_of(const Program& client, const std::string& user,
                      const std::vector<std::string>& scopes) {
    const auto id = identity::ApplicationId::parse(client.id).value();
    const auto person = identity::PrincipalId::parse(user).value();
    const identity::SecretToken code = identity::make_secret_token(identity::kCodePrefix);
    const identity::Session session = room_.add_session(1, person);
    EXPECT_EQ(room_.attempt([&](store::Tx& tx, const identity::Deed& by) -> Result<void> {
      WRIT_CHECK(identity::give_consent(tx, person, {.application = id, .scopes = scopes}, by));
      return identity::put_code(tx, code,
                                {.application = id,
                                 .session = session.id,
                                 .redirect_uri = "https://app.example.org/back",
                                 .challenge = crypto::pkce_challenge(kVerifier),
                                 .scopes = scopes,
                                 .target = kUrl},
                                room_.now());
    }),
              "ok");
    return code.text;
  }
  std::string request_of(const std::string& id) const {
    return "client_id=" + id + "&redirect_uri=https://app.example.org/back&response_type=code" +
           "&state=s1&code_challenge_method=S256&code_challenge=" + kChallenge;
  }
};

TEST_F(AuthorizeTest, OnlyAdministratorsRegisterAndOnlyWhatLeadsSomewhere) {
  add(kAda);
  EXPECT_EQ(send(Method::GET, "/oauth/clients", {}, token_of(kAda)).status, 403);
  for (const char* const wrong :
       {R"({"client_name":"App","redirect_uris":["http://app.example.org/"],"scope":"openid"})",
        R"({"client_name":"App","redirect_uris":["https://app.example.org/"],"scope":"superuser"})",
        R"({"client_name":"App","redirect_uris":["https://app.example.org/"],"scope":"nonsense"})",
        R"({"client_name":"App","redirect_uris":[],"scope":"openid"})"}) {
    EXPECT_EQ(as_root(Method::POST, "/oauth/clients", wrong).status, 400) << wrong;
  }
  const std::string id = registered();
  const std::string list = as_root(Method::GET, "/oauth/clients").body;
  EXPECT_NE(list.find(id), std::string::npos);
  EXPECT_EQ(list.find("client_secret"), std::string::npos) << "it was shown once";
  EXPECT_EQ(as_root(Method::DELETE, "/oauth/clients/" + id).status, 204);
  EXPECT_EQ(as_root(Method::DELETE, "/oauth/clients/" + id).status, 404);
}

TEST_F(AuthorizeTest, AClientIsChangedByWhoSawItsNewestVersion) {
  const std::string path = "/oauth/clients/" + registered();
  const auto change = [&](const std::string& body, const std::string& match) {
    return caller_->send(ask_json(Method::PATCH, path, body,
                                  {{"Authorization", "Bearer " + root_}, {"If-Match", match}}));
  };
  const net::Response shown = as_root(Method::GET, path);
  const std::string first(shown.field("ETag"));
  EXPECT_EQ(as_root(Method::PATCH, path, R"({"client_name":"New"})").status, 400)
      << "without a version nobody changes it";
  const net::Response changed =
      change(R"({"client_name":"New","redirect_uris":["https://new.example.org/back"]})",
             "\"x\", " + first);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(member(changed, "client_name"), "New");
  EXPECT_EQ(member(changed, "scope"), "openid runs:read") << "what is not named stays";
  EXPECT_NE(changed.body.find("https://new.example.org/back"), std::string::npos);
  EXPECT_NE(changed.field("ETag"), first);
  const net::Response late = change(R"({"client_name":"Late"})", first);
  EXPECT_EQ(late.status, 412) << late.body;
  EXPECT_EQ(late.field("ETag"), changed.field("ETag"));
  EXPECT_EQ(member(as_root(Method::GET, path), "client_name"), "New");
  for (const char* const wrong :
       {R"({"scope":"superuser"})", R"({"redirect_uris":["http://app.example.org/"]})", "{}",
        R"({"is_public":true})"}) {
    EXPECT_EQ(change(wrong, "*").status, 400) << wrong;
  }
  EXPECT_EQ(member(as_root(Method::GET, path), "scope"), "openid runs:read");
}

TEST_F(AuthorizeTest, TwoSecretsCountWhileOneTakesTheOthersPlace) {
  const net::Response made = registering("openid offline_access runs:read");
  const std::string id = member(made, "client_id");
  const auto tries = [&](const std::string& secret) {
    return error_of(post_form("/oauth/token", "grant_type=refresh_token&refresh_token=x",
                              basic({id, {}, secret})));
  };
  const std::string path = "/oauth/clients/" + id + "/secret";
  const net::Response next = as_root(Method::POST, path, R"({"keep_former_seconds":3600})");
  EXPECT_EQ(member(as_root(Method::GET, "/oauth/clients/" + id), "former_secret_until"),
            member(next, "former_secret_until"));
  EXPECT_EQ(tries(member(made, "client_secret")), "400 invalid_grant") << "it is the client";
  EXPECT_EQ(tries(member(next, "client_secret")), "400 invalid_grant");
  EXPECT_EQ(as_root(Method::DELETE, path).status, 204);
  EXPECT_EQ(tries(member(made, "client_secret")), "401 invalid_client");
  const net::Response last = as_root(Method::POST, path);
  EXPECT_EQ(member(last, "former_secret_until"), "(none)");
  EXPECT_EQ(tries(member(next, "client_secret")), "401 invalid_client");
  EXPECT_EQ(tries(member(last, "client_secret")), "400 invalid_grant");
}

TEST_F(AuthorizeTest, FewerScopesHoldForTokensThatWereHandedOut) {
  const net::Response made = registering("offline_access openid runs:read");
  const Program client{
      .id = member(made, "client_id"), .key_id = {}, .secret = member(made, "client_secret")};
  const std::string code = code_of(client, add(kAda), {"offline_access", "openid", "runs:read"});
  const net::Response got = post_form(
      "/oauth/token",
      "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example.org%2Fback&code=" +
          code + "&code_verifier=" + kVerifier,
      basic(client));
  const Program reader = account(R"("runs:read")");
  const auto scope = [&] {
    return member(introspected(reader, member(got, "access_token")), "scope");
  };
  EXPECT_EQ(scope(), "offline_access openid runs:read") << got.body;
  const auto narrow = [&](const std::string& scopes) {
    const net::Response done = caller_->send(
        ask_json(Method::PATCH, "/oauth/clients/" + client.id, R"({"scope":")" + scopes + "\"}",
                 {{"Authorization", "Bearer " + root_}, {"If-Match", "*"}}));
    EXPECT_EQ(done.status, 200) << done.body;
  };
  narrow("offline_access runs:read");
  EXPECT_EQ(scope(), "offline_access runs:read");
  EXPECT_EQ(send(Method::GET, "/oauth/userinfo", {}, member(got, "access_token")).status, 403);
  const auto refreshed = [&](const std::string& token) {
    return post_form("/oauth/token", "grant_type=refresh_token&refresh_token=" + token,
                     basic(client));
  };
  const net::Response second = refreshed(member(got, "refresh_token"));
  EXPECT_EQ(member(second, "scope"), "offline_access runs:read") << second.body;
  EXPECT_EQ(member(second, "id_token"), "(none)");
  narrow("runs:read");
  EXPECT_EQ(error_of(refreshed(member(second, "refresh_token"))), "400 invalid_grant");
  EXPECT_EQ(scope(), "runs:read") << "what is left of it stays good to its end";
}

TEST_F(AuthorizeTest, WhatIsRefusedIsToldWithoutWhatWasSent) {
  const net::Response made = registering("offline_access runs:read");
  const Program client{
      .id = member(made, "client_id"), .key_id = {}, .secret = member(made, "client_secret")};
  const auto told = [&] { return room_.last_event(); };
  EXPECT_EQ(error_of(post_form("/oauth/token", "grant_type=refresh_token&refresh_token=very-secret",
                               basic(client))),
            "400 invalid_grant");
  const std::string of = "writ.grant.refused client/" + client.id;
  EXPECT_TRUE(told().starts_with(of + R"( {"error":"invalid_grant")")) << told();
  EXPECT_NE(told().find(R"("grant":"refresh_token")"), std::string::npos) << told();
  post_form("/oauth/token", "grant_type=authorization_code&code=very-secret", basic(client));
  EXPECT_NE(told().find(R"("grant":"authorization_code")"), std::string::npos) << told();
  const Program robot = account(R"("runs:read")");
  EXPECT_EQ(error_of(own_token(robot, "&scope=iam%3Awrite")), "400 invalid_scope");
  EXPECT_TRUE(told().starts_with("writ.grant.refused client/" + robot.id)) << told();
  EXPECT_NE(told().find(R"("grant":"client_credentials")"), std::string::npos) << told();
  EXPECT_EQ(error_of(exchange(robot, "very-secret")), "400 invalid_request");
  EXPECT_EQ(told().find("very-secret"), std::string::npos) << told();
  EXPECT_EQ(
      send(Method::GET, "/oauth/authorize?" + request_of(client.id) + "&scope=iam:write").status,
      303);
  EXPECT_TRUE(told().starts_with("writ.authorization.refused client/" + client.id +
                                 R"( {"error":"invalid_scope")"))
      << told();
  EXPECT_EQ(send(Method::GET, "/oauth/authorize?" + request_of(client.id) + "x").status, 303);
  EXPECT_EQ(send(Method::GET, "/oauth/authorize?" + request_of(Uuid{}.text())).status, 400);
  EXPECT_TRUE(told().starts_with("writ.authorization.refused client/unknown")) << told();
}

TEST_F(AuthorizeTest, APersonsNoIsTold) {
  const std::string id = registered();
  const std::string user = add(kAda);
  const std::string request = request_of(id);
  const net::Response in = post_form("/auth/jwt/login",
                                     "username=ada%40example.org&transport=cookie&password=" +
                                         net::percent_encode(identity::AccountRoom::kPassword),
                                     {{"Origin", kUrl}});
  const std::string cookie(in.field("Set-Cookie").substr(0, in.field("Set-Cookie").find(';')));
  const std::string session = cookie.substr(cookie.find('=') + 1);
  const net::Response said = post_form(
      "/oauth/authorize",
      "request=" + net::percent_encode(request) + "&decision=deny&csrf=" + csrf_token_of(session),
      {{"Origin", kUrl}, {"Cookie", cookie}});
  EXPECT_TRUE(
      said.field("Location").starts_with("https://app.example.org/back?error=access_denied"))
      << said.status << said.body;
  EXPECT_TRUE(room_.last_event().starts_with("writ.authorization.refused client/" + id +
                                             R"( {"error":"access_denied")"))
      << room_.last_event();
  EXPECT_NE(room_.last_event().find(user), std::string::npos);
}

class CrossOriginTest : public AuthorizeTest {
 protected:
  CrossOriginTest() {
    const net::Response made = as_root(
        Method::POST, "/oauth/clients",
        R"({"client_name":"Page","redirect_uris":["https://spa.example.org/back","com.example:/x"],)"
        R"("scope":"openid","is_public":true})");
    EXPECT_EQ(made.status, 201) << made.body;
    registered();  // a confidential one, at https://app.example.org
  }
  std::string allowed(Method method, const std::string& path, const std::string& origin) {
    const net::Response got = caller_->send(
        {method, path, {}, {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}}});
    EXPECT_EQ(got.field("Access-Control-Allow-Credentials"), "");
    EXPECT_TRUE(got.field("Vary").starts_with("Origin"));
    return std::string(got.field("Access-Control-Allow-Origin"));
  }
};

TEST_F(CrossOriginTest, PagesOfPublicClientsReadWhatIsForClientsAndNobodyElseDoes) {
  const std::string spa = "https://spa.example.org";
  for (const char* const path :
       {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json", "/oauth/userinfo"}) {
    EXPECT_EQ(allowed(Method::GET, path, spa), spa) << path;
    EXPECT_EQ(allowed(Method::GET, path, "https://app.example.org"), "") << path;
    EXPECT_EQ(allowed(Method::GET, path, "https://evil.example"), "") << path;
    EXPECT_EQ(allowed(Method::GET, path, "null"), "") << path;
  }
  const net::Response refused =
      post_form("/oauth/token", "grant_type=refresh_token&client_id=x", {{"Origin", spa}});
  EXPECT_EQ(error_of(refused), "401 invalid_client");
  EXPECT_EQ(refused.field("Access-Control-Allow-Origin"), spa) << "a page has to know why";
  const net::Response own = send(Method::GET, "/.well-known/jwks.json");
  EXPECT_EQ(own.field("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(own.field("Vary"), "Origin") << "what is kept is kept for one origin";
  const net::Response me = caller_->send({Method::GET, "/users/me", {}, {{"Origin", spa}}});
  EXPECT_EQ(me.field("Access-Control-Allow-Origin"), "") << "the API is for no page of others";
}

TEST_F(CrossOriginTest, ABrowserAsksBeforeAndIsToldNothingElse) {
  const std::string spa = "https://spa.example.org";
  const auto before = [&](const std::string& path, const std::string& method,
                          const std::string& origin) {
    return caller_->send({Method::OPTIONS,
                          path,
                          {},
                          {{"Origin", origin}, {"Access-Control-Request-Method", method}}});
  };
  const net::Response yes = before("/oauth/token", "POST", spa);
  EXPECT_EQ(yes.status, 204);
  EXPECT_EQ(yes.field("Access-Control-Allow-Origin"), spa);
  EXPECT_EQ(yes.field("Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(yes.field("Access-Control-Allow-Headers"), "Authorization, Content-Type");
  EXPECT_EQ(yes.field("Access-Control-Allow-Credentials"), "");
  EXPECT_EQ(before("/oauth/userinfo", "GET", spa).field("Access-Control-Allow-Methods"), "GET");
  EXPECT_EQ(before("/oauth/token", "DELETE", spa).field("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(
      before("/oauth/token", "POST", "https://evil.example").field("Access-Control-Allow-Origin"),
      "");
}

TEST_F(AuthorizeTest, FormsOfOtherPagesSignNobodyIn) {
  const std::string form = "request=" + net::percent_encode(request_of(registered())) +
                           "&username=root%40example.org&password=" +
                           net::percent_encode(identity::AccountRoom::kPassword);
  const net::Response foreign =
      post_form("/oauth/sign-in", form, {{"Origin", "https://evil.example"}});
  EXPECT_EQ(foreign.status, 400);
  EXPECT_EQ(foreign.field("Set-Cookie"), "");
  const net::Response own = post_form("/oauth/sign-in", form, {{"Origin", kUrl}});
  EXPECT_EQ(own.status, 303) << own.body;
  EXPECT_TRUE(own.field("Location").starts_with("/oauth/authorize?client_id="));
  EXPECT_TRUE(own.field("Set-Cookie").starts_with(std::string(kSessionCookie) + "="));
  for (int i = 0; i < 6; ++i) {
    post_form("/oauth/sign-in", form + "x", {{"Origin", kUrl}});
  }
  const net::Response late = post_form("/oauth/sign-in", form + "x", {{"Origin", kUrl}});
  EXPECT_EQ(late.status, 429) << "guesses wait as at every sign-in";
  EXPECT_NE(late.field("Retry-After"), "");
}

TEST_F(AuthorizeTest, WhatIsReservedForSuperusersGoesToNobodyElse) {
  const net::Response made = registering("events:read offline_access runs:read");
  const Program client{
      .id = member(made, "client_id"), .key_id = {}, .secret = member(made, "client_secret")};
  const std::string ada = add(kAda);
  const std::string code = code_of(client, ada, {"events:read", "offline_access", "runs:read"});
  const net::Response first = post_form(
      "/oauth/token",
      "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example.org%2Fback&code=" +
          code + "&code_verifier=" + kVerifier,
      basic(client));
  EXPECT_EQ(member(first, "scope"), "offline_access runs:read") << first.body;
  EXPECT_EQ(claims_of(member(first, "access_token")).string_or("scope", ""),
            "offline_access runs:read");
  const auto refreshed = [&](const std::string& token) {
    return post_form("/oauth/token", "grant_type=refresh_token&refresh_token=" + token,
                     basic(client));
  };
  EXPECT_EQ(as_root(Method::PATCH, "/users/" + ada, R"({"is_superuser":true})").status, 200);
  const net::Response second = refreshed(member(first, "refresh_token"));
  EXPECT_EQ(member(second, "scope"), "events:read offline_access runs:read") << second.body;
  EXPECT_EQ(as_root(Method::PATCH, "/users/" + ada, R"({"is_superuser":false})").status, 200);
  EXPECT_EQ(member(refreshed(member(second, "refresh_token")), "scope"),
            "offline_access runs:read");
}

TEST_F(AuthorizeTest, WhoGuessesASecretIsRefusedAndTold) {
  const std::string id = registered();
  const net::Response said = post_form(
      "/oauth/token", "grant_type=authorization_code&code=x&client_id=" + id + "&client_secret=no");
  EXPECT_EQ(error_of(said), "401 invalid_client");
  EXPECT_TRUE(room_.last_event().starts_with("writ.client.refused client/" + id))
      << room_.last_event();
  EXPECT_EQ(
      error_of(post_form("/oauth/token", "grant_type=authorization_code&code=x&client_id=" + id)),
      "401 invalid_client")
      << "a confidential one has to show it";
}

}  // namespace
}  // namespace writ::server
