// Pages and requests of the authorization code flow; the flow whole is in tests/clients/oauth.
#include <gtest/gtest.h>

#include "crypto/pkce.h"
#include "identity/oauth/authorizations.h"
#include "server/auth/cookies.h"
#include "server/oauth/authorization_request.h"
#include "server/oauth/testing/oauth_test_case.h"

namespace writ::server {
namespace {

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
