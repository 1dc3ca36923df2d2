#include "server/federation/provider_client.h"

#include <utility>

#include "base/encoding.h"
#include "crypto/jose/token_fault.h"
#include "crypto/pkce.h"

namespace writ::server {
namespace {

using namespace std::chrono_literals;
using crypto::TokenFault;
using identity::Vouched;

constexpr std::chrono::milliseconds kPatience = 5s;
// What a provider published is asked for again after so long.
constexpr std::chrono::steady_clock::duration kKept = 1h;
constexpr std::chrono::steady_clock::duration kKeysAgain = 1min;
// In seconds: 30 days. Asking for it has providers say `auth_time`, and nobody who is signed in
// there asked again for our sake.
constexpr std::string_view kMaxAge = "2592000";

std::string form_of(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(net::percent_encode(value));
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string discovery_url(std::string issuer) {
  while (issuer.ends_with('/')) issuer.pop_back();
  return issuer + "/.well-known/openid-configuration";
}

}  // namespace

// One of the few calls that a provider gets at a time.
class ProviderClient::Turn {
 public:
  // Both are borrowed; `turns` belongs to the mutex.
  Turn(std::mutex& mutex, Turns& turns) : mutex_(mutex), turns_(turns) {
    const std::lock_guard lock(mutex_);
    is_taken_ = turns_.taken < turns_.most;
    if (is_taken_) ++turns_.taken;
  }
  ~Turn() {
    if (!is_taken_) return;
    const std::lock_guard lock(mutex_);
    --turns_.taken;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  Result<void> require() const {
    if (is_taken_) return {};
    return fail(Code::overloaded, "the provider is being asked by many", "Try again in a moment");
  }

 private:
  std::mutex& mutex_;
  Turns& turns_;
  bool is_taken_ = false;
};

ProviderClient::ProviderClient(SignInProvider provider, std::string redirect_uri, net::Client& http,
                               const Clock& clock)
    : provider_(std::move(provider)),
      redirect_uri_(std::move(redirect_uri)),
      http_(http),
      clock_(clock) {
  if (provider_.is_openid()) return;
  metadata_.value = std::make_shared<const ProviderMetadata>(
      ProviderMetadata{.authorization_endpoint = provider_.authorization_endpoint,
                       .token_endpoint = provider_.token_endpoint,
                       .userinfo_endpoint = provider_.userinfo_endpoint,
                       .jwks_uri = {}});
}

Result<net::Response> ProviderClient::send(net::Call call, const std::stop_token& stop) {
  call.timeout = call.total_time = kPatience;
  call.response_limit = kMaxProviderAnswer;
  call.fields.emplace_back("Accept", "application/json");
  auto response = http_.send(call, stop);
  if (response && response->status >= 500) {
    return fail(Code::unavailable,
                "the provider answers with status " + std::to_string(response->status));
  }
  return response;
}

Result<std::string> ProviderClient::fetch(std::string url, std::string_view bearer,
                                          const std::stop_token& stop) {
  net::Call call;
  call.url = std::move(url);
  if (!bearer.empty()) call.fields.emplace_back("Authorization", "Bearer " + std::string(bearer));
  WRIT_TRY(net::Response response, send(std::move(call), stop));
  // A redirect among them: nobody is followed elsewhere.
  if (response.status != 200) {
    return fail(Code::unavailable,
                "the provider answers with status " + std::to_string(response.status));
  }
  return std::move(response.body);
}

Result<ProviderClient::SharedMetadata> ProviderClient::metadata(const std::stop_token& stop) {
  const auto now = clock_.steady();
  SharedMetadata kept;
  {
    const std::lock_guard lock(mutex_);
    kept = metadata_.value;
    if (kept != nullptr && (!provider_.is_openid() || now - metadata_.since < kKept)) return kept;
  }
  const auto fresh = [&]() -> Result<SharedMetadata> {
    WRIT_TRY(const std::string json, fetch(discovery_url(provider_.issuer), {}, stop));
    WRIT_TRY(ProviderMetadata read, read_metadata(json, provider_));
    return std::make_shared<const ProviderMetadata>(std::move(read));
  }();
  const std::lock_guard lock(mutex_);
  if (fresh) {
    metadata_ = {*fresh, now};
    return *fresh;
  }
  // What was true an hour ago is better than nobody signing in.
  if (kept != nullptr && fresh.error().code != Code::invalid_input) return kept;
  return std::unexpected(fresh.error());
}

Result<ProviderClient::SharedKeys> ProviderClient::keys(const ProviderMetadata& metadata,
                                                        const SharedKeys& than,
                                                        const std::stop_token& stop) {
  const auto now = clock_.steady();
  {
    const std::lock_guard lock(mutex_);
    const auto age = now - keys_.since;
    const bool is_other = keys_.value != nullptr && keys_.value != than;
    if (is_other && age < kKept) return keys_.value;
    if (keys_.value != nullptr && than != nullptr && age < kKeysAgain) {
      return crypto::refuse_token(TokenFault::key_unknown);
    }
  }
  WRIT_TRY(const std::string json, fetch(metadata.jwks_uri, {}, stop));
  WRIT_TRY(crypto::JwkSet read, crypto::JwkSet::parse(json));
  auto made = std::make_shared<const crypto::JwkSet>(std::move(read));
  const std::lock_guard lock(mutex_);
  keys_ = {made, now};
  return made;
}

Result<std::string> ProviderClient::authorization_url(const identity::TripSecrets& secrets,
                                                      Departing departing,
                                                      const std::stop_token& stop) {
  const Turn turn(mutex_, departures_);
  WRIT_CHECK(turn.require());
  WRIT_TRY(const SharedMetadata at, metadata(stop));
  const std::string scope = joined(provider_.scopes);
  const std::string challenge = crypto::pkce_challenge(secrets.verifier);
  std::vector<std::pair<std::string_view, std::string_view>> query{
      {"response_type", "code"},        {"client_id", provider_.client_id},
      {"redirect_uri", redirect_uri_},  {"scope", scope},
      {"state", secrets.state.text},    {"code_challenge", challenge},
      {"code_challenge_method", "S256"}};
  if (provider_.is_openid()) {
    query.emplace_back("nonce", secrets.nonce);
    query.emplace_back("max_age", departing == Departing::anew ? "0" : kMaxAge);
    if (departing == Departing::anew) query.emplace_back("prompt", "login");
  }
  const std::string& endpoint = at->authorization_endpoint;
  const char joint = endpoint.find('?') == std::string::npos ? '?' : '&';
  return endpoint + joint + form_of(query);
}

Result<ProviderTokens> ProviderClient::redeem(const ProviderMetadata& metadata,
                                              const std::string& code, const std::string& verifier,
                                              const std::stop_token& stop) {
  net::Call call;
  call.method = net::Method::POST;
  call.url = metadata.token_endpoint;
  std::vector<std::pair<std::string_view, std::string_view>> form{
      {"grant_type", "authorization_code"},
      {"code", code},
      {"redirect_uri", redirect_uri_},
      {"code_verifier", verifier}};
  const bool is_basic = provider_.secret != nullptr && provider_.token_auth == TokenAuth::basic;
  if (is_basic) {
    // RFC 6749 section 2.3.1: both are encoded before they are joined.
    call.fields.emplace_back("Authorization",
                             "Basic " + to_base64(net::percent_encode(provider_.client_id) + ":" +
                                                  net::percent_encode(provider_.secret->view())));
  } else {
    form.emplace_back("client_id", provider_.client_id);
    if (provider_.secret != nullptr) form.emplace_back("client_secret", provider_.secret->view());
  }
  call.fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  call.body = form_of(form);
  WRIT_TRY(const net::Response response, send(std::move(call), stop));
  if (response.status != 200) {
    return fail(Code::not_permitted, "the provider does not take the code it gave");
  }
  return read_tokens(response.body);
}

Result<Vouched> ProviderClient::check(const ProviderMetadata& metadata, std::string_view id_token,
                                      std::string_view nonce, const std::stop_token& stop) {
  const identity::IdTokenRules rules{
      .issuer = provider_.issuer, .client_id = provider_.client_id, .nonce = nonce};
  const identity::Seconds now = identity::to_seconds(clock_.wall());
  WRIT_TRY(const SharedKeys known, keys(metadata, nullptr, stop));
  auto who = identity::check_id_token(*known, id_token, rules, now);
  if (who || !crypto::is_refusal(who.error(), TokenFault::key_unknown)) return who;
  WRIT_TRY(const SharedKeys newer, keys(metadata, known, stop));
  return identity::check_id_token(*newer, id_token, rules, now);
}

// An address that the id token does not say is asked for; it is the same person's or nobody's.
Result<Vouched> ProviderClient::ask(const ProviderMetadata& metadata, const ProviderTokens& tokens,
                                    std::string_view nonce, const std::stop_token& stop) {
  const auto userinfo = [&](std::string_view member) -> Result<Vouched> {
    WRIT_TRY(const std::string json, fetch(metadata.userinfo_endpoint, tokens.access_token, stop));
    WRIT_TRY(const Value claims, read_claims(json));
    return identity::read_vouched(claims, provider_.issuer, member);
  };
  if (!provider_.is_openid()) return userinfo(provider_.subject_member);
  WRIT_TRY(Vouched who, check(metadata, tokens.id_token, nonce, stop));
  if (!who.email.empty() || metadata.userinfo_endpoint.empty()) return who;
  WRIT_TRY(Vouched more, userinfo("sub"));
  if (more.subject != who.subject) return crypto::refuse_token(TokenFault::claim_malformed);
  more.authenticated_at = who.authenticated_at;
  return more;
}

Result<Vouched> ProviderClient::who_came(const ProviderReturn& back,
                                         const identity::TripSecrets& secrets,
                                         const std::stop_token& stop) {
  const Turn turn(mutex_, returns_);
  WRIT_CHECK(turn.require());
  WRIT_TRY(const SharedMetadata at, metadata(stop));
  // RFC 9207 section 2.4: before the code goes anywhere.
  const bool is_silent = !back.issuer && at->always_says_iss;
  if (is_silent || (back.issuer && *back.issuer != provider_.issuer)) {
    return crypto::refuse_token(TokenFault::issuer_wrong);
  }
  WRIT_TRY(const ProviderTokens tokens, redeem(*at, back.code, secrets.verifier, stop));
  return ask(*at, tokens, secrets.nonce, stop);
}

}  // namespace writ::server
