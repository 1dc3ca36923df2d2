#pragma once
// A file that was built into the binary; see cmake/WritEmbed.cmake.
#include <string_view>

namespace writ {

struct EmbeddedFile {
  std::string_view path;  // relative, with slashes
  std::string_view bytes;
};

}  // namespace writ
