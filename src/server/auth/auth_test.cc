// Accounts over the contract: each request goes through the checks of Api, is carried out on a
// store, and its answer is held against the contract.
#include <gtest/gtest.h>

#include "crypto/base32.h"
#include "crypto/totp.h"
#include "identity/accounts/settings.h"
#include "server/auth/cookies.h"
#include "server/auth/testing/auth_room.h"

namespace writ::server {
namespace {

using identity::AccountRoom;
using net::Method;
using testing::Ask;
using testing::ask_json;

constexpr std::string_view kAda = "ada@example.org";
constexpr std::string_view kNew = "copper lantern 42 sails";

class AuthTest : public ::testing::Test, protected testing::AuthRoom {};

std::string user_json(const std::string& id, std::string_view email, bool is_verified = false,
                      bool is_active = true, bool is_superuser = false) {
  const auto word = [](bool yes) { return yes ? "true" : "false"; };
  return R"({"id":")" + id + R"(","email":")" + std::string(email) + R"(","is_active":)" +
         word(is_active) + R"(,"is_superuser":)" + word(is_superuser) + R"(,"is_verified":)" +
         word(is_verified) + "}";
}

constexpr const char* kUnauthorized = R"(401 {"detail":"Unauthorized"})";
constexpr const char* kForbidden = R"(403 {"detail":"Forbidden"})";
constexpr const char* kNotFound = R"(404 {"detail":"Not Found"})";

TEST_F(AuthTest, RegistersSignsInAndKnowsWhoAsks) {
  const std::string id = add(kAda);
  const net::Response in = log_in(kAda, AccountRoom::kPassword);
  EXPECT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(member(in, "token_type"), "bearer");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, member(in, "access_token")),
            "200 " + user_json(id, kAda));
  EXPECT_EQ(said(Method::GET, "/users/me"), kUnauthorized);
  EXPECT_EQ(said(Method::GET, "/users/me", {}, "no.token.atall"), kUnauthorized);
}

TEST_F(AuthTest, FlagsOfARegistrationAreIgnored) {
  const net::Response made =
      caller_->send(ask(Method::POST, "/auth/register",
                        R"({"email":"eve@example.org","password":")" + AccountRoom::kPassword +
                            R"(","is_superuser":true,"is_verified":true})",
                        {}));
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body, user_json(member(made, "id"), "eve@example.org"));
}

TEST_F(AuthTest, RegistrationSaysWhatIsWrongInTheWordsOfTheContract) {
  add(kAda);
  EXPECT_EQ(said(Method::POST, "/auth/register",
                 R"({"email":"ADA@example.org","password":")" + AccountRoom::kPassword + "\"}"),
            R"(400 {"detail":"REGISTER_USER_ALREADY_EXISTS"})");
  const std::string weak =
      said(Method::POST, "/auth/register", R"({"email":"bob@example.org","password":"password"})");
  EXPECT_TRUE(weak.starts_with(R"(400 {"detail":{"code":"REGISTER_INVALID_PASSWORD","reason":")"))
      << weak;
  EXPECT_TRUE(said(Method::POST, "/auth/register", R"({"email":"nowhere","password":"x"})")
                  .starts_with(R"(422 {"detail":[{"type":"value_error","loc":["body","email"])"))
      << said(Method::POST, "/auth/register", R"({"email":"nowhere","password":"x"})");
}

TEST_F(AuthTest, LogoutEndsTheTokenAtOnce) {
  add(kAda);
  const std::string token = token_of(kAda);
  EXPECT_EQ(said(Method::POST, "/auth/jwt/logout", {}, token), "204");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, token), kUnauthorized);
  EXPECT_EQ(said(Method::POST, "/auth/jwt/logout", {}, token), kUnauthorized);
}

