#include "execution/run_shelf.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "execution/journal.h"
#include "execution/run_rows.h"

namespace writ::execution {
namespace {

// Specs that are worked on at the same time are few; a plan of a thousand steps takes a megabyte.
constexpr std::size_t kLastPlans = 8;
// Runs are more; a state of a thousand steps takes half a megabyte.
constexpr std::size_t kLastStates = 64;

// The newest at the end, at most `limit`.
template <typename T>
void put_last(std::vector<T>& all, typename std::vector<T>::iterator known, T item,
              std::size_t limit) {
  if (known != all.end()) {
    *known = std::move(item);
    std::rotate(known, known + 1, all.end());
    return;
  }
  if (all.size() == limit) all.erase(all.begin());
  all.push_back(std::move(item));
}

}  // namespace

SharedPlan RunShelf::keep(SharedPlan plan) {
  put_last(last_plans_, std::ranges::find(last_plans_, plan), plan, kLastPlans);
  return plan;
}

Result<SharedPlan> RunShelf::plan(store::Store& store, std::string_view digest) {
  const std::lock_guard lock(plans_mutex_);
  if (const auto known = plans_.find(digest); known != plans_.end()) {
    if (SharedPlan plan = known->second.lock()) return keep(std::move(plan));
  }
  WRIT_TRY(protocol::Plan stored, load_stored_plan(store, digest));
  auto plan = std::make_shared<const protocol::Plan>(std::move(stored));
  std::erase_if(plans_, [](const auto& entry) { return entry.second.expired(); });
  plans_.insert_or_assign(std::string(digest), plan);
  return keep(std::move(plan));
}

SharedState RunShelf::known_state(RunId run) {
  const std::lock_guard lock(states_mutex_);
  const auto known = std::ranges::find(last_states_, run, [](const auto& s) { return s->run.id; });
  return known == last_states_.end() ? nullptr : *known;
}

// Of two at once the later one may be the older state: it is compared with the rows again, and
// costs at most that more of them are decoded.
void RunShelf::keep(SharedState state) {
  const std::lock_guard lock(states_mutex_);
  const RunId run = state->run.id;
  const auto known = std::ranges::find(last_states_, run, [](const auto& s) { return s->run.id; });
  put_last(last_states_, known, std::move(state), kLastStates);
}

Result<SharedState> RunShelf::state(store::Store& store, RunId run) {
  SharedState known = known_state(run);
  if (known != nullptr) {
    WRIT_TRY(const bool still_stands,
             store.read([&](store::Tx& tx) { return execution::still_stands(tx, *known); }));
    if (still_stands) return known;
  }
  WRIT_TRY(RunState read,
           store.read([&](store::Tx& tx) { return read_run_state(tx, run, known.get()); }));
  auto state = std::make_shared<const RunState>(std::move(read));
  keep(state);
  return state;
}

}  // namespace writ::execution
