#include "repo/state.h"

namespace writ::repo {

Result<std::vector<ScannedFile>> Repo::State::scan_files(std::span<const std::string> outputs,
                                                         std::vector<std::string_view> base) {
  git_index* raw = nullptr;
  int result = git_repository_index(&raw, repository.get());
  const IndexHandle index(raw);
  if (result == 0) result = git_index_read(index.get(), 0);
  if (result != 0) return git_failure(result, "cannot read the index");
  const std::size_t count = git_index_entrycount(index.get());
  std::vector<std::string_view> tracked;
  tracked.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    tracked.emplace_back(git_index_get_byindex(index.get(), i)->path);
  }
  // By path already, unless core.ignorecase is set.
  if (!std::is_sorted(tracked.begin(), tracked.end())) std::sort(tracked.begin(), tracked.end());
  const TrackedPaths paths(std::move(tracked), std::move(base));
  return scan({repository.get(), root, paths, outputs, prefix});
}

Result<Repo*> Repo::State::repository_at(const std::string& path) {
  if (const auto known = inside.find(path); known != inside.end()) return &known->second;
  if (depth + 1 > kNestingLimit) {
    return fail(Code::invalid_input,
                "repositories are nested more than " + std::to_string(kNestingLimit) + " deep at " +
                    prefix + path,
                "Ignore the innermost in .gitignore");
  }
  WRIT_TRY(Repo repo, Repo::open(root / path));
  repo.state_->depth = depth + 1;
  repo.state_->prefix = prefix + path + '/';
  return &inside.emplace(path, std::move(repo)).first->second;
}

Result<std::string> Repo::State::head() const {
  git_oid id{};
  const int result = git_reference_name_to_id(&id, repository.get(), "HEAD");
  if (result == GIT_ENOTFOUND || result == GIT_EUNBORNBRANCH) return std::string("unborn");
  if (result != 0) return git_failure(result, "cannot resolve HEAD of " + root.string());
  return to_hex(id);
}

Result<CommitHandle> Repo::State::commit(const CommitId& id) const {
  git_oid oid{};
  if (id.hex.size() != GIT_OID_HEXSZ || git_oid_fromstr(&oid, id.hex.c_str()) != 0) {
    return fail(Code::invalid_input, "\"" + id.hex + "\" is no commit id of 40 digits");
  }
  git_commit* raw = nullptr;
  const int result = git_commit_lookup(&raw, repository.get(), &oid);
  if (result == GIT_ENOTFOUND) {
    return fail(Code::not_found, "there is no commit " + id.hex,
                "Fetch it; a shallow clone may lack it");
  }
  if (result != 0) return git_failure(result, "cannot read commit " + id.hex);
  return CommitHandle(raw);
}

}  // namespace writ::repo
