#include "crypto/ecdsa_form.h"

#include "crypto/openssl_handle.h"

namespace writ::crypto {
namespace {

const unsigned char* raw_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* raw_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string ecdsa_to_der(std::string_view raw, std::size_t coordinate_size) {
  if (raw.size() != 2 * coordinate_size) return {};
  const auto size = static_cast<int>(coordinate_size);
  const EcSignature pair(ECDSA_SIG_new());
  BIGNUM* const r = BN_bin2bn(raw_of(raw), size, nullptr);
  BIGNUM* const s = BN_bin2bn(raw_of(raw.substr(coordinate_size)), size, nullptr);
  ECDSA_SIG_set0(pair.get(), r, s);  // owns both from here on
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

std::string ecdsa_from_der(std::string_view der, std::size_t coordinate_size) {
  const unsigned char* at = raw_of(der);
  const EcSignature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  forget_openssl_errors();
  if (!pair) return {};
  const auto size = static_cast<int>(coordinate_size);
  std::string out(2 * coordinate_size, '\0');
  if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), raw_of(out), size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), raw_of(out) + size, size) != size) {
    return {};
  }
  return out;
}

}  // namespace writ::crypto
