#include "server/federation/provider_answers.h"

#include <utility>

#include "base/json.h"
#include "net/http.h"

namespace writ::server {
namespace {

constexpr DocumentLimits kLimits{
    .max_bytes = kMaxProviderAnswer, .max_depth = 16, .max_nodes = 10'000};

std::unexpected<Error> odd(std::string why) {
  return fail(Code::invalid_input, "the provider's answer is not taken: " + std::move(why),
              "Ask whoever runs the provider, and compare `identity.providers`");
}

Result<Value> read_object(std::string_view json) {
  auto value = parse_json(json, {}, kLimits);
  if (!value || !value->is_object()) return odd("it is no JSON object");
  return value;
}

Result<std::string> endpoint_of(const Value& metadata, std::string_view name,
                                const SignInProvider& provider) {
  std::string url(metadata.string_or(name, ""));
  if (!provider.has_origin_of(url)) {
    return odd("`" + std::string(name) + "` is at no origin that the settings name");
  }
  return url;
}

}  // namespace

Result<ProviderMetadata> read_metadata(std::string_view json, const SignInProvider& provider) {
  WRIT_TRY(const Value value, read_object(json));
  if (value.string_or("issuer", "") != provider.issuer) return odd("it is of another issuer");
  ProviderMetadata out;
  WRIT_TRY(out.authorization_endpoint, endpoint_of(value, "authorization_endpoint", provider));
  WRIT_TRY(out.token_endpoint, endpoint_of(value, "token_endpoint", provider));
  WRIT_TRY(out.jwks_uri, endpoint_of(value, "jwks_uri", provider));
  if (value.find("userinfo_endpoint") != nullptr) {
    WRIT_TRY(out.userinfo_endpoint, endpoint_of(value, "userinfo_endpoint", provider));
  }
  out.always_says_iss = value.bool_or("authorization_response_iss_parameter_supported", false);
  return out;
}

Result<ProviderTokens> read_tokens(std::string_view json) {
  WRIT_TRY(const Value value, read_object(json));
  ProviderTokens out{.access_token = std::string(value.string_or("access_token", "")),
                     .id_token = std::string(value.string_or("id_token", ""))};
  const bool is_bearer = net::equals_ignoring_case(value.string_or("token_type", ""), "bearer");
  // It goes into a header field (RFC 6750 section 2.1).
  const bool is_token = !out.access_token.empty() &&
                        out.access_token.find_first_not_of(
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "-._~+/=") == std::string::npos;
  if (!is_bearer || !is_token) return odd("it holds no bearer token");
  return out;
}

Result<Value> read_claims(std::string_view json) { return read_object(json); }

}  // namespace writ::server
