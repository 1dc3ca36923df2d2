// The family `oauth` over its contract: every answer is held to it.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/jose/jwk.h"
#include "server/oauth/testing/oauth_test_case.h"

namespace writ::server {
namespace {

TEST_F(OauthTest, MetadataSayWhatIsThere) {
  const net::Response said = send(Method::GET, "/.well-known/oauth-authorization-server");
  ASSERT_EQ(said.status, 200) << said.body;
  EXPECT_EQ(said.field("Cache-Control"), "public, max-age=300");
  const Value metadata = parse_json(said.body).value();
  EXPECT_EQ(metadata.string_or("issuer", ""), kUrl);
  EXPECT_EQ(to_json(*metadata.find("grant_types_supported")),
            std::string(R"(["authorization_code","refresh_token","client_credentials",")") +
                kExchange + "\"]");
  EXPECT_EQ(to_json(*metadata.find("response_types_supported")), R"(["code"])");
  EXPECT_EQ(to_json(*metadata.find("code_challenge_methods_supported")), R"(["S256"])");
  EXPECT_EQ(to_json(*metadata.find("protected_resources")),
            R"(["https://writ.example.org","https://api.example.org"])");
  for (const std::string_view endpoint :
       {"token_endpoint", "introspection_endpoint", "revocation_endpoint"}) {
    const std::string url(metadata.string_or(endpoint, ""));
    ASSERT_TRUE(url.starts_with(kUrl)) << url;
    EXPECT_EQ(error_of(post_form(url.substr(std::string_view(kUrl).size()),
                                 "grant_type=client_credentials&token=x")),
              "401 invalid_client")
        << endpoint;
  }
  EXPECT_EQ(send(Method::GET, "/.well-known/openid-configuration").body, said.body);
}

TEST_F(OauthTest, AResourceSaysWhoseTokensItTakes) {
  const net::Response asked = send(Method::GET, "/users/me");
  EXPECT_EQ(asked.field("WWW-Authenticate"),
            "Bearer resource_metadata=\"https://writ.example.org/.well-known/"
            "oauth-protected-resource\"");
  const net::Response said = send(Method::GET, "/.well-known/oauth-protected-resource");
  const Value metadata = parse_json(said.body).value();
  EXPECT_EQ(metadata.string_or("resource", ""), kUrl);
  EXPECT_EQ(to_json(*metadata.find("authorization_servers")), R"(["https://writ.example.org"])");
  EXPECT_EQ(
      to_json(*metadata.find("scopes_supported")),
      R"(["delegations:request","events:read","iam:read","iam:write","runs:read","runs:write"])");
}

TEST_F(OauthTest, PublishedKeysVerifyItsTokens) {
  const Program job = account(R"("runs:read")");
  const auto keys = crypto::JwkSet::parse(send(Method::GET, "/.well-known/jwks.json").body);
  ASSERT_TRUE(keys) << keys.error().text();
  const std::string token = member(own_token(job), "access_token");
  constexpr crypto::JwsAlgorithm kAlgorithms[] = {crypto::JwsAlgorithm::es256};
  const auto jws = crypto::jws_verify(*keys, token, kAlgorithms);
  ASSERT_TRUE(jws) << jws.error().text();
  EXPECT_EQ(jws->type, "at+jwt");
  // A key that is to sign is there before it does.
  ASSERT_TRUE(service_->keys().rotate());
  const auto rotated = crypto::JwkSet::parse(send(Method::GET, "/.well-known/jwks.json").body);
  EXPECT_EQ(rotated->keys().size(), 2u);
}

TEST_F(OauthTest, AClientGetsATokenForItselfByItsKey) {
  const Program job = account(R"("iam:read","runs:read")");
  const net::Response made = own_token(job, "&scope=iam%3Aread");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.field("Cache-Control"), "no-store");
  EXPECT_EQ(member(made, "token_type"), "Bearer");
  EXPECT_EQ(member(made, "scope"), "iam:read");
  EXPECT_EQ(parse_json(made.body)->integer_or("expires_in", 0), 300);
  const std::string token = member(made, "access_token");
  EXPECT_EQ(claims_of(token).string_or("sub", ""), job.id);
  EXPECT_EQ(claims_of(token).string_or("client_id", ""), job.id);
  const std::string list = said(Method::GET, "/iam/service-accounts", {}, token);
  EXPECT_TRUE(list.starts_with("200 ")) << list;
  EXPECT_NE(list.find(job.id), std::string::npos) << list;
  const net::Response refused =
      send(Method::POST, "/iam/service-accounts", R"({"name":"x"})", token);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.field("WWW-Authenticate"),
            "Bearer error=\"insufficient_scope\", scope=\"iam:write\", "
            "resource_metadata=\"https://writ.example.org/.well-known/oauth-protected-resource\"");
  room_.clock.pass(std::chrono::seconds(331));
  EXPECT_EQ(send(Method::GET, "/iam/service-accounts", {}, token).status, 401) << "it has expired";
}

TEST_F(OauthTest, AClientProvesItselfInOneWayAlone) {
  const Program job = account(R"("runs:read")");
  const std::string form = "grant_type=client_credentials&client_id=" + job.id;
  EXPECT_EQ(member(post_form("/oauth/token", form + "&client_secret=" + job.secret), "scope"),
            "runs:read");
  EXPECT_EQ(error_of(post_form("/oauth/token", form)), "401 invalid_client");
  EXPECT_EQ(error_of(post_form("/oauth/token", form + "&client_secret=" + job.secret, basic(job))),
            "400 invalid_request");
  EXPECT_EQ(error_of(post_form("/oauth/token", "grant_type=client_credentials&client_id=other",
                               basic(job))),
            "400 invalid_request");
  const net::Response wrong = own_token({job.id, {}, "writ_live_nothing"});
  EXPECT_EQ(error_of(wrong), "401 invalid_client");
  EXPECT_EQ(wrong.field("WWW-Authenticate"), R"(Basic realm="writ", charset="UTF-8")");
  EXPECT_EQ(error_of(post_form("/oauth/token", "grant_type=client_credentials",
                               {{"Authorization", "Bearer " + root_}})),
            "401 invalid_client");
}

// Else a rotation would retire a key that asks about tokens and for none.
TEST_F(OauthTest, AKeyThatOnlyAsksAboutTokensIsInUse) {
  const Program job = account(R"("runs:read")");
  const std::string keys = "/iam/service-accounts/" + job.id + "/keys";
  EXPECT_EQ(as_root(Method::GET, keys).body.find("last_used_at"), std::string::npos);
  EXPECT_EQ(introspected(job, "nothing").body, R"({"active":false})");
  // It is noted behind the answer; writes are made in the order in which they came.
  EXPECT_EQ(room_.attempt([](store::Tx&, const identity::Deed&) { return Result<void>(); }), "ok");
  const std::string listed = as_root(Method::GET, keys).body;
  EXPECT_NE(listed.find("\"last_used_at\""), std::string::npos) << listed;
}

TEST_F(OauthTest, WhoGuessesSecretsHasToWait) {
  const Program job = account(R"("runs:read")");
  const Program wrong{job.id, {}, "writ_live_nothing"};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(error_of(own_token(wrong)), "401 invalid_client");
  const net::Response waits = own_token(job);
  EXPECT_EQ(error_of(waits), "429 temporarily_unavailable");
  EXPECT_EQ(waits.field("Retry-After"), "1");
  room_.clock.pass(std::chrono::seconds(1));
  EXPECT_EQ(member(own_token(job), "scope"), "runs:read");
}

TEST_F(OauthTest, ErrorsHaveOAuthsShape) {
  const Program job = account(R"("runs:read")");
  const auto of = [&](const std::string& form) {
    return error_of(post_form("/oauth/token", form, basic(job)));
  };
  EXPECT_EQ(of("grant_type=password&username=a&password=b"), "400 unsupported_grant_type");
  EXPECT_EQ(of("scope=runs%3Aread"), "400 invalid_request");
  EXPECT_EQ(of("grant_type=client_credentials&grant_type=client_credentials"),
            "400 invalid_request");
  EXPECT_EQ(of("grant_type=client_credentials&scope=runs%3Awrite"), "400 invalid_scope");
  EXPECT_EQ(of("grant_type=client_credentials&scope=a++b"), "400 invalid_scope");
  EXPECT_EQ(of("grant_type=client_credentials&resource=https%3A%2F%2Fevil.example"),
            "400 invalid_target");
  const net::Response said = own_token(job, "&scope=runs%3Awrite");
  EXPECT_EQ(said.body,
            R"({"error":"invalid_scope","error_description":"what the token is to rest on does )"
            R"(not have the scope runs:write"})");
  EXPECT_EQ(member(own_token(job, "&something=else"), "scope"), "runs:read") << "is ignored";
}

