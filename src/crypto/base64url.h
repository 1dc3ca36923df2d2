#pragma once
// Base64url without padding (RFC 4648 section 5), as JOSE writes it. Bytes have one spelling and no
// other: a signature over a token's text would otherwise cover several tokens.
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::crypto {

std::string to_base64url(std::string_view bytes);
// Errors: invalid_input (another alphabet, padding, line ends, bits left over that are not zero).
Result<std::string> parse_base64url(std::string_view text);

}  // namespace writ::crypto
