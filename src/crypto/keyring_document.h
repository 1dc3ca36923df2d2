#pragma once
// Private to crypto: the keyring's index as text. Format: docs/formats/keys.md.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/keyring.h"

namespace writ::crypto {

inline constexpr std::size_t kMaxKeyringDocument = 4u << 20;

std::string serialize_keyring(const std::vector<KeyInfo>& keys);
// Errors: invalid_input (not what serialize wrote), unsupported (a later version).
Result<std::vector<KeyInfo>> parse_keyring(std::string_view text, std::string_view source);

}  // namespace writ::crypto