TEST_F(AuthTest, RefreshRotatesAndReuseEndsTheSession) {
  add(kAda);
  const net::Response in = log_in(kAda, AccountRoom::kPassword);
  const auto refresh = [&](const std::string& token) {
    return caller_->send(
        ask(Method::POST, "/auth/jwt/refresh", R"({"refresh_token":")" + token + "\"}", {}));
  };
  const net::Response next = refresh(member(in, "refresh_token"));
  EXPECT_EQ(next.status, 200) << next.body;
  EXPECT_EQ(refresh(member(next, "refresh_token")).status, 200);
  const net::Response reused = refresh(member(in, "refresh_token"));
  EXPECT_EQ(reused.body, R"({"detail":"REFRESH_BAD_TOKEN"})");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, member(next, "access_token")), kUnauthorized);
}

TEST_F(AuthTest, AnswersAboutAnAccountAndAboutNoneAreTheSameBytes) {
  add(kAda);
  const auto both = [&](const auto& send) {
    const net::Response known = send(std::string(kAda));
    const net::Response unknown = send(std::string("nobody@example.org"));
    EXPECT_EQ(known.status, unknown.status);
    EXPECT_EQ(known.body, unknown.body);
    EXPECT_EQ(known.content_type, unknown.content_type);
    return std::to_string(known.status) + " " + known.body;
  };
  EXPECT_EQ(both([&](const std::string& email) { return log_in(email, "wrong"); }),
            R"(400 {"detail":"LOGIN_BAD_CREDENTIALS"})");
  for (const char* const path :
       {"/auth/forgot-password", "/auth/magic-link/request", "/auth/request-verify-token"}) {
    EXPECT_EQ(both([&](const std::string& email) {
                return caller_->send(ask(Method::POST, path, R"({"email":")" + email + "\"}", {}));
              }),
              "202 null")
        << path;
  }
  const auto strict = room_.store->write([&](store::Tx& tx) {
    return identity::change_settings(tx, parse_json(R"({"registration":"strict"})").value(),
                                     room_.deed());
  });
  ASSERT_TRUE(strict) << strict.error().text();
  EXPECT_EQ(
      both([&](const std::string& email) {
        return caller_->send(ask(
            Method::POST, "/auth/register",
            R"({"email":")" + email + R"(","password":")" + AccountRoom::kPassword + "\"}", {}));
      }),
      "202 null");
}

TEST_F(AuthTest, MistakesMakeTheNextTryWait) {
  add(kAda);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(log_in(kAda, "wrong").status, 400) << i;
  const net::Response waits = log_in(kAda, AccountRoom::kPassword);
  EXPECT_EQ(waits.status, 429);
  EXPECT_EQ(waits.field("Retry-After"), "1");
  EXPECT_EQ(waits.body, R"({"detail":{"code":"LOGIN_TOO_MANY_ATTEMPTS",)"
                        R"("reason":"too many mistakes; try again in 1 s"}})");
}

TEST_F(AuthTest, LettersVerifyResetAndSignIn) {
  const std::string id = add(kAda);
  const std::string verify = letter();
  EXPECT_EQ(said(Method::POST, "/auth/verify", R"({"token":")" + verify + "\"}"),
            "200 " + user_json(id, kAda, true));
  EXPECT_EQ(said(Method::POST, "/auth/verify", R"({"token":")" + verify + "\"}"),
            R"(400 {"detail":"VERIFY_USER_BAD_TOKEN"})");

  const std::string before = token_of(kAda);
  said(Method::POST, "/auth/forgot-password", R"({"email":"ada@example.org"})");
  const std::string reset = letter();
  EXPECT_EQ(said(Method::POST, "/auth/reset-password",
                 R"({"token":")" + reset + R"(","password":")" + std::string(kNew) + "\"}"),
            "200 null");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, before), kUnauthorized);
  EXPECT_EQ(said(Method::POST, "/auth/reset-password",
                 R"({"token":")" + reset + R"(","password":")" + std::string(kNew) + "\"}"),
            R"(400 {"detail":"RESET_PASSWORD_BAD_TOKEN"})");

  EXPECT_EQ(letter(), "(none)") << "a notice, without a link";

  said(Method::POST, "/auth/magic-link/request", R"({"email":"ada@example.org"})");
  const std::string link = letter();
  const net::Response page = caller_->send({Method::GET, "/auth/magic-link/login?token=" + link});
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("value=\"" + link + "\""), std::string::npos) << page.body;
  EXPECT_NE(page.body.find(R"(name="transport" value="cookie")"), std::string::npos) << page.body;
  const std::string use = R"({"token":")" + link + "\"}";
  const net::Response in = caller_->send(ask(Method::POST, "/auth/magic-link/login", use, {}));
  EXPECT_EQ(in.status, 200) << "the page alone used the link up: " << in.body;
  EXPECT_EQ(said(Method::GET, "/users/me", {}, member(in, "access_token")),
            "200 " + user_json(id, kAda, true));
  EXPECT_EQ(said(Method::POST, "/auth/magic-link/login", use),
            R"(400 {"detail":"LOGIN_BAD_CREDENTIALS"})");
}

