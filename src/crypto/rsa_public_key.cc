#include "crypto/rsa_public_key.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <cstdint>
#include <utility>

#include "crypto/openssl_handle.h"

namespace writ::crypto {
namespace {

using Pkey = std::shared_ptr<EVP_PKEY>;

constexpr std::size_t kLeastBytes = 2048 / 8;
constexpr std::size_t kMostBytes = 8192 / 8;
constexpr std::size_t kMostExponentBytes = 4;
constexpr std::uint32_t kLeastExponent = 65537;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::unexpected<Error> no_key() {
  forget_openssl_errors();
  return fail(Code::invalid_input, "these numbers are no RSA key of 2048 to 8192 bits",
              "Copy the key again from where it was published");
}

bool is_number(std::string_view bytes, std::size_t least, std::size_t most) {
  return bytes.size() >= least && bytes.size() <= most && bytes.front() != '\0';
}

bool is_exponent(std::string_view bytes) {
  if (!is_number(bytes, 1, kMostExponentBytes)) return false;
  std::uint32_t number = 0;
  for (const char c : bytes) number = (number << 8) | static_cast<std::uint8_t>(c);
  return number >= kLeastExponent && number % 2 == 1;
}

BigNumber to_number(std::string_view bytes) {
  return BigNumber(BN_bin2bn(raw(bytes), static_cast<int>(bytes.size()), nullptr));
}

Pkey make_pkey(std::string_view modulus, std::string_view exponent) {
  const BigNumber n = to_number(modulus);
  const BigNumber e = to_number(exponent);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  const bool is_built =
      n && e && builder &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  const Params params(is_built ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return {key, &EVP_PKEY_free};
}

}  // namespace

RsaPublicKey::RsaPublicKey(std::string modulus, std::string exponent, Pkey key)
    : modulus_(std::move(modulus)), exponent_(std::move(exponent)), key_(std::move(key)) {}

Result<RsaPublicKey> RsaPublicKey::from_components(std::string_view modulus,
                                                   std::string_view exponent) {
  if (!is_number(modulus, kLeastBytes, kMostBytes) || !is_exponent(exponent)) return no_key();
  Pkey key = make_pkey(modulus, exponent);
  if (!key) return no_key();
  return RsaPublicKey(std::string(modulus), std::string(exponent), std::move(key));
}

bool RsaPublicKey::verifies(std::string_view message, std::string_view signature) const {
  if (signature.size() != modulus_.size()) return false;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // belongs to `context`
  const bool holds =
      EVP_DigestVerifyInit(context.get(), &settings, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PADDING) == 1 &&
      EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message),
                       message.size()) == 1;
  forget_openssl_errors();
  return holds;
}

}  // namespace writ::crypto
