// Delegated approval over its contract: a program asks, a person answers, a token follows once.
#include <gtest/gtest.h>

#include "crypto/base32.h"
#include "crypto/totp.h"
#include "identity/oauth/delegations.h"
#include "server/auth/cookies.h"
#include "server/oauth/testing/oauth_test_case.h"

namespace writ::server {
namespace {

class DelegationTest : public OauthTest {
 protected:
  DelegationTest() {
    ada_id_ = add(kAda);
    ada_ = token_of(kAda);
    helper_ = agent(R"("delegations:request","runs:read")", root_id_);
  }

  // Ada's device from now on.
  void enrol() {
    const net::Response begun =
        send(Method::POST, "/mfa/totp",
             R"({"current_password":")" + identity::AccountRoom::kPassword + "\"}", ada_);
    EXPECT_EQ(begun.status, 201) << begun.body;
    const auto seed = crypto::parse_base32(member(begun, "secret"));
    EXPECT_TRUE(seed) << begun.body;
    if (seed) seed_ = seed->view();
    const net::Response confirmed =
        send(Method::POST, "/mfa/totp/confirm", R"({"code":")" + code() + "\"}", ada_);
    EXPECT_EQ(confirmed.status, 200) << confirmed.body;
  }
  // The next one: each is good once.
  std::string code() {
    room_.clock.pass(std::chrono::seconds(30));
    const crypto::TotpRules rules;
    return crypto::totp_code(seed_, crypto::totp_step(room_.clock.wall(), rules), rules);
  }
  net::Response ask(const std::string& more = {}) {
    return send(Method::POST, "/mfa/delegated/requests",
                R"({"subject":")" + ada_id_ +
                    R"(","scopes":["runs:read"],"message":"Look at the failed run")" + more + "}",
                helper_.secret);
  }
  net::Response answer(const std::string& id, const std::string& number, const std::string& code) {
    return send(
        Method::POST, "/mfa/delegated/approve",
        R"({"request_id":")" + id + R"(","number":")" + number + R"(","code":")" + code + "\"}",
        ada_);
  }
  net::Response redeem(const Program& program, const std::string& id,
                       const std::string& more = {}) {
    return post_form("/oauth/token",
                     "grant_type=" + net::percent_encode(kExchange) + "&subject_token=" + id +
                         "&subject_token_type=urn:writ:params:oauth:token-type:delegation" + more,
                     basic(program));
  }
  std::string status(const std::string& id) {
    return member(send(Method::GET, "/mfa/delegated/requests/" + id, {}, helper_.secret), "status");
  }
  std::string said_by(const net::Response& response) const {
    return std::to_string(response.status) + ' ' + response.body;
  }

  std::string ada_id_;
  std::string ada_;
  Program helper_;
  std::string seed_;
};

TEST_F(DelegationTest, WhatAPersonApprovesBecomesOneToken) {
  enrol();
  const net::Response asked = ask();
  ASSERT_EQ(asked.status, 201) << asked.body;
  const std::string id = member(asked, "id");
  EXPECT_EQ(error_of(redeem(helper_, id)), "400 authorization_pending");
  const net::Response listed = send(Method::GET, "/mfa/delegated/requests", {}, ada_);
  const Value item = parse_json(listed.body)->find("items")->as_array().at(0);
  EXPECT_EQ(item.string_or("message", ""), "Look at the failed run");
  EXPECT_EQ(item.find("client")->string_or("name", ""), "Helper");
  EXPECT_EQ(item.find("number"), nullptr);
  EXPECT_EQ(said_by(answer(id, member(asked, "number"), code())), R"(200 {"status":"approved"})");
  EXPECT_EQ(status(id), "approved");
  const net::Response made = redeem(helper_, id);
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(member(made, "scope"), "runs:read");
  const std::string token = member(made, "access_token");
  const Value claims = claims_of(token);
  EXPECT_EQ(claims.string_or("sub", ""), ada_id_);
  EXPECT_EQ(claims.find("act")->string_or("sub", ""), helper_.id);
  EXPECT_EQ(to_json(*claims.find("amr")), R"(["mfa","otp"])");
  EXPECT_EQ(whoami(token), kAda);
  EXPECT_EQ(error_of(redeem(helper_, id)), "400 invalid_grant") << "once";
  EXPECT_EQ(status(id), "taken");
  EXPECT_EQ(said_by(answer(id, member(asked, "number"), code())),
            R"(400 {"detail":"MFA_BAD_REQUEST"})");
  // It hangs on the session in which it was approved.
  EXPECT_EQ(send(Method::POST, "/auth/jwt/logout", {}, ada_).status, 204);
  EXPECT_EQ(whoami(token), "401");
}