// What a browser's form gets: the status, then the page's heading and what is said below it.
TEST_F(AuthTest, LinksOfLettersLeadToPages) {
  add(kAda);
  const auto post = [&](const std::string& target, const std::string& form) {
    return post_form(target, form,
                     {{"Accept", "text/html,*/*;q=0.8"}, {"Sec-Fetch-Site", "same-origin"}});
  };
  const auto heading = [](const net::Response& page) {
    const std::size_t at = page.body.find("<h1>") + 4;
    return std::to_string(page.status) + " " + page.body.substr(at, page.body.find("</h1>") - at);
  };
  const auto get = [&](const std::string& target) { return caller_->send({Method::GET, target}); };
  const std::string verify = letter();
  const net::Response asks = get("/auth/verify?token=" + verify);
  EXPECT_EQ(heading(asks), "200 Confirm your e-mail address");
  EXPECT_NE(asks.body.find("value=\"" + verify + "\""), std::string::npos) << asks.body;
  EXPECT_EQ(asks.field("Content-Security-Policy"),
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'");
  EXPECT_EQ(heading(post("/auth/verify", "token=" + verify)), "200 Your address is confirmed");
  EXPECT_EQ(heading(post("/auth/verify", "token=" + verify)), "400 This link does not work");
  EXPECT_EQ(get("/auth/verify?token=%3Cscript%3E").status, 404) << "no token looks like that";

  said(Method::POST, "/auth/forgot-password", R"({"email":"ada@example.org"})");
  const std::string reset = letter();
  EXPECT_EQ(heading(get("/auth/reset-password?token=" + reset)), "200 Set a new password");
  const net::Response again = post("/auth/reset-password", "token=" + reset + "&password=short");
  EXPECT_EQ(heading(again), "400 Set a new password");
  EXPECT_NE(again.body.find("value=\"" + reset + "\""), std::string::npos) << again.body;
  const std::string set = "token=" + reset + "&password=amber+canyon+93+lamps";
  EXPECT_EQ(heading(post("/auth/reset-password", set)), "200 Your password is set");
  EXPECT_EQ(heading(post("/auth/reset-password", set)), "400 This link does not work");
  EXPECT_EQ(letter(), "(none)") << "a notice, without a link";

  said(Method::POST, "/auth/magic-link/request", R"({"email":"ada@example.org"})");
  const net::Response in =
      post("/auth/magic-link/login", "token=" + letter() + "&transport=cookie");
  EXPECT_EQ(heading(in), "200 You are signed in");
  EXPECT_NE(in.field("Set-Cookie").find("__Host-"), std::string::npos) << "with its cookies";
}

TEST_F(AuthTest, ChangingOneselfNeedsTheCurrentPassword) {
  const std::string id = add(kAda);
  const std::string token = token_of(kAda);
  const std::string other = token_of(kAda);
  const std::string change = R"({"password":")" + std::string(kNew) + "\"";
  EXPECT_EQ(said(Method::PATCH, "/users/me", change + "}", token),
            R"(400 {"detail":{"code":"UPDATE_USER_WRONG_PASSWORD",)"
            R"("reason":"a new e-mail address or password needs current_password"}})");
  EXPECT_EQ(
      said(Method::PATCH, "/users/me",
           change + R"(,"is_superuser":true,"current_password":")" + AccountRoom::kPassword + "\"}",
           token),
      "200 " + user_json(id, kAda));
  EXPECT_EQ(said(Method::GET, "/users/me", {}, token), "200 " + user_json(id, kAda));
  EXPECT_EQ(said(Method::GET, "/users/me", {}, other), kUnauthorized);
  EXPECT_EQ(log_in(kAda, kNew).status, 200);
}

