#include "crypto/jose/jws.h"

#include <algorithm>

#include "base/json.h"
#include "crypto/base64url.h"

namespace writ::crypto {
namespace {

constexpr DocumentLimits kHeaderLimits{.max_bytes = 4096, .max_depth = 8, .max_nodes = 200};

struct Parts {
  std::string_view header, payload, signature;
  std::string_view signed_text;  // header and payload with the full stop between them
};

Result<Parts> split(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return refuse_token(TokenFault::too_large);
  if (std::ranges::count(token, '.') != 2) return refuse_token(TokenFault::segments_wrong);
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

Result<std::string> decode(std::string_view part) {
  auto bytes = parse_base64url(part);
  if (!bytes) return refuse_token(TokenFault::encoding_bad);
  return bytes;
}

struct Header {
  std::string algorithm;
  std::string key_id;
  std::string type;
};

Result<std::string> text_member(const Value& header, std::string_view name) {
  const Value* const value = header.find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return refuse_token(TokenFault::header_malformed);
  return value->as_string();
}

Result<Header> read_header(std::string_view part) {
  WRIT_TRY(const std::string bytes, decode(part));
  const auto json = parse_json(bytes, {}, kHeaderLimits);  // refuses members that stand twice
  if (!json || !json->is_object()) return refuse_token(TokenFault::header_malformed);
  // No extension is understood here, `b64` (RFC 7797) among them, so none may be critical.
  if (json->find("crit") != nullptr || json->find("b64") != nullptr) {
    return refuse_token(TokenFault::critical_unknown);
  }
  Header out;
  WRIT_TRY(out.algorithm, text_member(*json, "alg"));
  WRIT_TRY(out.key_id, text_member(*json, "kid"));
  WRIT_TRY(out.type, text_member(*json, "typ"));
  return out;
}

Result<const Jwk*> choose_key(const JwkSet& keys, const Header& header,
                              std::span<const JwsAlgorithm> allowed) {
  const auto algorithm = kJwsAlgorithms.parse(header.algorithm);
  if (!algorithm || std::ranges::find(allowed, *algorithm) == allowed.end()) {
    return refuse_token(TokenFault::algorithm_not_allowed);
  }
  const Jwk* const key = header.key_id.empty() ? nullptr : keys.find(header.key_id);
  if (key == nullptr) return refuse_token(TokenFault::key_unknown);
  if (key->algorithm() != *algorithm) return refuse_token(TokenFault::algorithm_not_allowed);
  return key;
}

}  // namespace

JwsKey::JwsKey(SecretKey key) : key_(std::move(key)), public_key_(std::get<0>(key_).public_key()) {}
JwsKey::JwsKey(P256SecretKey key)
    : key_(std::move(key)), public_key_(std::get<1>(key_).public_key()) {}

JwsKey JwsKey::generate(JwsAlgorithm algorithm) {
  WRIT_ASSERT(algorithm != JwsAlgorithm::rs256);
  if (algorithm == JwsAlgorithm::eddsa) return JwsKey(SecretKey::generate());
  return JwsKey(P256SecretKey::generate());
}

Result<JwsKey> JwsKey::from_secret(JwsAlgorithm algorithm, std::string_view secret) {
  if (algorithm == JwsAlgorithm::eddsa) {
    WRIT_TRY(SecretKey key, SecretKey::from_seed(secret));
    return JwsKey(std::move(key));
  }
  if (algorithm == JwsAlgorithm::rs256) {
    return fail(Code::invalid_input, "RS256 is verified here, and never made",
                "Sign with ES256 or EdDSA");
  }
  WRIT_TRY(P256SecretKey key, P256SecretKey::from_scalar(secret));
  return JwsKey(std::move(key));
}

Result<std::string> JwsKey::sign(std::string_view message) const {
  return std::visit([&](const auto& key) { return key.sign(message); }, key_);
}

std::string_view JwsKey::secret() const {
  if (const auto* key = std::get_if<SecretKey>(&key_)) return key->seed();
  return std::get<P256SecretKey>(key_).scalar();
}

Result<std::string> jws_sign(const JwsKey& key, std::string_view typ, std::string_view payload) {
  const Object header{{"alg", kJwsAlgorithms.name(key.public_key().algorithm())},
                      {"typ", typ},
                      {"kid", key.public_key().key_id()}};
  std::string out = to_base64url(to_json(header)) + "." + to_base64url(payload);
  WRIT_TRY(const std::string signature, key.sign(out));
  out += "." + to_base64url(signature);
  return out;
}

Result<Jws> jws_verify(const JwkSet& keys, std::string_view token,
                       std::span<const JwsAlgorithm> allowed) {
  WRIT_TRY(const Parts parts, split(token));
  WRIT_TRY(Header header, read_header(parts.header));
  WRIT_TRY(const Jwk* const key, choose_key(keys, header, allowed));
  WRIT_TRY(const std::string signature, decode(parts.signature));
  if (!key->verifies(parts.signed_text, signature)) {
    return refuse_token(TokenFault::signature_wrong);
  }
  WRIT_TRY(std::string payload, decode(parts.payload));
  return Jws{std::move(header.key_id), std::move(header.type), std::move(payload)};
}

}  // namespace writ::crypto
