#pragma once
// Programs with keys, an administrator, and what they ask of the family `oauth`.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "server/auth/testing/auth_room.h"

namespace writ::server {

using net::Method;

inline constexpr std::string_view kAda = "ada@example.org";
inline constexpr const char* kExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
inline constexpr const char* kTokenType = "urn:ietf:params:oauth:token-type:access_token";

// A program with its key.
struct Program {
  std::string id;
  std::string key_id;
  std::string secret;
};

class OauthTest : public ::testing::Test, protected testing::AuthRoom {
 protected:
  OauthTest()
      : AuthRoom({"delegations:request", "events:read", "iam:read", "iam:write", "runs:read",
                  "runs:write"}) {
    root_ = administrator();
    root_id_ = member(send(Method::GET, "/users/me", {}, root_), "id");
  }

  net::Response as_root(Method method, const std::string& target, const std::string& body = {}) {
    return send(method, target, body, root_);
  }
  // `kind`: "service-accounts" or "ai-agents".
  Program with_key(const std::string& kind, const std::string& id, const std::string& scopes) {
    const net::Response key = as_root(Method::POST, "/iam/" + kind + "/" + id + "/keys",
                                      R"({"purpose":"tests","scopes":[)" + scopes + "]}");
    EXPECT_EQ(key.status, 201) << key.body;
    return {id, member(key, "id"), member(key, "key")};
  }
  Program account(const std::string& scopes) {
    const net::Response made = as_root(Method::POST, "/iam/service-accounts", R"({"name":"job"})");
    return with_key("service-accounts", member(made, "id"), scopes);
  }
  Program agent(const std::string& scopes, const std::string& sponsor) {
    const net::Response provider =
        as_root(Method::POST, "/iam/ai-providers",
                R"({"name":"Models","kind":"openai","base_url":"https://api.example.org",)"
                R"("credential":"sk-secret"})");
    provider_ = member(provider, "id");
    const net::Response made =
        as_root(Method::POST, "/iam/ai-agents",
                R"({"name":"Helper","sponsor":")" + sponsor + R"(","provider":")" + provider_ +
                    R"(","model":"m","capabilities":["write"]})");
    EXPECT_EQ(made.status, 201) << made.body;
    return with_key("ai-agents", member(made, "id"), scopes);
  }

  static testing::Fields basic(const Program& program) {
    return {{"Authorization", "Basic " + to_base64(program.id + ":" + program.secret)}};
  }
  net::Response own_token(const Program& program, const std::string& more = {}) {
    return post_form("/oauth/token", "grant_type=client_credentials" + more, basic(program));
  }
  static std::string subject(const std::string& token) {
    return "&subject_token=" + token + "&subject_token_type=" + net::percent_encode(kTokenType);
  }
  net::Response exchange(const Program& program, const std::string& token,
                         const std::string& more = {}) {
    return post_form("/oauth/token",
                     "grant_type=" + net::percent_encode(kExchange) + subject(token) + more,
                     basic(program));
  }
  std::string exchanged(const Program& program, const std::string& token,
                        const std::string& more = {}) {
    const net::Response made = exchange(program, token, more);
    EXPECT_EQ(made.status, 200) << made.body;
    return member(made, "access_token");
  }
  net::Response introspected(const Program& by, const std::string& token) {
    return post_form("/oauth/introspect", "token=" + token, basic(by));
  }
  bool is_active(const Program& by, const std::string& token) {
    const net::Response answer = introspected(by, token);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const bool active = answer.body != R"({"active":false})";
    EXPECT_EQ(parse_json(answer.body)->bool_or("active", false), active) << answer.body;
    return active;
  }
  // "400 invalid_scope", of OAuth's errors.
  static std::string error_of(const net::Response& response) {
    return std::to_string(response.status) + ' ' + member(response, "error");
  }
  static Value claims_of(const std::string& token) {
    const std::size_t first = token.find('.') + 1;
    const auto text =
        parse_base64(token.substr(first, token.find('.', first) - first), Padding::optional);
    return parse_json(text.value_or("{}")).value_or(Value(Object{}));
  }
  // Whom an answer of GET /users/me is about; "401" where there is none.
  std::string whoami(const std::string& token) {
    const net::Response answer = send(Method::GET, "/users/me", {}, token);
    return answer.status == 200 ? member(answer, "email") : std::to_string(answer.status);
  }

  std::string root_;
  std::string root_id_;
  std::string provider_;
};

}  // namespace writ::server
