#include "evidence/fresh_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/file.h"
#include "base/safe_path.h"

namespace writ::evidence {
namespace {

constexpr std::size_t kMaxFileBytes = 256u << 20;
// File times come from the kernel's coarse clock, which is up to a tick (10 ms at 100 Hz) behind.
constexpr std::int64_t kTickNs = 10'000'000;

Result<FileStamp> stamp(const std::filesystem::path& root, std::string_view path) {
  WRIT_TRY(const std::filesystem::path where, join_inside(root, path));
  struct stat status{};
  if (::stat(where.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return FileStamp{};
    return fail(Code::storage_failed,
                std::string(path) + ": " + std::generic_category().message(errno));
  }
  FileStamp out;
  out.exists = true;
  out.device = status.st_dev;
  out.inode = status.st_ino;
  out.modified_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  WRIT_TRY(const std::string bytes, read_file(where, kMaxFileBytes));
  out.size = bytes.size();
  out.digest = crypto::sha256(bytes);
  return out;
}

std::string time_text(std::int64_t ns) { return to_rfc3339(WallTime{ns / 1000}); }

// Why `now` is not the step's own file; empty: it is.
std::string objection(const FileStamp& before, const FileStamp& now, WallTime begun,
                      const std::string& path) {
  if (!now.exists) return path + " was declared as a report, and the step did not write it";
  const bool is_same = before.exists && before.device == now.device && before.inode == now.inode &&
                       before.modified_ns == now.modified_ns && before.digest == now.digest;
  if (is_same) return path + " was there before the step, which left it as it was";
  if (now.modified_ns + kTickNs < begun.micros * 1000) {
    return path + " was last modified at " + time_text(now.modified_ns) +
           ", before the step began at " + to_rfc3339(begun);
  }
  return {};
}

}  // namespace

Result<FileSnapshot> snapshot_files(const std::filesystem::path& root,
                                    std::span<const std::string> paths, WallTime begun) {
  FileSnapshot snapshot;
  snapshot.begun = begun;
  for (const std::string& path : paths) {
    WRIT_TRY(snapshot.files[path], stamp(root, path));
  }
  return snapshot;
}

Result<Freshness> check_fresh(const FileSnapshot& before, const std::filesystem::path& root,
                              std::string_view path) {
  const auto then = before.files.find(path);
  WRIT_ASSERT(then != before.files.end());
  Freshness freshness;
  WRIT_TRY(freshness.now, stamp(root, path));
  freshness.reason = objection(then->second, freshness.now, before.begun, std::string(path));
  freshness.is_fresh = freshness.reason.empty();
  return freshness;
}

}  // namespace writ::evidence
