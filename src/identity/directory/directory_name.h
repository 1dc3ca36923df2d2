#pragma once
// Names of entries in a directory (RFC 4514), in one spelling, so that two of them can be compared.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::identity {

inline constexpr std::size_t kMaxDirectoryName = 4096;

// Types and ASCII letters of values in lower case, no spaces around separators, one space for
// several, attributes of a part of the name in order, one way to escape. That is how servers
// compare what people and groups are named by; other alphabets are compared as they are written.
// Errors: invalid_input (not such a name, or longer than kMaxDirectoryName).
Result<std::string> normalise_directory_name(std::string_view text);

}  // namespace writ::identity
