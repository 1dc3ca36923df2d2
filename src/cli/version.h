#pragma once
#include <string_view>

namespace writ::cli {

// As in CMakeLists.txt, which passes it in.
#ifdef WRIT_VERSION
inline constexpr std::string_view kVersion = WRIT_VERSION;
#else
inline constexpr std::string_view kVersion = "0.0.0";
#endif

}  // namespace writ::cli
