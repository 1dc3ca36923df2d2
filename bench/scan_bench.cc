// Scanning a tree of C and C++ with all text patterns of the scan rules, files read, beside
// ripgrep with the same patterns on the same files. Ours also tells code, comments and strings
// apart where a pattern may lie, and keeps every finding with its place.
//
//   scan_bench [directory]
#include <sys/wait.h>

#include <thread>

#include "bench.h"
#include "scan/patterns.h"
#include "scan/scan.h"
#include "scan/walk.h"

namespace {

using namespace writ;
using namespace writ::bench;
namespace fs = std::filesystem;

constexpr int kRounds = 5;

std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

// 0: no match, 1: no such program or a pattern it does not read.
bool runs(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string ripgrep(const fs::path& root) {
  std::string command = "rg --no-unicode --ignore-case --no-ignore --hidden --line-number --text";
  for (const scan::Pattern& pattern : scan::pattern_table()) {
    command += " -e " + shell_word(pattern.regex);
  }
  return command + " -- " + shell_word(root.string()) + " >/dev/null 2>&1";
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path root = argc > 1 ? argv[1] : "/usr/include";
  const auto paths = must(scan::list_files(root, ""));
  std::uintmax_t bytes = 0;
  for (const std::string& path : paths) bytes += fs::file_size(root / path);
  scan::ScanOptions options;
  for (const scan::Pattern& pattern : scan::pattern_table()) {
    options.rules.emplace_back(pattern.rule);
  }
  const auto scanner = must(scan::Scanner::make(options));
  const std::string peer = ripgrep(root);
  const bool has_peer = runs(peer);
  std::vector<double> theirs, ours, ratios;
  std::size_t findings = 0;
  for (int round = 0; round < kRounds; ++round) {
    if (has_peer) theirs.push_back(time_of([&] { runs(peer); }).wall);
    ours.push_back(
        time_of([&] { findings = scanner.scan_files(root, paths).findings.size(); }).wall);
    if (has_peer) ratios.push_back(ours.back() / theirs.back());
  }
  fmt::print("{} files, {:.1f} MB, {} patterns, {} findings, {} processors\n", paths.size(),
             static_cast<double>(bytes) * 1e-6, scan::pattern_table().size(), findings,
             std::thread::hardware_concurrency());
  report({"scan of a tree, files read",
          has_peer ? fmt::format("{:.0f} ms, ripgrep --no-unicode", median(theirs) * 1e3)
                   : "peer absent: rg",
          fmt::format("{:.0f} ms", median(ours) * 1e3),
          has_peer ? fmt::format("{:.2f}", median(ratios)) : "", "<= 1.00 of its time",
          has_peer && median(ratios) <= 1});
  return 0;
}
