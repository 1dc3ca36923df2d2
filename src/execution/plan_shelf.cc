#include "execution/plan_shelf.h"

#include <utility>

#include "execution/journal.h"

namespace writ::execution {

Result<SharedPlan> PlanShelf::take(store::Store& store, std::string_view digest) {
  const std::lock_guard lock(mutex_);
  if (const auto known = plans_.find(digest); known != plans_.end()) {
    if (SharedPlan plan = known->second.lock()) return plan;
  }
  WRIT_TRY(protocol::Plan stored, load_stored_plan(store, digest));
  auto plan = std::make_shared<const protocol::Plan>(std::move(stored));
  std::erase_if(plans_, [](const auto& entry) { return entry.second.expired(); });
  plans_.insert_or_assign(std::string(digest), plan);
  return plan;
}

}  // namespace writ::execution
