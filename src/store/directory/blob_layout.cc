#include "store/directory/blob_layout.h"

#include <string_view>

#include "base/file.h"

namespace writ::store {
namespace {

constexpr std::string_view kSuffix = ".zst";

}  // namespace

Result<void> BlobLayout::create() {
  WRIT_CHECK(make_directory(root_, 0700));
  return make_private_directory(temporary());
}

std::filesystem::path BlobLayout::folder_of(const crypto::Digest& digest) const {
  return root_ / digest.hex().substr(0, 2);
}

std::filesystem::path BlobLayout::path_of(const crypto::Digest& digest) const {
  const std::string hex = digest.hex();
  return root_ / hex.substr(0, 2) / (hex + std::string(kSuffix));
}

Result<void> BlobLayout::ensure_folder(const crypto::Digest& digest) {
  std::atomic<bool>& has_folder = has_folder_[digest.bytes[0]];
  if (has_folder) return {};
  WRIT_CHECK(make_private_directory(folder_of(digest)));
  WRIT_CHECK(sync_directory(root_));
  has_folder = true;
  return {};
}

Result<crypto::Digest> digest_of_name(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const std::string_view stem = std::string_view(name).substr(0, name.size() - kSuffix.size());
  if (name.ends_with(kSuffix) && stem.size() == 64) {
    if (auto digest = crypto::Digest::parse_hex(stem); digest) return *digest;
  }
  return fail(Code::not_found, path.string() + " is no blob");
}

}  // namespace writ::store
