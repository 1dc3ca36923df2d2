#include "repo/testing/fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

#include "repo/git.h"

namespace writ::repo {
namespace {

namespace fs = std::filesystem;

fs::path make_temporary() {
  std::string name = (fs::temp_directory_path() / "writ-repo-XXXXXX").string();
  return ::mkdtemp(name.data()) != nullptr ? fs::canonical(name) : fs::path();
}

// For libgit2 and git alike: no configuration but the repository's own.
void forget_configuration() {
  start_git();
  for (const int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
                          GIT_CONFIG_LEVEL_PROGRAMDATA}) {
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "/nonexistent");
  }
  ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
  ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
  ::setenv("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z", 1);
  ::setenv("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z", 1);
  for (const char* name : {"GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"}) ::setenv(name, "Test", 1);
  for (const char* name : {"GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"}) {
    ::setenv(name, "test@example.org", 1);
  }
  for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}) ::unsetenv(name);
}

}  // namespace

RepoTest::RepoTest() : directory_(make_temporary()), root_(directory_ / "work") {
  forget_configuration();
  fs::create_directory(root_);
  bash("git init -q -b main .");
}

RepoTest::~RepoTest() { fs::remove_all(directory_); }

void RepoTest::write(const std::string& path, std::string_view text) {
  fs::create_directories((root_ / path).parent_path());
  std::ofstream(root_ / path, std::ios::binary) << text;
}

void RepoTest::age(const std::string& path) {
  // ctime cannot be set; waiting for the clock to pass it is all there is.
  struct stat info{};
  ::lstat((root_ / path).c_str(), &info);
  timespec now{};
  do {
    ::clock_gettime(CLOCK_REALTIME, &now);
  } while (now.tv_sec * 1'000'000'000 + now.tv_nsec <
           info.st_ctim.tv_sec * 1'000'000'000 + info.st_ctim.tv_nsec + 110'000'000);
}

std::string RepoTest::bash(const std::string& script) {
  const fs::path file = directory_ / "script";
  std::ofstream(file) << "set -euo pipefail\ncd '" << root_.string() << "'\n" << script << "\n";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      ::popen(("bash '" + file.string() + "'").c_str(), "re"), [](FILE*) { return 0; });
  std::string out;
  char buffer[4096];
  for (std::size_t count = 0; (count = ::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;) {
    out.append(buffer, count);
  }
  EXPECT_EQ(::pclose(pipe.get()), 0) << script;
  return out;
}

void RepoTest::commit_all(const std::string& message) {
  bash("git add -A && git commit -q -m '" + message + "'");
}

Repo RepoTest::open() {
  auto repo = Repo::open(root_);
  if (!repo) throw std::runtime_error(repo.error().text());
  return *std::move(repo);
}

std::string RepoTest::tree(std::vector<std::string> outputs) {
  const auto digest = open().tree_digest(outputs);
  EXPECT_TRUE(digest) << digest.error().text();
  return digest ? digest->digest.hex() : std::string();
}

std::vector<std::string> RepoTest::paths(std::vector<std::string> outputs) {
  const auto files = open().tree_files(outputs);
  EXPECT_TRUE(files) << files.error().text();
  std::vector<std::string> paths;
  if (files) {
    for (const TreeFile& file : *files) paths.push_back(file.path);
  }
  return paths;
}

}  // namespace writ::repo
