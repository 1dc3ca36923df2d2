#pragma once
// API keys as text: writ_<environment>_<id>_<secret><checksum>. The prefix lets scanners of leaked
// secrets find them and the checksum lets them be sure; the id is looked up and shown; the secret
// is 256 random bits, of which the store keeps a SHA-256 (enough for so many bits: there is nothing
// to guess). The text is shown once, when the key is made.
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/digest.h"

namespace writ::identity {

struct NewApiKey {
  std::string text;  // the only copy; the caller hands it out once and wipes it
  std::string id;    // 16 characters
  crypto::Digest stored;
};

// Requires: an environment as is_api_key_environment has it ("live", "test").
NewApiKey make_api_key(std::string_view environment);
// 1 to 16 lower-case letters and digits.
bool is_api_key_environment(std::string_view text);

// What an API key's text says. Views into it.
struct ApiKeyParts {
  std::string_view environment;
  std::string_view id;
};

// Whether a text is meant to be an API key rather than a token of another kind.
bool looks_like_api_key(std::string_view text);
// Errors: invalid_input, saying what is wrong and nothing of the text. Tells a mistyped or cut key
// from one that nobody has, without the store.
Result<ApiKeyParts> parse_api_key(std::string_view text);

// Whether `text` is the key that `stored` was made of, in constant time.
bool is_api_key(std::string_view text, const crypto::Digest& stored);

// "writ_live_4fK…": how lists show a key, by which it can be searched.
std::string api_key_prefix(std::string_view environment, std::string_view id);

}  // namespace writ::identity