TEST_F(DelegationTest, ThePageThatLettersLeadToApprovesNothingByItself) {
  enrol();
  room_.make([&](store::Tx& tx, const identity::Deed& by) {
    return identity::change_user(tx, identity::PrincipalId::parse(ada_id_).value(),
                                 {.is_verified = true}, by);
  });
  const net::Response asked = ask();
  const std::string id = member(asked, "id");
  ASSERT_TRUE(service_->deliver());
  const std::string& letter = box_.letters.back().text;
  EXPECT_NE(letter.find(std::string(kUrl) + "/mfa/delegated\n"), std::string::npos) << letter;
  EXPECT_EQ(letter.find(id), std::string::npos);
  EXPECT_EQ(letter.find("Look at the failed run"), std::string::npos) << letter;
  const net::Response stranger = send(Method::GET, "/mfa/delegated");
  EXPECT_NE(stranger.body.find("name=\"username\""), std::string::npos) << stranger.body;
  EXPECT_EQ(stranger.body.find("Helper"), std::string::npos);
  const net::Response in = post_form("/mfa/delegated",
                                     "username=ada%40example.org&otp=" + code() + "&password=" +
                                         net::percent_encode(identity::AccountRoom::kPassword),
                                     {{"Origin", kUrl}});
  ASSERT_EQ(in.status, 303) << in.body;
  EXPECT_EQ(in.field("Location"), "/mfa/delegated");
  const std::string cookie(in.field("Set-Cookie").substr(0, in.field("Set-Cookie").find(';')));
  const std::string csrf = csrf_token_of(cookie.substr(cookie.find('=') + 1));
  const net::Response page =
      caller_->send({Method::GET, "/mfa/delegated", {}, {{"Cookie", cookie}}});
  EXPECT_NE(page.body.find("Helper asks to act for you, once"), std::string::npos) << page.body;
  EXPECT_NE(page.body.find("Look at the failed run"), std::string::npos);
  EXPECT_EQ(page.body.find(">" + member(asked, "number") + "<"), std::string::npos);
  EXPECT_EQ(status(id), "pending") << "looking approves nothing";
  const auto answered = [&](const std::string& more, const std::string& origin) {
    return post_form(
        "/mfa/delegated",
        "request_id=" + id + "&decision=allow&number=" + member(asked, "number") + more,
        {{"Origin", origin}, {"Cookie", cookie}});
  };
  answered("&otp=" + code() + "&csrf=" + csrf, "https://evil.example");
  answered("&otp=" + code() + "&csrf=guessed", kUrl);
  EXPECT_EQ(status(id), "pending") << "only from the page itself";
  EXPECT_NE(answered("&otp=000000&csrf=" + csrf, kUrl).body.find("The code is wrong."),
            std::string::npos);
  const net::Response done = answered("&otp=" + code() + "&csrf=" + csrf, kUrl);
  EXPECT_NE(done.body.find("It is approved."), std::string::npos) << done.body;
  EXPECT_EQ(status(id), "approved");
  EXPECT_EQ(redeem(helper_, id).status, 200);
}

TEST_F(DelegationTest, AnotherNumberRefusesForGood) {
  enrol();
  const net::Response asked = ask();
  const std::string id = member(asked, "id");
  const std::string other = member(asked, "number") == "10" ? "11" : "10";
  EXPECT_EQ(said_by(answer(id, other, code())), R"(400 {"detail":"MFA_WRONG_NUMBER"})");
  EXPECT_EQ(said_by(answer(id, member(asked, "number"), code())),
            R"(400 {"detail":"MFA_BAD_REQUEST"})");
  EXPECT_EQ(error_of(redeem(helper_, id)), "400 access_denied");
}

TEST_F(DelegationTest, NeedsTheSecondFactorAndGuessesHaveToWait) {
  const net::Response early = ask();
  EXPECT_EQ(said_by(answer(member(early, "id"), member(early, "number"), "123456")),
            R"(400 {"detail":"MFA_NOT_ENROLLED"})");
  enrol();
  const net::Response asked = ask();
  const std::string id = member(asked, "id");
  const std::string number = member(asked, "number");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(said_by(answer(id, number, "000000")), R"(400 {"detail":"MFA_BAD_CODE"})");
  }
  const net::Response waits = answer(id, number, "000000");
  EXPECT_EQ(waits.status, 429);
  EXPECT_EQ(waits.field("Retry-After"), "1");
  EXPECT_EQ(said_by(answer(id, number, code())), R"(200 {"status":"approved"})");
}

