#pragma once
// Private to identity: numbers in the digits 0-9, A-Z, a-z, always of the same length.
#include <cstddef>
#include <string>
#include <string_view>

namespace writ::identity {

inline constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// `bytes` as one big-endian number in `digits` digits. Requires: it fits.
std::string to_base62(std::string_view bytes, std::size_t digits);
bool is_base62(std::string_view text);

}  // namespace writ::identity