TEST_F(OauthTest, ATokenForAnotherResourceIsOfNoUseHere) {
  const Program job = account(R"("iam:read")");
  const std::string token =
      member(own_token(job, "&resource=https%3A%2F%2Fapi.example.org"), "access_token");
  EXPECT_EQ(to_json(*claims_of(token).find("aud")), R"(["https://api.example.org"])");
  EXPECT_EQ(send(Method::GET, "/iam/service-accounts", {}, token).status, 401);
  EXPECT_EQ(error_of(exchange(job, token)), "400 invalid_request");
  EXPECT_TRUE(is_active(job, token)) << "the resource may ask whether it counts";
}

TEST_F(OauthTest, AnAgentActsForAPersonAndBothAreNamed) {
  const std::string ada_id = add(kAda);
  const std::string ada = token_of(kAda);
  const Program helper = agent(R"("runs:read","iam:read")", root_id_);
  const net::Response made = exchange(helper, ada, "&scope=runs%3Aread");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(member(made, "issued_token_type"), kTokenType);
  const std::string token = member(made, "access_token");
  EXPECT_EQ(whoami(token), kAda);
  const net::Response said = introspected(helper, token);
  const Value active = parse_json(said.body).value();
  EXPECT_TRUE(active.bool_or("active", false)) << said.body;
  EXPECT_EQ(active.string_or("sub", ""), ada_id);
  EXPECT_EQ(active.string_or("scope", ""), "runs:read");
  EXPECT_EQ(active.find("act")->string_or("sub", ""), helper.id);
  const std::string token_id(active.string_or("jti", ""));
  EXPECT_EQ(room_.last_event(), "writ.token.exchanged token/" + token_id + R"( {"actors":[")" +
                                    helper.id +
                                    R"("],"audience":"https://writ.example.org","principal":")" +
                                    ada_id + R"(","scope":"runs:read"})");
}

