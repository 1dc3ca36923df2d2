#pragma once
// Private to crypto: key files as text. Formats: docs/formats/keys.md.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/key.h"
#include "crypto/key_file.h"

namespace writ::crypto {

// A key document is never longer than this.
inline constexpr std::size_t kMaxKeyDocument = 16u << 10;

// A name that people gave: at most 128 bytes of UTF-8 on one line. Errors: invalid_input.
Result<void> check_key_name(std::string_view name);

// Sealed under `passphrase`, or plain without one. The caller wipes the text.
// Errors: invalid_input (empty passphrase), unavailable.
Result<std::string> secret_key_document(const SecretKey& key, const PublicKeyFile& info,
                                        std::optional<std::string_view> passphrase);
// `source` is how errors name the file. Errors: invalid_input, not_permitted, unavailable.
Result<SecretKey> parse_secret_key_document(std::string_view text, std::string_view source,
                                            std::optional<std::string_view> passphrase);

// The public half of a secret document, which needs no passphrase. Errors: invalid_input.
Result<PublicKeyFile> public_half_of(std::string_view secret_document, std::string_view source);

std::string public_key_document(const PublicKeyFile& info);
Result<PublicKeyFile> parse_public_key_document(std::string_view text, std::string_view source);

}  // namespace writ::crypto
