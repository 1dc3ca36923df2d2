#pragma once
// Private to crypto: PHC strings of argon2id, ours and those of other programs.
#include <optional>
#include <string>
#include <string_view>

#include "crypto/password_hash.h"

namespace writ::crypto {

struct PhcString {
  HashForm form;
  std::string plain;  // as libsodium reads it: without the pepper
};

// Nothing: no such string, or more than `kMostHashWork`.
std::optional<PhcString> parse_phc(std::string_view text);

// `plain` as made by libsodium, with the name of the pepper that went before.
std::string with_pepper(std::string_view plain, std::string_view pepper_id);

bool is_pepper_id(std::string_view id);

}  // namespace writ::crypto
