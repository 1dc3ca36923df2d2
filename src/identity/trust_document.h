#pragma once
// Private to identity: what a trust file and a statement check alike.
#include <cstddef>
#include <string_view>

namespace writ::identity {

// Names and reasons that people give.
inline constexpr std::size_t kMaxLine = 256;

// 1 to kMaxLine bytes of UTF-8 without control characters.
bool is_one_line(std::string_view text);

}  // namespace writ::identity
