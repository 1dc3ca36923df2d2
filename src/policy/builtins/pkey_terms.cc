// Keys as Go's encoding/json shows them, and as JWK.
#include <openssl/core_names.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "policy/builtins/base64_text.h"
#include "policy/builtins/object_builder.h"
#include "policy/builtins/openssl_handle.h"
#include "policy/builtins/pkey.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

BigNumber number_of(const Pkey& key, const char* name) {
  BIGNUM* out = nullptr;
  EVP_PKEY_get_bn_param(key.get(), name, &out);
  forget_openssl_errors();
  return BigNumber(out);
}

Term decimal(Arena& arena, const BigNumber& number) {
  if (!number) return Term::null();
  const Handle<char, [](char* text) { OPENSSL_free(text); }> text(BN_bn2dec(number.get()));
  return make_number(arena, std::string_view(text.get()));
}
Term decimal_of(Arena& arena, const Pkey& key, const char* name) {
  return decimal(arena, number_of(key, name));
}

// Big-endian, at least `size` bytes.
std::string big_endian(const BigNumber& number, std::size_t size = 0) {
  if (!number) return {};
  const std::size_t needed = static_cast<std::size_t>(BN_num_bytes(number.get()));
  std::string out(std::max(size, needed), '\0');
  BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(out.data()),
               static_cast<int>(out.size()));
  return out;
}

std::string raw_key(const Pkey& key, bool is_private) {
  std::array<unsigned char, 64> bytes{};
  std::size_t size = bytes.size();
  const int done = is_private ? EVP_PKEY_get_raw_private_key(key.get(), bytes.data(), &size)
                              : EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size);
  forget_openssl_errors();
  return done == 1 ? std::string(reinterpret_cast<const char*>(bytes.data()), size) : std::string();
}

void add_public(Arena& arena, const Pkey& key, ObjectBuilder& out) {
  if (kind_of(key) == KeyKind::rsa) {
    out.add("N", decimal_of(arena, key, OSSL_PKEY_PARAM_RSA_N));
    out.add("E", decimal_of(arena, key, OSSL_PKEY_PARAM_RSA_E));
  } else {
    out.add("Curve", empty_object());
    out.add("X", decimal_of(arena, key, OSSL_PKEY_PARAM_EC_PUB_X));
    out.add("Y", decimal_of(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y));
  }
}

void add_rsa_private(Arena& arena, const Pkey& key, ObjectBuilder& out) {
  out.add("D", decimal_of(arena, key, OSSL_PKEY_PARAM_RSA_D));
  out.add("Primes", make_array(arena, {decimal_of(arena, key, OSSL_PKEY_PARAM_RSA_FACTOR1),
                                       decimal_of(arena, key, OSSL_PKEY_PARAM_RSA_FACTOR2)}));
  ObjectBuilder precomputed(arena);
  precomputed.add("Dp", decimal_of(arena, key, OSSL_PKEY_PARAM_RSA_EXPONENT1))
      .add("Dq", decimal_of(arena, key, OSSL_PKEY_PARAM_RSA_EXPONENT2))
      .add("Qinv", decimal_of(arena, key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1))
      .add("CRTValues", empty_array());
  out.add("Precomputed", precomputed.build());
}

// Members of a JWK are base64url texts of numbers.
void add_encoded(ObjectBuilder& out, std::string_view name, std::string_view bytes) {
  out.add(name, std::string_view(encode_base64url_unpadded(bytes)));
}

Term rsa_jwk(Arena& arena, const Pkey& key) {
  static constexpr std::pair<const char*, std::string_view> kMembers[] = {
      {OSSL_PKEY_PARAM_RSA_N, "n"},          {OSSL_PKEY_PARAM_RSA_E, "e"},
      {OSSL_PKEY_PARAM_RSA_D, "d"},          {OSSL_PKEY_PARAM_RSA_FACTOR1, "p"},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, "q"},    {OSSL_PKEY_PARAM_RSA_EXPONENT1, "dp"},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, "dq"}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, "qi"}};
  ObjectBuilder out(arena);
  out.add("kty", "RSA");
  for (const auto& [param, name] : kMembers) {
    if (const BigNumber number = number_of(key, param)) add_encoded(out, name, big_endian(number));
  }
  return out.build();
}

Term ec_jwk(Arena& arena, const Pkey& key) {
  const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(key.get()));
  const std::size_t size = (bits + 7) / 8;
  ObjectBuilder out(arena);
  out.add("kty", "EC").add("crv", std::string_view("P-" + std::to_string(bits)));
  add_encoded(out, "x", big_endian(number_of(key, OSSL_PKEY_PARAM_EC_PUB_X), size));
  add_encoded(out, "y", big_endian(number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y), size));
  add_encoded(out, "d", big_endian(number_of(key, OSSL_PKEY_PARAM_PRIV_KEY), size));
  return out.build();
}

Term okp_jwk(Arena& arena, const Pkey& key) {
  ObjectBuilder out(arena);
  out.add("kty", "OKP").add("crv", "Ed25519");
  add_encoded(out, "x", raw_key(key, false));
  add_encoded(out, "d", raw_key(key, true));
  return out.build();
}

}  // namespace

Term public_key_term(Arena& arena, const Pkey& key) {
  switch (kind_of(key)) {
    case KeyKind::rsa:
    case KeyKind::ec: {
      ObjectBuilder out(arena);
      add_public(arena, key, out);
      return out.build();
    }
    case KeyKind::ed25519:
      return make_string(arena, to_base64(raw_key(key, false)));
    default:
      return Term::null();
  }
}

Term private_key_term(Arena& arena, const Pkey& key) {
  if (kind_of(key) == KeyKind::ed25519) {
    return make_string(arena, to_base64(raw_key(key, true) + raw_key(key, false)));
  }
  if (kind_of(key) == KeyKind::other) return Term::null();
  ObjectBuilder out(arena);
  add_public(arena, key, out);
  if (kind_of(key) == KeyKind::rsa) {
    add_rsa_private(arena, key, out);
  } else {
    out.add("D", decimal_of(arena, key, OSSL_PKEY_PARAM_PRIV_KEY));
  }
  return out.build();
}

Result<Term> jwk_term(Arena& arena, const Pkey& key) {
  switch (kind_of(key)) {
    case KeyKind::rsa:
      return rsa_jwk(arena, key);
    case KeyKind::ec:
      return ec_jwk(arena, key);
    case KeyKind::ed25519:
      return okp_jwk(arena, key);
    default:
      return fail(Code::invalid_input, "invalid key type for a JWK");
  }
}

}  // namespace writ::rego