TEST_F(OauthTest, ADelegationIsNeverWiderThanEitherSide) {
  add(kAda);
  const std::string ada = token_of(kAda);
  const Program job = account(R"("events:read","runs:read")");
  // Ada is no superuser, and events are not hers to give.
  EXPECT_EQ(member(exchange(job, ada), "scope"), "runs:read");
  EXPECT_EQ(error_of(exchange(job, ada, "&scope=events%3Aread")), "400 invalid_scope");
  EXPECT_EQ(error_of(exchange(job, ada, "&scope=runs%3Awrite")), "400 invalid_scope");
  EXPECT_EQ(member(exchange(job, root_), "scope"), "events:read runs:read");
  // A superuser's agent is no superuser, and no agent makes credentials.
  const Program helper = agent(R"("iam:write","runs:read")", root_id_);
  const std::string acting = exchanged(helper, root_);
  EXPECT_EQ(send(Method::POST, "/iam/service-accounts", R"({"name":"x"})", acting).status, 403);
  EXPECT_EQ(send(Method::GET, "/users", {}, acting).status, 403);
  EXPECT_EQ(send(Method::POST, "/auth/api-keys/", R"({"purpose":"x"})", acting).status, 403);
}

TEST_F(OauthTest, AChainCannotBeShed) {
  add(kAda);
  const Program first = account(R"("runs:read","runs:write")");
  const Program second = agent(R"("runs:read")", root_id_);
  const std::string one = exchanged(first, token_of(kAda));
  const std::string two = exchanged(second, one);
  const Value claims = claims_of(two);
  EXPECT_EQ(claims.find("act")->string_or("sub", ""), second.id);
  EXPECT_EQ(claims.find("act")->find("act")->string_or("sub", ""), first.id);
  // Neither by asking again without an actor's token, nor as the one who stands in it already.
  for (const Program& by : {first, second}) {
    const Value again = claims_of(exchanged(by, two));
    std::string chain;
    for (const Value* act = again.find("act"); act != nullptr; act = act->find("act")) {
      chain += act->string_or("sub", "") == first.id ? "1" : "2";
    }
    EXPECT_EQ(chain, by.id == first.id ? "121" : "21");
  }
}