TEST_F(AuthTest, UsersAreAdministeredBySuperusersAlone) {
  const std::string root = administrator();
  const std::string id = add(kAda);
  const std::string token = token_of(kAda);
  for (const std::string& path : {"/users/" + id, std::string("/users/nobody")}) {
    EXPECT_EQ(said(Method::GET, path), kUnauthorized);
    EXPECT_EQ(said(Method::GET, path, {}, token), kForbidden);
  }
  EXPECT_EQ(said(Method::GET, "/users", {}, token), kForbidden);
  EXPECT_EQ(said(Method::GET, "/users/nobody", {}, root), kNotFound);
  EXPECT_EQ(said(Method::GET, "/users/" + id, {}, root), "200 " + user_json(id, kAda));
  const std::string all = said(Method::GET, "/users", {}, root);
  EXPECT_NE(all.find("root@example.org"), std::string::npos) << all;
  EXPECT_NE(all.find(user_json(id, kAda)), std::string::npos) << all;
  EXPECT_TRUE(all.starts_with(R"(200 {"next":null,"items":[)")) << all;
  EXPECT_EQ(said(Method::PATCH, "/users/" + id, R"({"is_verified":true})", root),
            "200 " + user_json(id, kAda, true));
  EXPECT_TRUE(said(Method::PATCH, "/users/" + id, R"({"password":"x"})", root).starts_with("422 "))
      << "an administrator picks nobody's password";
  EXPECT_EQ(said(Method::GET, "/users/me", {}, token), "200 " + user_json(id, kAda, true));
  EXPECT_EQ(said(Method::POST, "/users/" + id + "/disable", {}, root),
            "200 " + user_json(id, kAda, true, false));
  EXPECT_EQ(said(Method::GET, "/users/me", {}, token), kUnauthorized);
  EXPECT_EQ(log_in(kAda, AccountRoom::kPassword).body, R"({"detail":"LOGIN_BAD_CREDENTIALS"})");
  EXPECT_EQ(said(Method::DELETE, "/users/" + id, {}, root), "204");
  EXPECT_EQ(said(Method::DELETE, "/users/" + id, {}, root), kNotFound);
}

TEST_F(AuthTest, TheLastAdministratorStays) {
  const std::string root = administrator();
  const auto me = parse_json(said(Method::GET, "/users/me", {}, root).substr(4));
  const std::string path = "/users/" + std::string(me->string_or("id", ""));
  EXPECT_EQ(said(Method::DELETE, path, {}, root),
            R"(400 {"detail":"DELETE_USER_LAST_ADMINISTRATOR"})");
  EXPECT_EQ(said(Method::POST, path + "/disable", {}, root),
            R"(400 {"detail":"UPDATE_USER_LAST_ADMINISTRATOR"})");
}

TEST_F(AuthTest, ApiKeysActForWhoMadeThemAndNoFurther) {
  const std::string id = add(kAda);
  const std::string token = token_of(kAda);
  const net::Response made = caller_->send(
      ask(Method::POST, "/auth/api-keys/", R"({"purpose":"build","scopes":["runs:read"]})", token));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string key = member(made, "key");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, key), "200 " + user_json(id, kAda));
  EXPECT_EQ(said(Method::GET, "/auth/api-keys/", {}, token).find(key), std::string::npos);
  EXPECT_EQ(said(Method::POST, "/auth/api-keys/", R"({"purpose":"another"})", key), kForbidden);
  EXPECT_EQ(said(Method::PATCH, "/users/me", R"({"email":"eve@example.org"})", key), kForbidden);
  EXPECT_TRUE(said(Method::POST, "/auth/api-keys/", R"({"purpose":"x","scopes":["all"]})", token)
                  .starts_with("403 "));
  EXPECT_EQ(said(Method::DELETE, "/auth/api-keys/" + member(made, "id"), {}, token), "204");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, key), kUnauthorized);
  EXPECT_EQ(said(Method::DELETE, "/auth/api-keys/" + member(made, "id"), {}, token), kNotFound);
}

