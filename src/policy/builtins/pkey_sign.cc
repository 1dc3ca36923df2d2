#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "crypto/ecdsa_form.h"
#include "policy/builtins/openssl_handle.h"
#include "policy/builtins/pkey.h"

namespace writ::rego {
namespace {

const EVP_MD* digest_of(unsigned bits) {
  switch (bits) {
    case 128:
      return EVP_md5();
    case 160:
      return EVP_sha1();
    case 384:
      return EVP_sha384();
    case 512:
      return EVP_sha512();
    default:
      return EVP_sha256();
  }
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

KeyKind wanted_kind(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::ecdsa:
      return KeyKind::ec;
    case SignatureScheme::eddsa:
      return KeyKind::ed25519;
    default:
      return KeyKind::rsa;
  }
}

std::size_t coordinate_size(const Pkey& key) {
  return (static_cast<std::size_t>(EVP_PKEY_get_bits(key.get())) + 7) / 8;
}

bool set_padding(EVP_PKEY_CTX* context, SignatureScheme scheme, bool is_signing) {
  if (scheme != SignatureScheme::rsa_pss) return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(
             context, is_signing ? RSA_PSS_SALTLEN_DIGEST : RSA_PSS_SALTLEN_AUTO) == 1;
}

}  // namespace

bool verifies(const Pkey& key, SignatureScheme scheme, unsigned bits, std::string_view message,
              std::string_view signature) {
  if (kind_of(key) != wanted_kind(scheme)) return false;
  const std::string der = scheme == SignatureScheme::ecdsa
                              ? crypto::ecdsa_to_der(signature, coordinate_size(key))
                              : std::string();
  const std::string_view given = scheme == SignatureScheme::ecdsa ? der : signature;
  const EVP_MD* const digest = scheme == SignatureScheme::eddsa ? nullptr : digest_of(bits);
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;
  const bool valid =
      EVP_DigestVerifyInit(context.get(), &padding, digest, nullptr, key.get()) == 1 &&
      set_padding(padding, scheme, false) &&
      EVP_DigestVerify(context.get(), bytes_of(given), given.size(), bytes_of(message),
                       message.size()) == 1;
  forget_openssl_errors();
  return valid;
}

Result<std::string> sign(const Pkey& key, SignatureScheme scheme, unsigned bits,
                         std::string_view message) {
  if (kind_of(key) != wanted_kind(scheme)) {
    return fail(Code::invalid_input, "key is of another kind than the algorithm needs");
  }
  const EVP_MD* const digest = scheme == SignatureScheme::eddsa ? nullptr : digest_of(bits);
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;
  std::size_t size = 0;
  std::string out;
  const bool ready =
      EVP_DigestSignInit(context.get(), &padding, digest, nullptr, key.get()) == 1 &&
      set_padding(padding, scheme, true) &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes_of(message), message.size()) == 1;
  out.resize(size);
  if (!ready ||
      EVP_DigestSign(context.get(), bytes_of(out), &size, bytes_of(message), message.size()) != 1) {
    forget_openssl_errors();
    return fail(Code::invalid_input, "key cannot sign: it has no private part or is too small");
  }
  out.resize(size);
  return scheme == SignatureScheme::ecdsa ? crypto::ecdsa_from_der(out, coordinate_size(key)) : out;
}

std::string hmac_digest(unsigned bits, std::string_view key, std::string_view message) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const bool made = HMAC(digest_of(bits), bytes_of(key), static_cast<int>(key.size()),
                         bytes_of(message), message.size(), bytes_of(out), &size) != nullptr;
  WRIT_ASSERT(made);
  out.resize(size);
  return out;
}

Result<std::string> named_digest(std::string_view name, std::string_view message) {
  struct Named {
    std::string_view name;
    const EVP_MD* (*digest)();
  };
  static constexpr Named kDigests[] = {
      {"SHA-224", &EVP_sha224}, {"SHA-256", &EVP_sha256},         {"SHA-384", &EVP_sha384},
      {"SHA-512", &EVP_sha512}, {"SHA-512-224", &EVP_sha512_224}, {"SHA-512-256", &EVP_sha512_256}};
  if (name == "MD5" || name == "SHA-1") {
    return fail(Code::invalid_input, std::string(name) + " proves nothing any more",
                "Sign with SHA-256");
  }
  const auto* const found = std::ranges::find(kDigests, name, &Named::name);
  if (found == std::end(kDigests)) {
    return fail(Code::invalid_input, "unsupported hashing algorithm: " + std::string(name));
  }
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const bool made = EVP_Digest(bytes_of(message), message.size(), bytes_of(out), &size,
                               found->digest(), nullptr) == 1;
  WRIT_ASSERT(made);
  out.resize(size);
  return out;
}

std::string hash_digest(unsigned bits, std::string_view message) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const bool made = EVP_Digest(bytes_of(message), message.size(), bytes_of(out), &size,
                               digest_of(bits), nullptr) == 1;
  WRIT_ASSERT(made);
  out.resize(size);
  return out;
}

}  // namespace writ::rego
