#pragma once
// Base64 exactly as Go's encoding/base64 reads it, error positions included: policies compare the
// messages, and tokens with stray line ends are accepted.
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::rego {

// Standard alphabet, padding required. Errors: invalid_input "illegal base64 data at input byte 7".
Result<std::string> decode_base64(std::string_view text);
// URL-safe alphabet; missing padding is put back first (RFC 7515 appendix C).
// Errors: the same, and "illegal base64url string: <text>".
Result<std::string> decode_base64url(std::string_view text);
std::string encode_base64url_unpadded(std::string_view bytes);

}  // namespace writ::rego
