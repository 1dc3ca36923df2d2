// The digest of a working tree, cold and warm, against `git status` on the same tree and against
// the floor: reading and hashing the same bytes, respectively one lstat a file.
//
//   repo_bench [files] [bytes per file]
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "crypto/digest.h"
#include "repo/repo.h"

namespace {

using namespace writ;
namespace fs = std::filesystem;

constexpr int kRounds = 5;
constexpr int kFilesPerDirectory = 50;
constexpr std::size_t kFileLimit = 1u << 30;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "repo_bench: {}\n", why);
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().text());
  return *std::move(result);
}

void shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) give_up(command);
}

// The best of a few rounds, in milliseconds.
double milliseconds_of(const auto& work) {
  double best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  return best;
}

std::vector<fs::path> make_tree(const fs::path& root, int files, std::size_t bytes) {
  std::vector<fs::path> paths;
  for (int i = 0; i < files; ++i) {
    const int directory = i / kFilesPerDirectory;
    const fs::path path =
        root / fmt::format("d{}/e{}/file{}.cc", directory / 20, directory % 20, i);
    fs::create_directories(path.parent_path());
    std::string text;
    while (text.size() < bytes) text += fmt::format("line {} of file {}\n", text.size(), i);
    std::ofstream(path) << text;
    paths.push_back(path);
  }
  std::ofstream(root / ".gitignore") << "*.o\nbuild/\n";
  return paths;
}

void report(const char* what, double floor, double ours, double git) {
  fmt::print("{:<24} floor {:>8.1f} ms   ours {:>8.1f} ms   ratio {:>5.2f}", what, floor, ours,
             ours / floor);
  if (git > 0) fmt::print("   git status {:>8.1f} ms", git);
  fmt::print("\n");
}

void run(const fs::path& root, int files, std::size_t bytes) {
  const std::vector<fs::path> paths = make_tree(root, files, bytes);
  const std::string git = "git -C '" + root.string() + "' -c user.name=b -c user.email=b@b ";
  shell(git + "init -q && " + git + "add -A && " + git + "commit -qm bench");
  // Neither git nor we trust the times of a file written in this very moment.
  std::this_thread::sleep_for(std::chrono::seconds(2));

  const double hash_floor = milliseconds_of([&] {
    for (const fs::path& path : paths) crypto::sha256(must(read_file(path, kFileLimit)));
  });
  const double stat_floor = milliseconds_of([&] {
    struct stat info{};
    for (const fs::path& path : paths) {
      if (::lstat(path.c_str(), &info) != 0) give_up("lstat");
    }
  });
  const double status = milliseconds_of([&] { shell(git + "status --porcelain > /dev/null"); });

  const repo::Repo warm = must(repo::Repo::open(root));
  const repo::CommitId head = must(warm.resolve("HEAD"));
  const auto digest = [](const repo::Repo& repo) { return must(repo.tree_digest({})); };
  const auto changes = [&](const repo::Repo& repo) { return must(repo.changes_since(head, {})); };
  const double cold_digest = milliseconds_of([&] { digest(must(repo::Repo::open(root))); });
  const double cold_changes = milliseconds_of([&] { changes(must(repo::Repo::open(root))); });
  digest(warm);
  changes(warm);
  fmt::print("{} files of {} bytes\n", files, bytes);
  report("tree digest, cold", hash_floor, cold_digest, 0);
  report("tree digest, warm", stat_floor, milliseconds_of([&] { digest(warm); }), status);
  report("changes since, cold", hash_floor, cold_changes, 0);
  report("changes since, warm", stat_floor, milliseconds_of([&] { changes(warm); }), status);
}

}  // namespace

int main(int argc, char** argv) {
  const int files = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const auto bytes = static_cast<std::size_t>(argc > 2 ? std::atol(argv[2]) : 4096);
  std::string root = (fs::temp_directory_path() / "writ-repo-bench-XXXXXX").string();
  if (::mkdtemp(root.data()) == nullptr) give_up("no temporary directory");
  run(root, files, bytes);
  fs::remove_all(root);
  return 0;
}
