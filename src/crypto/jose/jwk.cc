#include "crypto/jose/jwk.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace writ::crypto {
namespace {

constexpr std::size_t kMaxKeys = 100;
constexpr std::size_t kMaxKeyId = 128;
constexpr DocumentLimits kLimits{.max_bytes = 256u << 10, .max_depth = 16, .max_nodes = 20'000};

std::unexpected<Error> bad_key(std::string_view why) {
  return fail(Code::invalid_input, "this JWK cannot be used: " + std::string(why),
              "Publish an Ed25519, P-256 or RSA public key for signatures");
}

Result<std::string> coordinate(const Value& value, std::string_view name) {
  auto bytes = parse_base64url(value.string_or(name, "-"));
  if (!bytes || bytes->size() != 32) {
    return bad_key("`" + std::string(name) + "` is not 32 bytes of base64url");
  }
  return bytes;
}

Result<PublicKey> parse_okp(const Value& value) {
  if (value.string_or("crv", "") != "Ed25519") return bad_key("its curve is not Ed25519");
  WRIT_TRY(const std::string x, coordinate(value, "x"));
  auto key = PublicKey::parse_base64(to_base64(x));
  if (!key) return bad_key("`x` is no point of Ed25519");
  return key;
}

Result<P256PublicKey> parse_ec(const Value& value) {
  if (value.string_or("crv", "") != "P-256") return bad_key("its curve is not P-256");
  WRIT_TRY(const std::string x, coordinate(value, "x"));
  WRIT_TRY(const std::string y, coordinate(value, "y"));
  auto key = P256PublicKey::from_coordinates(x, y);
  if (!key) return bad_key("`x` and `y` are no point of P-256");
  return key;
}

Result<RsaPublicKey> parse_rsa(const Value& value) {
  const auto modulus = parse_base64url(value.string_or("n", "-"));
  const auto exponent = parse_base64url(value.string_or("e", "-"));
  if (!modulus || !exponent) return bad_key("`n` and `e` are not base64url");
  auto key = RsaPublicKey::from_components(*modulus, *exponent);
  if (!key) return bad_key("`n` and `e` are no RSA key of 2048 to 8192 bits");
  return key;
}

// RFC 7517 sections 4.2 to 4.4: what the key says that it is for.
Result<void> check_use(const Value& value, JwsAlgorithm algorithm) {
  if (value.find("d") != nullptr) return bad_key("it is a private key");
  if (const Value* use = value.find("use"); use != nullptr && !(*use == Value("sig"))) {
    return bad_key("its `use` is not `sig`");
  }
  if (const Value* operations = value.find("key_ops"); operations != nullptr) {
    const bool verifies =
        operations->is_array() &&
        std::ranges::find(operations->as_array(), Value("verify")) != operations->as_array().end();
    if (!verifies) return bad_key("its `key_ops` lack `verify`");
  }
  const Value* const named = value.find("alg");
  if (named != nullptr && !(*named == Value(kJwsAlgorithms.name(algorithm)))) {
    return bad_key("its `alg` is another");
  }
  return {};
}

}  // namespace

Jwk::Jwk(Key key, std::string key_id) : key_(std::move(key)), key_id_(std::move(key_id)) {}
Jwk::Jwk(PublicKey key) : key_(key), key_id_(thumbprint()) {}
Jwk::Jwk(P256PublicKey key) : key_(std::move(key)), key_id_(thumbprint()) {}
Jwk::Jwk(RsaPublicKey key) : key_(std::move(key)), key_id_(thumbprint()) {}

Result<Jwk> Jwk::parse(const Value& value) {
  if (!value.is_object()) return bad_key("it is no object");
  const Value* const id = value.find("kid");
  if (id != nullptr &&
      (!id->is_string() || id->as_string().empty() || id->as_string().size() > kMaxKeyId)) {
    return bad_key("its `kid` is not 1 to 128 bytes of text");
  }
  const std::string_view kind = value.string_or("kty", "");
  const auto with_id = [&](auto key) -> Result<Jwk> {
    Jwk jwk(std::move(key));
    WRIT_CHECK(check_use(value, jwk.algorithm()));
    if (id != nullptr) jwk.key_id_ = id->as_string();
    return jwk;
  };
  if (kind == "OKP") {
    WRIT_TRY(PublicKey key, parse_okp(value));
    return with_id(key);
  }
  if (kind == "EC") {
    WRIT_TRY(P256PublicKey key, parse_ec(value));
    return with_id(std::move(key));
  }
  if (kind == "RSA") {
    WRIT_TRY(RsaPublicKey key, parse_rsa(value));
    return with_id(std::move(key));
  }
  return bad_key("its `kty` is none of OKP, EC and RSA");
}

JwsAlgorithm Jwk::algorithm() const {
  constexpr JwsAlgorithm kOf[] = {JwsAlgorithm::eddsa, JwsAlgorithm::es256, JwsAlgorithm::rs256};
  return kOf[key_.index()];
}

bool Jwk::verifies(std::string_view message, std::string_view signature) const {
  return std::visit([&](const auto& key) { return key.verifies(message, signature); }, key_);
}

// In the order of RFC 7638 section 3.2.
Object Jwk::required_members() const {
  if (const auto* key = std::get_if<PublicKey>(&key_)) {
    return {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", to_base64url(as_text(key->bytes))}};
  }
  if (const auto* key = std::get_if<RsaPublicKey>(&key_)) {
    return {
        {"e", to_base64url(key->exponent())}, {"kty", "RSA"}, {"n", to_base64url(key->modulus())}};
  }
  const auto& key = std::get<P256PublicKey>(key_);
  return {
      {"crv", "P-256"}, {"kty", "EC"}, {"x", to_base64url(key.x())}, {"y", to_base64url(key.y())}};
}

Value Jwk::to_value() const {
  Object out = required_members();
  out.set("kid", key_id_);
  out.set("use", "sig");
  out.set("alg", kJwsAlgorithms.name(algorithm()));
  return out;
}

std::string Jwk::thumbprint() const {
  return to_base64url(sha256(to_json(required_members())).view());
}

Result<JwkSet> JwkSet::parse(std::string_view json) {
  WRIT_TRY(const Value value, parse_json(json, {}, kLimits));
  const Value* const keys = value.find("keys");
  if (keys == nullptr || !keys->is_array() || keys->as_array().size() > kMaxKeys) {
    return fail(Code::invalid_input, "this is no JWK set of at most 100 keys",
                "Publish {\"keys\": [...]} as RFC 7517 section 5 has it");
  }
  std::vector<Jwk> out;
  for (const Value& key : keys->as_array()) {
    auto parsed = Jwk::parse(key);
    if (!parsed) continue;  // RFC 7517 section 5: other kinds, uses and extensions
    if (std::ranges::find(out, parsed->key_id(), &Jwk::key_id) != out.end()) {
      return fail(Code::invalid_input, "two keys of a JWK set have one `kid`", "Give each its own");
    }
    out.push_back(*std::move(parsed));
  }
  return JwkSet(std::move(out));
}

const Jwk* JwkSet::find(std::string_view key_id) const {
  const auto found = std::ranges::find(keys_, key_id, &Jwk::key_id);
  return found == keys_.end() ? nullptr : &*found;
}

Value JwkSet::to_value() const {
  Array keys;
  for (const Jwk& key : keys_) keys.push_back(key.to_value());
  return Object{{"keys", std::move(keys)}};
}

}  // namespace writ::crypto
