#pragma once
// An empty directory of a test's own, removed with everything in it at the end.
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "base/result.h"

namespace writ {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "writ-test-XXXXXX").string();
    WRIT_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = std::filesystem::canonical(name);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;  // a test that takes rights away leaves the rest to the system
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  // Writes a file below the directory, missing parents included, and returns its path.
  std::filesystem::path write(std::string_view relative, std::string_view bytes) const {
    const std::filesystem::path file = path_ / relative;
    WRIT_ASSERT(make_directory(file.parent_path()).has_value());
    WRIT_ASSERT(replace_file(file, bytes).has_value());
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace writ
