#pragma once
// Everything that tests of accounts, their tokens and who else may act ask over the contract: the
// service on a store in memory, with a clock that stands, and its families behind the checks of
// Api. Every answer is held against the contract; there are no rates but the accounts' own.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/temporary_directory.h"
#include "contract/openapi/description.h"
#include "identity/accounts/account_migrations.h"
#include "identity/accounts/registration.h"
#include "identity/graph/graph_links.h"
#include "identity/rbac/access_control.h"
#include "identity/rbac/access_rows.h"
#include "identity/testing/account_room.h"
#include "identity/testing/letterbox.h"
#include "server/api/api.h"
#include "server/api/testing/api_caller.h"
#include "server/auth/auth_operations.h"
#include "server/auth/authenticator.h"
#include "server/federation/federation_operations.h"
#include "server/iam/iam_operations.h"
#include "server/oauth/oauth_operations.h"

namespace writ::server::testing {

class AuthRoom {
 public:
  static constexpr const char* kUrl = "https://writ.example.org";

  explicit AuthRoom(std::vector<std::string> session_scopes = {"runs:read", "runs:write"},
                    std::vector<SignInProvider> providers = {}, RateTable rates = {}) {
    for (const auto& migrations : {identity::account_migrations(), identity::access_migrations(),
                                   identity::graph_migrations()}) {
      const auto done = room_.store->migrate(migrations, store::DryRun::no);
      EXPECT_TRUE(done) << done.error().text();
    }
    service_ = AuthService::open(
                   {*room_.store, *room_.journal, room_.clock, room_.clock, room_.random, &box_},
                   {.secrets = directory_.path() / "secrets.json",
                    .outbox = directory_.path() / "outbox",
                    .public_url = kUrl,
                    .session_scopes = std::move(session_scopes),
                    .reserved_scopes = {"events:read"},
                    .resources = {"https://api.example.org"},
                    .delivers_by_itself = false,
                    .hash_work = {.passes = 1, .memory_kib = 8}})
                   .value();
    access_ =
        identity::AccessControl::open({*room_.store, *room_.journal, room_.random, {}, {}}).value();
    doorkeeper_ = std::make_unique<Authenticator>(service_);
    build(std::move(providers), std::move(rates));
  }

  std::string said(net::Method method, const std::string& target, const std::string& body = {},
                   const std::string& token = {}) {
    return caller_->said(ask(method, target, body, token));
  }
  net::Response send(net::Method method, const std::string& target, const std::string& body = {},
                     const std::string& token = {}) {
    return caller_->send(ask(method, target, body, token));
  }
  static Ask ask(net::Method method, const std::string& target, const std::string& body,
                 const std::string& token) {
    Fields fields;
    if (!token.empty()) fields.emplace_back("Authorization", "Bearer " + token);
    if (body.empty()) return {method, target, {}, fields};
    return ask_json(method, target, body, fields);
  }
  // A form; `more`: further header fields.
  net::Response post_form(const std::string& target, const std::string& form, Fields more = {}) {
    more.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return caller_->send({net::Method::POST, target, form, std::move(more)});
  }
  net::Response log_in(std::string_view name, std::string_view password,
                       const std::string& more = {}) {
    return post_form("/auth/jwt/login", "username=" + net::percent_encode(name) +
                                            "&password=" + net::percent_encode(password) + more);
  }
  static std::string member(const net::Response& response, std::string_view name) {
    const auto body = parse_json(response.body);
    return body ? std::string(body->string_or(name, "(none)")) : response.body;
  }
  std::string token_of(std::string_view name,
                       std::string_view password = identity::AccountRoom::kPassword) {
    return member(log_in(name, password), "access_token");
  }
  std::string add(std::string_view email) {
    const net::Response made = send(net::Method::POST, "/auth/register",
                                    R"({"email":")" + std::string(email) + R"(","password":")" +
                                        identity::AccountRoom::kPassword + "\"}");
    EXPECT_EQ(made.status, 201) << made.body;
    return member(made, "id");
  }
  std::string administrator() {
    const auto made = identity::bootstrap_administrator(service_->parts(), "root@example.org",
                                                        identity::AccountRoom::kPassword);
    EXPECT_TRUE(made) << made.error().text();
    return token_of("root@example.org");
  }
  // The token of the last letter.
  std::string letter() {
    const auto done = service_->deliver();
    EXPECT_TRUE(done) << done.error().text();
    return box_.token();
  }

  const TemporaryDirectory directory_;
  identity::AccountRoom room_;
  identity::Letterbox box_;
  std::shared_ptr<AuthService> service_;
  std::shared_ptr<identity::AccessControl> access_;
  const contract::Description description_ = contract::Description::own().value();
  std::unique_ptr<Authenticator> doorkeeper_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<ApiCaller> caller_;

 private:
  void build(std::vector<SignInProvider> providers, RateTable rates) {
    std::vector<Binding> bindings;
    const auto put = [&](std::vector<Binding> part) {
      for (Binding& one : part) bindings.push_back(std::move(one));
    };
    put(auth_operations(service_));
    put(federation_operations(service_, std::move(providers), room_.clock, room_.random));
    put(user_operations(service_, access_));
    put(oauth_operations(service_, service_->options().session_scopes));
    put(iam_operations({access_, *room_.store, *room_.journal, room_.clock, room_.random,
                        SealingKeys(service_, &service_->parts().keks)}));
    ApiOptions options{.description = description_, .clock = room_.clock, .random = room_.random};
    options.doorkeeper = doorkeeper_.get();
    options.families = {"auth", "iam", "oauth", "users"};
    options.rates = std::move(rates);
    options.allows_origin = origins_of_clients(service_);
    options.resource_metadata = std::string(kUrl) + std::string(kProtectedResourcePath);
    options.checks_answers = true;
    auto api = Api::build(bindings, std::move(options));
    EXPECT_TRUE(api) << api.error().text();
    api_ = *std::move(api);
    caller_ = std::make_unique<ApiCaller>(api_->routes());
  }
};

}  // namespace writ::server::testing
