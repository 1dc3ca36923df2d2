#include "execution/plan_shelf.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "execution/journal.h"

namespace writ::execution {
namespace {

// Specs that are worked on at the same time are few; a plan of a thousand steps takes a megabyte.
constexpr std::size_t kLast = 8;

}  // namespace

SharedPlan PlanShelf::keep(SharedPlan plan) {
  const auto known = std::ranges::find(last_, plan);
  if (known != last_.end()) {
    std::rotate(known, known + 1, last_.end());
    return plan;
  }
  if (last_.size() == kLast) last_.erase(last_.begin());
  last_.push_back(plan);
  return plan;
}

Result<SharedPlan> PlanShelf::take(store::Store& store, std::string_view digest) {
  const std::lock_guard lock(mutex_);
  if (const auto known = plans_.find(digest); known != plans_.end()) {
    if (SharedPlan plan = known->second.lock()) return keep(std::move(plan));
  }
  WRIT_TRY(protocol::Plan stored, load_stored_plan(store, digest));
  auto plan = std::make_shared<const protocol::Plan>(std::move(stored));
  std::erase_if(plans_, [](const auto& entry) { return entry.second.expired(); });
  plans_.insert_or_assign(std::string(digest), plan);
  return keep(std::move(plan));
}

}  // namespace writ::execution
