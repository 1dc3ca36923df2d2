#include "crypto/p256.h"

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "crypto/ecdsa_form.h"
#include "crypto/openssl_handle.h"
#include "crypto/random_bytes.h"

namespace writ::crypto {
namespace {

using Pkey = std::shared_ptr<EVP_PKEY>;

constexpr char kUncompressed = 4;  // SEC 1 section 2.3.3

// n, the order of the curve (SEC 2 section 2.4.2), big-endian.
constexpr std::array<std::uint8_t, kP256ScalarSize> kOrder{
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Whether 1 <= number < n. Of private scalars it tells by its time only how long a prefix they
// share with n, which 2^-32 of them do.
bool is_in_range(std::string_view number) {
  return number.size() == kP256ScalarSize && number.find_first_not_of('\0') != number.npos &&
         std::memcmp(number.data(), kOrder.data(), kOrder.size()) < 0;
}

EcGroup make_group() { return EcGroup(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)); }

std::unexpected<Error> no_point() {
  forget_openssl_errors();
  return fail(Code::invalid_input, "these coordinates are no point of P-256",
              "Copy the key again from where it was published");
}

// An OpenSSL key of `point` (uncompressed) and, where given, the scalar behind it.
Pkey make_pkey(const std::string& point, std::string_view scalar) {
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  BigNumber number;
  bool is_built = OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                                  SN_X9_62_prime256v1, 0) == 1 &&
                  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                   point.data(), point.size()) == 1;
  if (!scalar.empty()) {
    number.reset(BN_secure_new());
    is_built = is_built && number &&
               BN_bin2bn(raw(scalar), static_cast<int>(scalar.size()), number.get()) != nullptr &&
               OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) == 1;
  }
  const Params params(is_built ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  const int selection = scalar.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) {
    forget_openssl_errors();
    return nullptr;
  }
  return {key, &EVP_PKEY_free};
}

// The point of a scalar in range, x and y; nothing when OpenSSL has no memory.
std::optional<std::string> multiply(std::string_view scalar) {
  const EcGroup group = make_group();
  const EcPoint point(group ? EC_POINT_new(group.get()) : nullptr);
  const BigNumber number(BN_secure_new());
  if (!point || !number ||
      BN_bin2bn(raw(scalar), static_cast<int>(scalar.size()), number.get()) == nullptr) {
    return std::nullopt;
  }
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  std::string out(1 + 2 * kP256ScalarSize, '\0');
  if (EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, raw(out),
                         out.size(), nullptr) != out.size()) {
    return std::nullopt;
  }
  return out.substr(1);
}

}  // namespace

P256PublicKey::P256PublicKey(std::string point, Pkey key)
    : point_(std::move(point)), key_(std::move(key)) {}

Result<P256PublicKey> P256PublicKey::from_coordinates(std::string_view x, std::string_view y) {
  if (x.size() != kP256ScalarSize || y.size() != kP256ScalarSize) return no_point();
  std::string point = std::string(x) + std::string(y);
  Pkey key = make_pkey(kUncompressed + point, {});  // refuses what is not on the curve
  if (!key) return no_point();
  return P256PublicKey(std::move(point), std::move(key));
}

bool P256PublicKey::verifies(std::string_view message, std::string_view signature) const {
  if (signature.size() != kP256SignatureSize ||
      !is_in_range(signature.substr(0, kP256ScalarSize)) ||
      !is_in_range(signature.substr(kP256ScalarSize))) {
    return false;
  }
  const std::string der = ecdsa_to_der(signature, kP256ScalarSize);
  const DigestContext context(EVP_MD_CTX_new());
  const bool holds =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), raw(der), der.size(), raw(message), message.size()) == 1;
  forget_openssl_errors();
  return holds;
}

P256SecretKey::P256SecretKey(SecretBytes scalar, P256PublicKey public_key, Pkey key)
    : scalar_(std::move(scalar)), public_key_(std::move(public_key)), key_(std::move(key)) {}

P256SecretKey P256SecretKey::generate() {
  while (true) {  // all but one scalar in 2^32 is in range
    const SecretBytes scalar = random_secret(kP256ScalarSize);
    if (auto key = from_scalar(scalar.view())) return *std::move(key);
  }
}

Result<P256SecretKey> P256SecretKey::from_scalar(std::string_view scalar) {
  if (!is_in_range(scalar)) {
    return fail(Code::invalid_input, "these bytes are no private key of P-256",
                "Restore the key from a copy");
  }
  const auto point = multiply(scalar);
  WRIT_ASSERT(point.has_value());
  WRIT_TRY(P256PublicKey public_key,
           P256PublicKey::from_coordinates(std::string_view(*point).substr(0, kP256ScalarSize),
                                           std::string_view(*point).substr(kP256ScalarSize)));
  Pkey key = make_pkey(kUncompressed + *point, scalar);
  WRIT_ASSERT(key != nullptr);
  return P256SecretKey(SecretBytes::copy_of(scalar), std::move(public_key), std::move(key));
}

Result<std::string> P256SecretKey::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new());
  std::array<unsigned char, 80> der;  // 72 at most
  std::size_t size = der.size();
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), der.data(), &size, raw(message), message.size()) != 1) {
    forget_openssl_errors();
    return fail(Code::unavailable, "the signing key could not be used", "Retry");
  }
  return ecdsa_from_der({reinterpret_cast<const char*>(der.data()), size}, kP256ScalarSize);
}

}  // namespace writ::crypto