TEST_F(AuthTest, AKeyOfAnAdministratorAdministersOnlyWhereItWasMadeForThat) {
  const std::string root = administrator();
  const std::string id = add(kAda);
  const auto key_with = [&](const std::string& scopes) {
    return member(caller_->send(ask(Method::POST, "/auth/api-keys/",
                                    R"({"purpose":"build")" + scopes + "}", root)),
                  "key");
  };
  const std::string narrow = key_with(R"(,"scopes":["runs:read"])");
  const std::string all = key_with("");
  const std::string made_for_it = key_with(R"(,"scopes":["superuser"])");
  for (const std::string& key : {narrow, all}) {
    EXPECT_EQ(said(Method::PATCH, "/users/" + id, R"({"is_superuser":true})", key), kForbidden);
  }
  EXPECT_EQ(said(Method::GET, "/users/" + id, {}, made_for_it), "200 " + user_json(id, kAda));
  EXPECT_TRUE(said(Method::POST, "/auth/api-keys/", R"({"purpose":"x","scopes":["superuser"]})",
                   token_of(kAda))
                  .starts_with("403 "));
  EXPECT_TRUE(said(Method::POST, "/auth/api-keys/", R"({"purpose":"x","scopes":[]})", root)
                  .starts_with("422 "));
}

TEST_F(AuthTest, FormsOfOtherPagesSignNobodyIn) {
  add(kAda);
  const auto from = [&](testing::Fields fields) {
    const net::Response in = post_form(
        "/auth/jwt/login",
        "username=" + net::percent_encode(kAda) +
            "&password=" + net::percent_encode(AccountRoom::kPassword) + "&transport=cookie",
        std::move(fields));
    return std::to_string(in.status) + " " + in.body;
  };
  EXPECT_EQ(from({{"Sec-Fetch-Site", "cross-site"}}),
            R"(400 {"detail":"LOGIN_FROM_ANOTHER_ORIGIN"})");
  EXPECT_EQ(from({{"Origin", "https://evil.example"}}),
            R"(400 {"detail":"LOGIN_FROM_ANOTHER_ORIGIN"})");
  EXPECT_EQ(from({{"Sec-Fetch-Site", "same-origin"}}), "204 ");
  EXPECT_EQ(from({}), "204 ");
}

TEST_F(AuthTest, AnApiKeyNeedsThePasswordSomeTimeAfterTheSignIn) {
  add(kAda);
  letter();
  const auto lasting = room_.store->write([&](store::Tx& tx) {
    return identity::change_settings(tx, parse_json(R"({"access_token_seconds":3600})").value(),
                                     room_.deed());
  });
  ASSERT_TRUE(lasting) << lasting.error().text();
  const std::string token = token_of(kAda);
  const auto make = [&](const std::string& more) {
    return said(Method::POST, "/auth/api-keys/", R"({"purpose":"build")" + more + "}", token);
  };
  EXPECT_EQ(make("").substr(0, 11), R"(201 {"id":")");
  letter();
  EXPECT_EQ(box_.letters.back().subject, "An API key was made");
  room_.clock.pass(std::chrono::minutes(10));
  EXPECT_EQ(make(""),
            R"(400 {"detail":{"code":"API_KEY_WRONG_PASSWORD",)"
            R"("reason":"a key needs current_password, or a sign-in of the last ten minutes"}})");
  EXPECT_EQ(make(R"(,"current_password":")" + AccountRoom::kPassword + '"').substr(0, 11),
            R"(201 {"id":")");
}

