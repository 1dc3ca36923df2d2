#pragma once
// Private to crypto: a key's seed at rest under a passphrase. argon2id (RFC 9106) derives the key
// of XChaCha20-Poly1305; the public key is bound to the box as associated data.
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "crypto/key.h"
#include "crypto/secret_bytes.h"

namespace writ::crypto {

// Takes about 0.1 s and 64 MiB, on purpose. Errors: unavailable (no such memory to be had).
Result<Value> seal_seed(const SecretKey& key, std::string_view passphrase);

// Errors: invalid_input (no such box, or it asks for more work than Writ ever would),
// not_permitted (another passphrase or public key, or the box was changed), unavailable.
Result<SecretBytes> open_seed(const Value& box, const PublicKey& key, std::string_view passphrase);

}  // namespace writ::crypto
