#include "repo/git.h"

namespace writ::repo {
namespace {

struct Row {
  int result;
  Code code;
  const char* remedy;
};

constexpr Row kFailures[] = {
    {GIT_EAMBIGUOUS, Code::invalid_input, "Write more digits of the commit id"},
    {GIT_EINVALIDSPEC, Code::invalid_input, "Write a revision as `git rev-parse` takes it"},
    {GIT_ELOCKED, Code::unavailable, "Wait for the other git command, or remove its stale .lock"},
    {GIT_ENOTFOUND, Code::not_found, "Check the name with `git log` or `git ls-tree`"},
};

constexpr Row kOtherFailure{GIT_ERROR, Code::storage_failed, "Check the repository: `git fsck`"};

const Row& row_of(int result) {
  for (const Row& row : kFailures) {
    if (row.result == result) return row;
  }
  return kOtherFailure;
}

}  // namespace

void start_git() {
  // Never shut down: other threads may still be inside, and the process ends anyway.
  static const int started = git_libgit2_init();
  WRIT_ASSERT(started > 0);
}

std::unexpected<Error> git_failure(int result, const std::string& what) {
  const git_error* error = git_error_last();
  std::string message = what;
  if (error != nullptr && error->message != nullptr) message += std::string(": ") + error->message;
  const Row& row = row_of(result);
  return fail(row.code, std::move(message), row.remedy);
}

std::string to_hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ];
  git_oid_fmt(text, &id);
  return std::string(text, sizeof text);
}

}  // namespace writ::repo
