// What clients look for first. It says what is there and nothing else.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "server/api/answers.h"
#include "server/oauth/oauth_operations.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

// Half of the time for which a new key is published before it signs.
constexpr std::string_view kKept = "public, max-age=300";

net::Response kept(const Value& body) {
  net::Response response = json(200, body);
  response.fields.emplace_back("Cache-Control", kKept);
  return response;
}

Array texts(const std::vector<std::string>& all) { return {all.begin(), all.end()}; }

Value authorization_server(const AuthOptions& options, const std::vector<std::string>& scopes) {
  const std::string& issuer = options.public_url;
  const auto at = [&](std::string_view path) { return issuer + std::string(path); };
  const Array methods{"client_secret_basic", "client_secret_post"};
  Array known = texts(scopes);
  for (const std::string_view one : kOpenidScopes) {
    if (std::ranges::find(known, Value(one)) == known.end()) known.emplace_back(one);
  }
  Array of_tokens = methods;
  of_tokens.emplace_back("none");
  Array resources{issuer};
  for (const std::string& one : options.resources) resources.emplace_back(one);
  return Object{{"issuer", issuer},
                {"authorization_endpoint", at(kAuthorizePath)},
                {"token_endpoint", at(kTokenPath)},
                {"userinfo_endpoint", at(kUserinfoPath)},
                {"introspection_endpoint", at(kIntrospectionPath)},
                {"revocation_endpoint", at(kRevocationPath)},
                {"jwks_uri", at(kJwksPath)},
                {"service_documentation", at("/docs")},
                {"scopes_supported", std::move(known)},
                {"response_types_supported", Array{"code"}},
                {"response_modes_supported", Array{"query"}},
                {"grant_types_supported",
                 Array{kAuthorizationCode, kRefreshToken, kClientCredentials, kTokenExchange}},
                {"code_challenge_methods_supported", Array{"S256"}},
                {"authorization_response_iss_parameter_supported", true},
                {"request_parameter_supported", false},
                {"request_uri_parameter_supported", false},
                {"prompt_values_supported", Array{"none", "login", "consent"}},
                {"claims_supported",
                 Array{"sub", "email", "email_verified", "auth_time", "amr", "nonce", "at_hash"}},
                {"subject_types_supported", Array{"public"}},
                {"id_token_signing_alg_values_supported", Array{"ES256"}},
                {"token_endpoint_auth_methods_supported", of_tokens},
                {"introspection_endpoint_auth_methods_supported", methods},
                {"revocation_endpoint_auth_methods_supported", of_tokens},
                {"protected_resources", std::move(resources)}};
}

Value protected_resource(const AuthOptions& options, const std::vector<std::string>& scopes) {
  const std::string& issuer = options.public_url;
  return Object{{"resource", issuer},
                {"resource_name", "Writ"},
                {"resource_documentation", issuer + "/docs"},
                {"authorization_servers", Array{issuer}},
                {"jwks_uri", issuer + std::string(kJwksPath)},
                {"bearer_methods_supported", Array{"header"}},
                {"scopes_supported", texts(scopes)}};
}

Operation always(const Value& body) {
  return [whole = std::make_shared<const net::Response>(kept(body))](
             const Call&) -> Result<net::Answer> { return *whole; };
}

Result<net::Answer> get_keys(AuthService& service, const Call&) {
  return kept(service.keys().current()->published().to_value());
}

}  // namespace

std::vector<Binding> metadata_operations(const std::shared_ptr<AuthService>& service,
                                         const std::vector<std::string>& scopes) {
  const Operation server = always(authorization_server(service->options(), scopes));
  return {server::bind(service, "getJwks", &get_keys),
          {"getAuthorizationServer", server},
          {"getOpenidConfiguration", server},
          {"getProtectedResource", always(protected_resource(service->options(), scopes))}};
}

}  // namespace writ::server
