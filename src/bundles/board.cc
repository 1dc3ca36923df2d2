#include "bundles/board.h"

#include <algorithm>

namespace writ::bundles {

void BundleBoard::add(const std::string& name) {
  const std::lock_guard lock(mutex_);
  rows_.try_emplace(name);
}

std::map<std::string, BundleStatus> BundleBoard::rows() const {
  const std::lock_guard lock(mutex_);
  return rows_;
}

bool BundleBoard::is_ready() const {
  const std::lock_guard lock(mutex_);
  return are_all_active();
}

bool BundleBoard::wait_until_ready(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return are_all_active(); });
}

bool BundleBoard::are_all_active() const {
  return std::ranges::all_of(
      rows_, [](const auto& row) { return row.second.last_successful_activation.has_value(); });
}

}  // namespace writ::bundles