TEST_F(OauthTest, ActorTokensAreTheClientsOwn) {
  add(kAda);
  const std::string ada = token_of(kAda);
  const Program job = account(R"("runs:read","runs:write")");
  const Program other = account(R"("runs:read")");
  const auto with_actor = [&](const std::string& token) {
    return "&actor_token=" + token + "&actor_token_type=" + net::percent_encode(kTokenType);
  };
  const std::string own = member(own_token(job, "&scope=runs%3Aread"), "access_token");
  EXPECT_EQ(member(exchange(job, ada, with_actor(own)), "scope"), "runs:read");
  const std::string foreign = member(own_token(other), "access_token");
  EXPECT_EQ(error_of(exchange(job, ada, with_actor(foreign))), "400 invalid_request");
  EXPECT_EQ(error_of(exchange(job, ada, with_actor("no.token.atall"))), "400 invalid_request");
  EXPECT_EQ(error_of(exchange(job, ada, "&actor_token=" + own)), "400 invalid_request");
  EXPECT_EQ(error_of(exchange(job, job.secret)), "400 invalid_request") << "a key is no token";
}

// What a test ends, of a chain person → account → agent.
class ChainTest : public OauthTest {
 protected:
  ChainTest() {
    ada_id_ = add(kAda);
    sponsor_id_ = add("sponsor@example.org");
    ada_ = token_of(kAda);
    job_ = account(R"("runs:read")");
    helper_ = agent(R"("runs:read")", sponsor_id_);
    first_ = exchanged(job_, ada_);
    second_ = exchanged(helper_, first_);
    watcher_ = account(R"("runs:read")");
    EXPECT_EQ(whoami(second_), kAda);
  }
  // Which of the two count, at the resource and by introspection: "first second".
  std::string standing() {
    std::string out;
    for (const auto& [name, token] : {std::pair("first", first_), std::pair("second", second_)}) {
      const bool counts = whoami(token) == kAda;
      EXPECT_EQ(is_active(watcher_, token), counts) << name;
      if (counts) out += out.empty() ? name : std::string(" ") + name;
    }
    return out.empty() ? "none" : out;
  }
  std::string after(const net::Response& done) {
    EXPECT_LT(done.status, 300) << done.body;
    return standing();
  }

  std::string ada_id_;
  std::string sponsor_id_;
  std::string ada_;
  Program job_;
  Program helper_;
  Program watcher_;
  std::string first_;
  std::string second_;
};

TEST_F(ChainTest, EndsWithTheSession) {
  EXPECT_EQ(standing(), "first second");
  EXPECT_EQ(after(send(Method::POST, "/auth/jwt/logout", {}, ada_)), "none");
}

