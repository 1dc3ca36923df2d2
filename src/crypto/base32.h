#pragma once
// Base32 (RFC 4648 section 6): how authenticator apps take secrets.
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace writ::crypto {

// Upper-case, without padding. The caller wipes it if the bytes are secret.
std::string to_base32(std::string_view bytes);
// Either case; padding may be left out, but not be wrong.
// Errors: invalid_input (another character, a length that no bytes have, bits left over).
Result<SecretBytes> parse_base32(std::string_view text);

}  // namespace writ::crypto
