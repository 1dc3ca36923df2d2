#include "repo/work_file.h"

#include <sys/stat.h>

#include "repo/scan.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

Result<git_oid> id_of_link(git_repository* repository, const fs::path& place, Store store) {
  std::error_code error;
  const std::string target = fs::read_symlink(place, error).string();
  if (error) return fail(Code::storage_failed, "cannot read the link " + place.string());
  git_oid id{};
  const int result =
      store == Store::yes
          ? git_blob_create_from_buffer(&id, repository, target.data(), target.size())
          : git_odb_hash(&id, target.data(), target.size(), GIT_OBJECT_BLOB);
  if (result != 0) return git_failure(result, "cannot hash " + place.string());
  return id;
}

Result<git_oid> id_of_file(git_repository* repository, const std::string& path, Store store) {
  git_oid id{};
  const int result =
      store == Store::yes
          ? git_blob_create_from_workdir(&id, repository, path.c_str())
          : git_repository_hashfile(&id, repository, path.c_str(), GIT_OBJECT_BLOB, nullptr);
  if (result != 0) return git_failure(result, "cannot hash " + path);
  return id;
}

}  // namespace

Result<WorkFile> work_file(git_repository* repository, const fs::path& root,
                           const std::string& path, Store store) {
  WorkFile file;
  const fs::path place = root / path;
  struct stat at{};
  if (::lstat(place.c_str(), &at) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return file;
    return fail(Code::storage_failed, "cannot look at " + place.string());
  }
  file.kind = WorkFile::Kind::other;
  file.is_directory = S_ISDIR(at.st_mode);
  if (S_ISLNK(at.st_mode)) {
    file.kind = WorkFile::Kind::file;
    file.mode = kLinkMode;
    WRIT_TRY(file.id, id_of_link(repository, place, store));
  } else if (S_ISREG(at.st_mode)) {
    file.kind = WorkFile::Kind::file;
    file.mode = (at.st_mode & S_IXUSR) != 0 ? kExecutableMode : kRegularMode;
    WRIT_TRY(file.id, id_of_file(repository, path, store));
  }
  return file;
}

}  // namespace writ::repo