TEST_F(DelegationTest, ARefusalNeedsNothingAndStands) {
  const std::string id = member(ask(), "id");
  EXPECT_EQ(said(Method::POST, "/mfa/delegated/approve",
                 R"({"request_id":")" + id + R"(","approve":false})", ada_),
            R"(200 {"status":"refused"})");
  EXPECT_EQ(error_of(redeem(helper_, id)), "400 access_denied");
  EXPECT_EQ(said(Method::GET, "/mfa/delegated/requests", {}, ada_), R"(200 {"items":[]})");
}

TEST_F(DelegationTest, TenMinutesAreAll) {
  enrol();
  const net::Response asked = ask();
  const std::string id = member(asked, "id");
  EXPECT_EQ(said_by(answer(id, member(asked, "number"), code())), R"(200 {"status":"approved"})");
  room_.clock.pass(std::chrono::minutes(10));
  EXPECT_EQ(error_of(redeem(helper_, id)), "400 invalid_grant");
  EXPECT_EQ(said(Method::GET, "/mfa/delegated/requests/" + id, {}, helper_.secret),
            R"(404 {"detail":"Not Found"})");
}

TEST_F(DelegationTest, IsBoundToItsRequestItsPersonAndItsProgram) {
  enrol();
  const net::Response asked = ask();
  const std::string id = member(asked, "id");
  // Somebody else says yes.
  add("eve@example.org");
  const std::string eve = token_of("eve@example.org");
  EXPECT_EQ(said(Method::POST, "/mfa/delegated/approve",
                 R"({"request_id":")" + id + R"(","approve":false})", eve),
            R"(400 {"detail":"MFA_BAD_REQUEST"})");
  // A key, or one who acts for the person.
  const std::string acting = exchanged(helper_, ada_);
  const std::string yes = R"({"request_id":")" + id + R"(","number":")" + member(asked, "number") +
                          R"(","code":")" + code() + "\"}";
  EXPECT_EQ(said(Method::POST, "/mfa/delegated/approve", yes, acting),
            R"(403 {"detail":"Forbidden"})");
  EXPECT_EQ(said(Method::POST, "/mfa/delegated/approve", yes, ada_),
            R"(200 {"status":"approved"})");
  // Another program, more scopes, another resource.
  const Program other = account(R"("delegations:request","runs:read")");
  EXPECT_EQ(error_of(redeem(other, id)), "400 invalid_grant");
  EXPECT_EQ(error_of(redeem(helper_, id, "&scope=iam%3Aread")), "400 invalid_request");
  EXPECT_EQ(error_of(redeem(helper_, id, "&resource=https%3A%2F%2Fapi.example.org")),
            "400 invalid_request");
  EXPECT_EQ(member(redeem(helper_, id), "scope"), "runs:read");
}

TEST_F(DelegationTest, NobodyIsWornDownByRequests) {
  for (std::size_t i = 0; i < identity::kMaxAskedByOne; ++i) EXPECT_EQ(ask().status, 201) << i;
  EXPECT_EQ(said_by(ask()), R"(429 {"detail":"Too Many Requests"})");
  room_.clock.pass(std::chrono::minutes(10));
  EXPECT_EQ(ask().status, 201);
}

TEST_F(DelegationTest, IsAskedByProgramsForWhatTheyMay) {
  EXPECT_EQ(said(Method::POST, "/mfa/delegated/requests",
                 R"({"subject":")" + ada_id_ + R"(","scopes":["runs:read"],"message":"x"})", ada_),
            R"(403 {"detail":"Forbidden"})");
  const auto wish = [&](const std::string& subject, const std::string& scope,
                        const std::string& more) {
    return said(Method::POST, "/mfa/delegated/requests",
                R"({"subject":")" + subject + R"(","scopes":[")" + scope + R"("],"message":"x")" +
                    more + "}",
                helper_.secret);
  };
  EXPECT_EQ(wish(helper_.id, "runs:read", ""), R"(404 {"detail":"Not Found"})");
  EXPECT_EQ(wish(ada_id_, "runs:write", ""), R"(400 {"detail":"MFA_BAD_SCOPE"})");
  EXPECT_EQ(wish(ada_id_, "runs:read", R"(,"resource":"https://evil.example")"),
            R"(400 {"detail":"MFA_BAD_RESOURCE"})");
}

}  // namespace
}  // namespace writ::server
