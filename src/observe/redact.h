#pragma once
// The last look before text leaves the process: what has the form of a credential is masked. Code
// must not log secrets in the first place; this is for the day it does.
#include <string>
#include <string_view>

namespace writ::observe {

// Masks API keys of Writ ("writ_live_…"), JSON Web Tokens, what follows "Bearer" or "Basic",
// passwords in URLs, and private keys in PEM. Linear in the text.
std::string redact(std::string_view text);

// Whether a value is to be masked for its name: "password", "client_secret", "authorization".
bool is_secret_name(std::string_view name);

inline constexpr std::string_view kMasked = "[redacted]";

}  // namespace writ::observe
