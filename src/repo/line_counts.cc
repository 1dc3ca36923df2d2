#include "repo/line_counts.h"

#include <algorithm>

#include "repo/git.h"

namespace writ::repo {
namespace {

constexpr std::size_t kBinaryProbe = 8000;
constexpr std::size_t kDiffLimit = 16u << 20;

}  // namespace

bool is_binary(std::string_view bytes) {
  return bytes.substr(0, kBinaryProbe).find('\0') != std::string_view::npos;
}

std::uint32_t count_lines(std::string_view text) {
  const auto breaks = std::count(text.begin(), text.end(), '\n');
  const bool has_open_line = !text.empty() && text.back() != '\n';
  return static_cast<std::uint32_t>(breaks) + (has_open_line ? 1 : 0);
}

Result<LineCounts> compare_lines(std::string_view before, std::string_view after) {
  if (before.empty() || after.empty() || std::max(before.size(), after.size()) > kDiffLimit) {
    return LineCounts{count_lines(after), count_lines(before)};
  }
  git_patch* raw = nullptr;
  int result = git_patch_from_buffers(&raw, before.data(), before.size(), nullptr, after.data(),
                                      after.size(), nullptr, nullptr);
  const PatchHandle patch(raw);
  std::size_t added = 0;
  std::size_t removed = 0;
  if (result == 0) result = git_patch_line_stats(nullptr, &added, &removed, patch.get());
  if (result != 0) return git_failure(result, "cannot compare two versions of a file");
  return LineCounts{static_cast<std::uint32_t>(added), static_cast<std::uint32_t>(removed)};
}

}  // namespace writ::repo
