#pragma once
// Unpredictable bytes (libsodium inside): tokens, salts, nonces. Thread-safe.
#include <cstddef>
#include <string>

#include "crypto/secret_bytes.h"

namespace writ::crypto {

std::string random_bytes(std::size_t size);
// For what stays a secret.
SecretBytes random_secret(std::size_t size);

}  // namespace writ::crypto
