#include "bundles/publication.h"

#include <system_error>
#include <utility>

#include "base/file.h"
#include "crypto/digest.h"
#include "policy/bundle/archive.h"
#include "policy/bundle/folder.h"

namespace writ::bundles {
namespace {

namespace fs = std::filesystem;

std::string stamp_of_file(const fs::path& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  if (error) return {};
  const auto size = fs::file_size(path, error);
  if (error) return {};
  return std::to_string(time.time_since_epoch().count()) + "/" + std::to_string(size);
}

}  // namespace

std::string stamp_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return stamp_of_file(path);
  crypto::Sha256 all;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code gone;
    if (!at->is_regular_file(gone)) continue;
    all.update(at->path().string() + "\n" + stamp_of_file(at->path()) + "\n");
  }
  return all.finish().hex();
}

Result<std::string> packed_bundle(const fs::path& path, std::uint64_t size_limit) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return read_file(path, size_limit);
  WRIT_TRY(const std::vector<rego::ArchiveFile> files, rego::read_folder(path));
  WRIT_TRY(std::string bytes, rego::write_archive(files));
  if (bytes.size() <= size_limit) return bytes;
  return fail(Code::overloaded,
              path.string() + ", packed, is larger than " + std::to_string(size_limit) + " bytes");
}

}  // namespace writ::bundles