TEST_F(AuthTest, WhoIsSwitchedOffAndOnAgainHasNoApiKeys) {
  const std::string root = administrator();
  const std::string id = add(kAda);
  const std::string key = member(
      send(Method::POST, "/auth/api-keys/", R"({"purpose":"build"})", token_of(kAda)), "key");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, key), "200 " + user_json(id, kAda));
  EXPECT_EQ(said(Method::POST, "/users/" + id + "/disable", {}, root),
            "200 " + user_json(id, kAda, false, false));
  EXPECT_EQ(said(Method::PATCH, "/users/" + id, R"({"is_active":true})", root),
            "200 " + user_json(id, kAda));
  EXPECT_EQ(said(Method::GET, "/users/me", {}, key), kUnauthorized);
  EXPECT_EQ(said(Method::GET, "/auth/api-keys/", {}, token_of(kAda)), "200 []");
}

TEST_F(AuthTest, AStrictServerTellsNobodyWhoHasAnAddress) {
  const std::string root = administrator();
  const std::string id = add(kAda);
  add("bob@example.org");
  letter();
  EXPECT_TRUE(said(Method::PATCH, "/management/settings/", R"({"registration":"strict"})", root)
                  .starts_with("200 "));
  const std::string token = token_of(kAda);
  const auto move_to = [&](const std::string& email) {
    return said(
        Method::PATCH, "/users/me",
        R"({"email":")" + email + R"(","current_password":")" + AccountRoom::kPassword + "\"}",
        token);
  };
  EXPECT_EQ(move_to("bob@example.org"), "200 " + user_json(id, kAda));
  EXPECT_EQ(letter(), "(none)") << "it goes to bob, and has no link";
  EXPECT_EQ(move_to("countess@example.org"), "200 " + user_json(id, kAda));
  EXPECT_EQ(said(Method::POST, "/auth/verify", R"({"token":")" + letter() + "\"}"),
            "200 " + user_json(id, "countess@example.org", true));
  EXPECT_EQ(said(Method::GET, "/users/me", {}, token),
            "200 " + user_json(id, "countess@example.org", true));
}

TEST_F(AuthTest, ASecondFactorStandsBetweenPasswordAndTokens) {
  add(kAda);
  const std::string token = token_of(kAda);
  const net::Response begun =
      caller_->send(ask(Method::POST, "/mfa/totp",
                        R"({"current_password":")" + AccountRoom::kPassword + "\"}", token));
  ASSERT_EQ(begun.status, 201) << begun.body;
  const std::string seed{crypto::parse_base32(member(begun, "secret"))->view()};
  const auto code = [&] {
    const crypto::TotpRules rules;
    return crypto::totp_code(seed, crypto::totp_step(room_.clock.wall(), rules), rules);
  };
  EXPECT_EQ(said(Method::POST, "/mfa/totp/confirm", R"({"code":"000000"})", token),
            R"(400 {"detail":"MFA_BAD_CODE"})");
  EXPECT_TRUE(said(Method::POST, "/mfa/totp/confirm", R"({"code":")" + code() + "\"}", token)
                  .starts_with(R"(200 {"recovery_codes":[")"));
  room_.clock.pass(std::chrono::seconds(30));
  const net::Response half = log_in(kAda, AccountRoom::kPassword);
  EXPECT_EQ(half.status, 400);
  const Value body = parse_json(half.body).value();
  const Value& asked = *body.find("detail");
  EXPECT_EQ(asked.string_or("code", ""), "LOGIN_SECOND_FACTOR_REQUIRED");
  const std::string finish = R"({"challenge":")" + std::string(asked.string_or("challenge", "")) +
                             R"(","code":")" + code() + "\"}";
  EXPECT_TRUE(said(Method::POST, "/auth/mfa/login", finish).starts_with(R"(200 {"access_token")"));
  EXPECT_EQ(said(Method::POST, "/auth/mfa/login", finish),
            R"(400 {"detail":"LOGIN_BAD_CREDENTIALS"})");
}

