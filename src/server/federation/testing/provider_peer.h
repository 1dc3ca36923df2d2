#pragma once
// A provider of OpenID Connect on a port of its own, which says of people what a test wants.
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "crypto/jose/jws.h"
#include "net/testing/served.h"
#include "server/api/answers.h"
#include "server/federation/sign_in_provider.h"

namespace writ::server::testing {

class ProviderPeer {
 public:
  ProviderPeer() : served_(routes()) {
    issuer = served_.url("");
    rotate();
  }

  // As the settings would have it.
  SignInProvider provider(std::string name) const {
    SignInProvider out;
    out.name = std::move(name);
    out.title = "Example";
    out.issuer = issuer;
    out.client_id = "writ";
    out.secret =
        std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_of("pass word:1"));
    out.scopes = {"openid", "email"};
    out.origins = {issuer};
    out.subject_member = "sub";
    out.rules = {.name = out.name};
    return out;
  }

  // The next id token: these claims, with `nonce` and the times of `now`.
  void vouch(const std::string& subject, const std::string& email, const std::string& nonce,
             std::int64_t now) {
    const std::lock_guard lock(mutex);
    claims =
        Object{{"iss", issuer},    {"sub", subject}, {"aud", "writ"},  {"iat", now},
               {"exp", now + 300}, {"nonce", nonce}, {"email", email}, {"email_verified", true}};
  }
  // A new key, the old one is published no more.
  void rotate() {
    const std::lock_guard lock(mutex);
    keys.push_back(crypto::JwsKey::generate(crypto::JwsAlgorithm::es256));
  }
  std::size_t count(const std::string& path) {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(std::ranges::count(asked, path));
  }

  std::string issuer;
  std::mutex mutex;  // of the following
  Object claims;
  Object more_metadata;
  std::string token;       // instead of what is signed; empty: as the claims say
  int status = 200;        // of the token endpoint
  std::string last_form;   // that the token endpoint was sent
  std::string last_basic;  // likewise
  std::vector<crypto::JwsKey> keys;
  std::vector<std::string> asked;

 private:
  net::Route route(net::Method method, const std::string& path,
                   Result<net::Answer> (ProviderPeer::*answer)(const net::Request&)) {
    return net::testing::route(method, path, net::Runs::on_loop,
                               [this, answer](const net::Request& request, net::Context&) {
                                 const std::lock_guard lock(mutex);
                                 asked.emplace_back(request.path);
                                 return (this->*answer)(request);
                               });
  }
  std::vector<net::Route> routes() {
    std::vector<net::Route> out;
    out.push_back(
        route(net::Method::GET, "/.well-known/openid-configuration", &ProviderPeer::metadata));
    out.push_back(route(net::Method::GET, "/jwks", &ProviderPeer::published));
    out.push_back(route(net::Method::POST, "/token", &ProviderPeer::redeem));
    return out;
  }

  Result<net::Answer> metadata(const net::Request&) {
    Object out{{"issuer", issuer},
               {"authorization_endpoint", issuer + "/authorize"},
               {"token_endpoint", issuer + "/token"},
               {"jwks_uri", issuer + "/jwks"},
               {"authorization_response_iss_parameter_supported", true}};
    for (const Member& one : more_metadata) out.set(one.key, one.value);
    return json(200, std::move(out));
  }
  Result<net::Answer> published(const net::Request&) {
    return json(200, crypto::JwkSet({keys.back().public_key()}).to_value());
  }
  Result<net::Answer> redeem(const net::Request& request) {
    last_form = request.body;
    last_basic = request.fields.value_or("Authorization", "");
    if (status != 200) return json(status, Object{{"error", "invalid_grant"}});
    const std::string made =
        token.empty() ? crypto::jws_sign(keys.back(), "JWT", to_json(claims)).value() : token;
    return json(200, Object{{"access_token", "at"}, {"token_type", "Bearer"}, {"id_token", made}});
  }

  net::testing::Served served_;
};

}  // namespace writ::server::testing
