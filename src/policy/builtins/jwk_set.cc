#include "policy/builtins/jwk_set.h"

#include <algorithm>

#include "crypto/digest.h"
#include "policy/builtins/base64_text.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

constexpr TokenAlgorithm kAlgorithms[] = {
    {"ES256", SignatureScheme::ecdsa, 256},
    {"ES384", SignatureScheme::ecdsa, 384},
    {"ES512", SignatureScheme::ecdsa, 512},
    {"EdDSA", SignatureScheme::eddsa, 512},
    {"HS256", {}, 256, true},
    {"HS384", {}, 384, true},
    {"HS512", {}, 512, true},
    {"PS256", SignatureScheme::rsa_pss, 256},
    {"PS384", SignatureScheme::rsa_pss, 384},
    {"PS512", SignatureScheme::rsa_pss, 512},
    {"RS256", SignatureScheme::rsa_pkcs1, 256},
    {"RS384", SignatureScheme::rsa_pkcs1, 384},
    {"RS512", SignatureScheme::rsa_pkcs1, 512},
};
constexpr std::size_t kMostKeys = 1000;

std::string text_member(const Term& jwk, std::string_view name) {
  const Term* const found = jwk.find(name);
  return found != nullptr && found->is_string() ? std::string(found->text()) : std::string();
}

std::unexpected<Error> bad_jwk(std::string_view why) {
  return fail(Code::invalid_input, "failed to parse a JWK key (set): " + std::string(why));
}

Result<TokenKey> read_key(const Term& jwk) {
  if (!jwk.is_object()) return bad_jwk("key is no object");
  TokenKey out{nullptr, {}, text_member(jwk, "alg"), text_member(jwk, "kid")};
  if (text_member(jwk, "kty") == "oct") {
    auto secret = decode_base64url(text_member(jwk, "k"));
    if (!secret || secret->empty()) return bad_jwk("oct key needs k");
    out.secret = *std::move(secret);
    return out;
  }
  auto key = parse_jwk(jwk);
  if (!key) return bad_jwk(key.error().message);
  out.key = *std::move(key);
  return out;
}

Result<TokenKey> read_pem(const PemBlock& block) {
  if (block.type == "CERTIFICATE") {
    auto key = certificate_key(block.bytes);
    if (key) return TokenKey{*std::move(key), {}, {}, {}};
    return fail(Code::invalid_input, "failed to parse a PEM certificate: " + key.error().message);
  }
  if (block.type == "PUBLIC KEY") {
    auto key = parse_public_key(block.bytes);
    if (key) return TokenKey{*std::move(key), {}, {}, {}};
    return fail(Code::invalid_input, "failed to parse a PEM public key: " + key.error().message);
  }
  return fail(Code::invalid_input, "failed to extract a Key from the PEM certificate");
}

}  // namespace

const TokenAlgorithm* find_token_algorithm(std::string_view name) {
  const auto* const found = std::ranges::find(kAlgorithms, name, &TokenAlgorithm::name);
  return found == std::end(kAlgorithms) ? nullptr : found;
}

Result<std::vector<TokenKey>> parse_jwk_set(std::string_view text) {
  Arena arena;
  const auto json = parse_json(arena, text);
  if (!json) return bad_jwk(json.error().message);
  const Term* const set = json->is_object() ? json->find("keys") : nullptr;
  const bool is_set = set != nullptr && set->is_array();
  const std::span<const Term> keys = is_set ? set->items() : std::span<const Term>(&*json, 1);
  if (keys.size() > kMostKeys) return bad_jwk("more than 1000 keys");
  std::vector<TokenKey> out;
  for (const Term& jwk : keys) {
    WRIT_TRY(TokenKey key, read_key(jwk));
    out.push_back(std::move(key));
  }
  return out;
}

Result<std::vector<TokenKey>> parse_verification_keys(std::string_view text) {
  std::string_view rest = text;
  if (const auto block = take_pem_block(rest)) {
    if (!rest.empty()) return fail(Code::invalid_input, "extra data after a PEM certificate block");
    WRIT_TRY(TokenKey key, read_pem(*block));
    std::vector<TokenKey> out;
    out.push_back(std::move(key));
    return out;
  }
  WRIT_TRY(std::vector<TokenKey> keys, parse_jwk_set(text));
  std::erase_if(keys, [](const TokenKey& key) {
    return !key.algorithm.empty() && find_token_algorithm(key.algorithm) == nullptr;
  });
  return keys;
}

bool verifies(const TokenKey& key, const TokenAlgorithm& algorithm, std::string_view message,
              std::string_view signature) {
  if (!algorithm.is_secret) {
    return verifies(key.key, algorithm.scheme, algorithm.bits, message, signature);
  }
  if (key.key != nullptr || key.secret.empty()) return false;
  return crypto::equal_constant_time(hmac_digest(algorithm.bits, key.secret, message), signature);
}

Result<std::string> sign(const TokenKey& key, const TokenAlgorithm& algorithm,
                         std::string_view message) {
  if (!algorithm.is_secret) return sign(key.key, algorithm.scheme, algorithm.bits, message);
  if (key.key != nullptr || key.secret.empty()) {
    return fail(Code::invalid_input, "key is of another kind than the algorithm needs");
  }
  return hmac_digest(algorithm.bits, key.secret, message);
}

}  // namespace writ::rego