TEST_F(AuthTest, TheServerEndsSessionsThatAreOver) {
  const std::string id = add(kAda);
  token_of(kAda);
  room_.clock.pass(std::chrono::hours(12));
  const auto wait = service_->keep_up();
  ASSERT_TRUE(wait) << wait.error().text();
  EXPECT_EQ(*wait, std::chrono::minutes(10));
  const std::string ended = room_.last_event();
  EXPECT_TRUE(ended.ends_with(R"( {"principal":")" + id + R"(","why":"expired"})")) << ended;
}

TEST_F(AuthTest, SessionsAreListedAndEnded) {
  add(kAda);
  const std::string first = token_of(kAda);
  room_.clock.pass(std::chrono::milliseconds(1));  // so that the second is the newer one
  const std::string second = token_of(kAda);
  const auto listed = parse_json(said(Method::GET, "/auth/sessions", {}, second).substr(4)).value();
  ASSERT_EQ(listed.as_array().size(), 2u);
  EXPECT_FALSE(listed.as_array()[0].bool_or("is_current", true));
  EXPECT_TRUE(listed.as_array()[1].bool_or("is_current", false));
  const std::string id{listed.as_array()[0].string_or("id", "")};
  EXPECT_EQ(said(Method::DELETE, "/auth/sessions/" + id, {}, second), "204");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, first), kUnauthorized);
  EXPECT_EQ(said(Method::DELETE, "/auth/sessions/" + id, {}, second), kNotFound);
  const std::string third = token_of(kAda);
  EXPECT_EQ(said(Method::DELETE, "/auth/sessions", {}, third), "204");
  EXPECT_EQ(said(Method::GET, "/users/me", {}, second), kUnauthorized);
}

TEST_F(AuthTest, BrowsersSignInWithACookieThatFormsOfOthersCannotUse) {
  const std::string id = add(kAda);
  const net::Response in = log_in(kAda, AccountRoom::kPassword, "&transport=cookie");
  EXPECT_EQ(in.status, 204);
  const std::string set{in.field("Set-Cookie")};
  const std::string cookie = set.substr(0, set.find(';'));
  const std::string csrf = csrf_token_of(cookie.substr(cookie.find('=') + 1));
  const auto send = [&](Method method, const std::string& target, testing::Fields fields) {
    fields.emplace_back("Cookie", cookie);
    return caller_->said({method, target, {}, fields});
  };
  EXPECT_EQ(send(Method::GET, "/users/me", {}), "200 " + user_json(id, kAda));
  EXPECT_EQ(send(Method::POST, "/auth/jwt/logout", {{"Sec-Fetch-Site", "cross-site"}}),
            kUnauthorized);
  EXPECT_EQ(send(Method::POST, "/auth/jwt/logout", {{"Sec-Fetch-Site", "same-origin"}}),
            kUnauthorized);
  EXPECT_EQ(send(Method::POST, "/auth/jwt/logout",
                 {{"Sec-Fetch-Site", "same-origin"}, {"X-CSRF-Token", csrf}}),
            "204");
  EXPECT_EQ(send(Method::GET, "/users/me", {}), kUnauthorized);
}

TEST_F(AuthTest, SettingsAreTheAdministrators) {
  const std::string root = administrator();
  add(kAda);
  EXPECT_TRUE(said(Method::GET, "/management/settings/", {}, token_of(kAda)).starts_with("403 "));
  EXPECT_NE(said(Method::PATCH, "/management/settings/", R"({"registration":"closed"})", root)
                .find(R"("registration":"closed")"),
            std::string::npos);
  EXPECT_EQ(said(Method::POST, "/auth/register",
                 R"({"email":"bob@example.org","password":")" + AccountRoom::kPassword + "\"}"),
            kForbidden);
  EXPECT_TRUE(said(Method::PATCH, "/management/settings/", R"({"password_minimum":7})", root)
                  .starts_with("400 "));
}

}  // namespace
}  // namespace writ::server
