#pragma once
// Opaque tokens that a person or program holds: 256 random bits behind a prefix that says what the
// token is for, so that scanners for leaked secrets find it. The store keeps a digest only; with so
// many bits a plain SHA-256 does. Free functions; thread-safe.
#include <optional>
#include <string>
#include <string_view>

namespace writ::identity {

struct SecretToken {
  std::string text = {};  // handed out once; the caller wipes it where it lingers
  std::string key = {};   // SHA-256 of the text, raw: what rows are found by
};

// Requires: `prefix` ends in '_'.
SecretToken make_secret_token(std::string_view prefix);
// The token that belongs to 32 given bytes.
SecretToken secret_token_of(std::string_view prefix, std::string_view bytes);
// The key of a token that was shown; nullopt: it does not have the form of one.
std::optional<std::string> secret_token_key(std::string_view prefix, std::string_view text);

}  // namespace writ::identity
