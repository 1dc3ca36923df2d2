#include "server/runs/told_progress.h"

#include <algorithm>
#include <utility>

namespace writ::server {
namespace {

constexpr std::size_t kMessagesKept = 5000;  // of a run; a line of output is at most 64 KiB
constexpr std::size_t kRunsKept = 32;

}  // namespace

void ToldProgress::begin(RunId run) {
  const std::lock_guard lock(mutex_);
  make(run);
}

ToldProgress::Kept& ToldProgress::make(RunId run) {
  runs_.erase(run);
  if (runs_.size() >= kRunsKept) {
    const auto by_age = [](const auto& a, const auto& b) { return a.second.age < b.second.age; };
    runs_.erase(std::ranges::min_element(runs_, by_age));
  }
  Kept& kept = runs_[run];
  kept.age = ++begun_;
  kept.first = static_cast<std::uint64_t>(std::max<std::int64_t>(clock_.wall().micros, 0));
  return kept;
}

void ToldProgress::tell(RunId run, Value message) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run);
  Kept& kept = found == runs_.end() ? make(run) : found->second;
  kept.messages.push_back(std::move(message));
  if (kept.messages.size() <= kMessagesKept) return;
  kept.messages.pop_front();
  ++kept.first;
}

ToldProgress::Part ToldProgress::read(RunId run, std::uint64_t after, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  Part out{{}, after};
  const auto found = runs_.find(run);
  if (found == runs_.end()) return out;
  const Kept& kept = found->second;
  const std::uint64_t end = kept.first + kept.messages.size();
  const std::uint64_t from = after > end ? kept.first : std::max(after, kept.first);
  out.next = std::min<std::uint64_t>(end, from + limit);
  for (std::uint64_t at = from; at < out.next; ++at) {
    out.messages.push_back(kept.messages[at - kept.first]);
  }
  return out;
}

}  // namespace writ::server
