#pragma once
// The two forms of an ECDSA signature: r and s one after another, each as long as a coordinate
// (JWS, RFC 7518 section 3.4), and DER (OpenSSL, certificates).
#include <cstddef>
#include <string>
#include <string_view>

namespace writ::crypto {

// Empty if `raw` is not twice `coordinate_size` bytes long.
std::string ecdsa_to_der(std::string_view raw, std::size_t coordinate_size);
// Empty if `der` is no signature, or one of a larger curve.
std::string ecdsa_from_der(std::string_view der, std::size_t coordinate_size);

}  // namespace writ::crypto
