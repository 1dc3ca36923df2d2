#include "repo/ignore_rules.h"

#include <algorithm>

namespace writ::repo {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Blanks at the end go, except behind a backslash.
std::string_view without_trailing_blanks(std::string_view line) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
      end = std::min(i + 1, line.size());
    } else if (line[i] != ' ') {
      end = i + 1;
    }
  }
  return line.substr(0, end);
}

}  // namespace

IgnoreFile::IgnoreFile(std::string_view text, std::string base) : base_(std::move(base)) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && line.front() != '#') add(without_trailing_blanks(line));
  }
}

void IgnoreFile::add(std::string_view line) {
  const bool is_negative = line.starts_with('!');
  if (is_negative) line.remove_prefix(1);
  const bool is_for_directories = line.ends_with('/');
  if (is_for_directories) line.remove_suffix(1);
  const bool is_for_names = line.find('/') == std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return;
  rules_.push_back({Wildmatch(line), is_negative, is_for_directories, is_for_names});
}

Verdict IgnoreFile::judge(std::string_view path, PathKind kind) const {
  if (!base_.empty()) {
    if (path.size() <= base_.size() || !path.starts_with(base_)) return Verdict::silent;
    path.remove_prefix(base_.size() + 1);
  }
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->is_for_directories && kind != PathKind::directory) continue;
    if (!rule->pattern.matches(rule->is_for_names ? name : path)) continue;
    return rule->is_negative ? Verdict::included : Verdict::ignored;
  }
  return Verdict::silent;
}

std::size_t IgnoreRules::add(IgnoreFile file, std::size_t outer) {
  nodes_.push_back({std::move(file), outer});
  return nodes_.size() - 1;
}

bool IgnoreRules::is_ignored(std::string_view path, PathKind kind, std::size_t from) const {
  for (std::size_t node = from; node != kNone; node = nodes_[node].outer) {
    const Verdict verdict = nodes_[node].file.judge(path, kind);
    if (verdict != Verdict::silent) return verdict == Verdict::ignored;
  }
  return false;
}

}  // namespace writ::repo