TEST_F(ChainTest, EndsWhereAnAgentIsSwitchedOffAndStaysSo) {
  EXPECT_EQ(after(as_root(Method::POST, "/iam/ai-agents/" + helper_.id + "/disable")), "first");
  EXPECT_EQ(after(as_root(Method::POST, "/iam/ai-agents/" + helper_.id + "/enable")), "first");
}

TEST_F(ChainTest, EndsWithAnAccountInItsMiddle) {
  EXPECT_EQ(after(as_root(Method::POST, "/iam/service-accounts/" + job_.id + "/disable")), "none");
}

TEST_F(ChainTest, EndsWithTheSponsorOfAnAgent) {
  EXPECT_EQ(after(as_root(Method::POST, "/users/" + sponsor_id_ + "/disable")), "first");
}

TEST_F(ChainTest, EndsWithTheProviderOfAnAgent) {
  EXPECT_EQ(after(as_root(Method::POST, "/iam/ai-providers/" + provider_ + "/disable")), "first");
}

TEST_F(ChainTest, EndsWithAKey) {
  EXPECT_EQ(
      after(as_root(Method::DELETE, "/iam/service-accounts/" + job_.id + "/keys/" + job_.key_id)),
      "none");
}

TEST_F(ChainTest, EndsWithTheKeyOfAnAgent) {
  EXPECT_EQ(
      after(as_root(Method::DELETE, "/iam/ai-agents/" + helper_.id + "/keys/" + helper_.key_id)),
      "first");
}

TEST_F(ChainTest, EndsWithATokenThatIsTakenBack) {
  EXPECT_EQ(after(post_form("/oauth/revoke", "token=" + first_, basic(job_))), "none");
  EXPECT_EQ(error_of(exchange(helper_, first_)), "400 invalid_request");
}

TEST_F(ChainTest, EndsWithItsSubject) {
  EXPECT_EQ(after(as_root(Method::DELETE, "/users/" + ada_id_)), "none");
}

TEST_F(ChainTest, ATokenIsTakenBackByTheClientThatHasIt) {
  EXPECT_EQ(error_of(post_form("/oauth/revoke", "token=" + first_, basic(helper_))),
            "400 invalid_grant");
  for (const std::string& token : {std::string("nothing"), second_, second_}) {
    const net::Response done = post_form("/oauth/revoke", "token=" + token, basic(helper_));
    EXPECT_EQ(std::to_string(done.status) + done.body, "200");
  }
  EXPECT_EQ(standing(), "first");
}

TEST_F(OauthTest, WhatIsNoTokenIsNotActive) {
  const Program job = account(R"("runs:read")");
  for (const std::string token : {"x", "a.b.c", job.secret.c_str()}) {
    EXPECT_EQ(introspected(job, token).body, R"({"active":false})") << token;
  }
  EXPECT_EQ(error_of(post_form("/oauth/introspect", "token=" + root_)), "401 invalid_client");
}

TEST_F(OauthTest, ADeletedUserLeavesNoRolesBehind) {
  const std::string id = add(kAda);
  const std::string ada = token_of(kAda);
  const identity::AccessChange changes[] = {
      {identity::AccessVerb::assign_role, id, "auditor", {}},
      {identity::AccessVerb::add_policy, "auditor", "invoice", "read"}};
  ASSERT_TRUE(access_->change(changes, {"principal:test"}));
  ASSERT_TRUE(access_->index()->allows(id, "invoice", "read"));
  EXPECT_EQ(whoami(ada), kAda);
  EXPECT_EQ(as_root(Method::DELETE, "/users/" + id).status, 204);
  EXPECT_FALSE(access_->index()->allows(id, "invoice", "read"));
  EXPECT_EQ(whoami(ada), "401");
  const auto events = room_.events();
  EXPECT_TRUE(std::ranges::any_of(events, [&](const std::string& one) {
    return one.starts_with("writ.access.") && one.find(id) != std::string::npos &&
           one.find("unassign") != std::string::npos;
  })) << ::testing::PrintToString(events);
}

}  // namespace
}  // namespace writ::server
