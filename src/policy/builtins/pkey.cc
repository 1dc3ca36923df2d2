#include "policy/builtins/pkey.h"

#include <openssl/core_names.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "policy/builtins/base64_text.h"
#include "policy/builtins/openssl_handle.h"

namespace writ::rego {
namespace {

std::unexpected<Error> unusable(std::string message) {
  forget_openssl_errors();
  return fail(Code::invalid_input, std::move(message));
}

Pkey own(EVP_PKEY* key) { return Pkey(key, &EVP_PKEY_free); }

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A member of a JWK, decoded; nothing if it is missing or no base64url.
std::optional<std::string> jwk_bytes(const Term& jwk, std::string_view name) {
  const Term* const value = jwk.find(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  auto bytes = decode_base64url(value->text());
  if (!bytes || bytes->empty()) return std::nullopt;
  return *std::move(bytes);
}

// Numbers of a key on their way to OpenSSL, which wants them alive until the key is made.
class KeyParts {
 public:
  KeyParts() : builder_(OSSL_PARAM_BLD_new()) {}

  bool number(const char* name, const std::optional<std::string>& bytes) {
    if (!bytes) return false;
    numbers_.emplace_back(BN_bin2bn(bytes_of(*bytes), static_cast<int>(bytes->size()), nullptr));
    return OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get()) == 1;
  }
  bool text(const char* name, const char* value) {
    return OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, value, 0) == 1;
  }
  bool octets(const char* name, const std::string& bytes) {
    return OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, bytes.data(), bytes.size()) == 1;
  }
  Pkey make(const char* type, bool is_private) {
    const Params params(OSSL_PARAM_BLD_to_param(builder_.get()));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    const int selection = is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) {
      return nullptr;
    }
    return own(key);
  }

 private:
  ParamBuilder builder_;
  std::vector<BigNumber> numbers_;
};

Result<Pkey> rsa_from_jwk(const Term& jwk) {
  KeyParts parts;
  if (!parts.number(OSSL_PKEY_PARAM_RSA_N, jwk_bytes(jwk, "n")) ||
      !parts.number(OSSL_PKEY_PARAM_RSA_E, jwk_bytes(jwk, "e"))) {
    return unusable("RSA key needs n and e");
  }
  const bool is_private = parts.number(OSSL_PKEY_PARAM_RSA_D, jwk_bytes(jwk, "d"));
  // The factors only make it faster, and count only together.
  static constexpr std::pair<const char*, const char*> kFactors[] = {
      {OSSL_PKEY_PARAM_RSA_FACTOR1, "p"},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, "q"},
      {OSSL_PKEY_PARAM_RSA_EXPONENT1, "dp"},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, "dq"},
      {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, "qi"}};
  bool has_factors = is_private;
  for (const auto& [param, name] : kFactors) has_factors &= jwk_bytes(jwk, name).has_value();
  for (const auto& [param, name] : kFactors) {
    if (has_factors) parts.number(param, jwk_bytes(jwk, name));
  }
  Pkey key = parts.make("RSA", is_private);
  if (!key) return unusable("RSA key is malformed");
  return key;
}

struct Curve {
  std::string_view jwk;
  const char* group;
  std::size_t size;  // bytes of a coordinate
};
constexpr Curve kCurves[] = {{"P-224", "secp224r1", 28},
                             {"P-256", "prime256v1", 32},
                             {"P-384", "secp384r1", 48},
                             {"P-521", "secp521r1", 66},
                             {"secp256k1", "secp256k1", 32}};

std::string left_padded(std::string bytes, std::size_t size) {
  if (bytes.size() < size) bytes.insert(0, size - bytes.size(), '\0');
  return bytes;
}

Result<Pkey> ec_from_jwk(const Term& jwk) {
  const Term* const crv = jwk.find("crv");
  const auto* const curve = std::ranges::find_if(kCurves, [&](const Curve& c) {
    return crv != nullptr && crv->is_string() && crv->text() == c.jwk;
  });
  if (curve == std::end(kCurves)) return unusable("EC key has an unknown curve");
  const auto x = jwk_bytes(jwk, "x");
  const auto y = jwk_bytes(jwk, "y");
  if (!x || !y || x->size() > curve->size || y->size() > curve->size) {
    return unusable("EC key needs x and y");
  }
  KeyParts parts;
  const bool is_private = parts.number(OSSL_PKEY_PARAM_PRIV_KEY, jwk_bytes(jwk, "d"));
  parts.text(OSSL_PKEY_PARAM_GROUP_NAME, curve->group);
  const std::string point = "\x04" + left_padded(*x, curve->size) + left_padded(*y, curve->size);
  parts.octets(OSSL_PKEY_PARAM_PUB_KEY, point);
  Pkey key = parts.make("EC", is_private);
  if (!key) return unusable("EC key is malformed");
  return key;
}

Result<Pkey> okp_from_jwk(const Term& jwk) {
  const Term* const crv = jwk.find("crv");
  if (crv == nullptr || !crv->is_string() || crv->text() != "Ed25519") {
    return unusable("OKP key has an unknown curve");
  }
  const auto secret = jwk_bytes(jwk, "d");
  const auto x = jwk_bytes(jwk, "x");
  if (!x) return unusable("OKP key needs x");
  EVP_PKEY* const key =
      secret ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(*secret),
                                            secret->size())
             : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size());
  if (key == nullptr) return unusable("OKP key is malformed");
  return own(key);
}

}  // namespace

KeyKind kind_of(const Pkey& key) {
  if (key == nullptr) return KeyKind::other;
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return KeyKind::rsa;
    case EVP_PKEY_EC:
      return KeyKind::ec;
    case EVP_PKEY_ED25519:
      return KeyKind::ed25519;
    default:
      return KeyKind::other;
  }
}

bool same_public_key(const Pkey& a, const Pkey& b) {
  const bool same = EVP_PKEY_eq(a.get(), b.get()) == 1;
  forget_openssl_errors();
  return same;
}

Result<Pkey> parse_public_key(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  EVP_PKEY* const key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
  if (key == nullptr) return unusable("x509: malformed public key");
  return own(key);
}

Result<Pkey> certificate_key(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  const X509Handle certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  EVP_PKEY* const key = certificate ? X509_get_pubkey(certificate.get()) : nullptr;
  if (key == nullptr) return unusable("x509: malformed certificate");
  return own(key);
}

Result<Pkey> parse_private_key(const PemBlock& block) {
  const unsigned char* at = bytes_of(block.bytes);
  const auto size = static_cast<long>(block.bytes.size());
  EVP_PKEY* key = nullptr;
  if (block.type == "RSA PRIVATE KEY") {
    key = d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, size);
  } else if (block.type == "EC PRIVATE KEY") {
    key = d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, size);
  } else {
    const Handle<PKCS8_PRIV_KEY_INFO, &PKCS8_PRIV_KEY_INFO_free> info(
        d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, size));
    if (info) key = EVP_PKCS82PKEY(info.get());
  }
  if (key == nullptr) return unusable("x509: failed to parse private key");
  return own(key);
}

Result<Pkey> parse_jwk(const Term& jwk) {
  const Term* const kty = jwk.is_object() ? jwk.find("kty") : nullptr;
  if (kty == nullptr || !kty->is_string()) return unusable("key has no kty");
  if (kty->text() == "RSA") return rsa_from_jwk(jwk);
  if (kty->text() == "EC") return ec_from_jwk(jwk);
  if (kty->text() == "OKP") return okp_from_jwk(jwk);
  return unusable("invalid key type from JSON (" + std::string(kty->text()) + ")");
}

}  // namespace writ::rego
