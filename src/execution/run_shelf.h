#pragma once
// What several read of runs that are in use: their plans, by digest, which many runs share, and how
// each stood when it was last known. Of a run to which nothing has happened since, two rows are
// read; of another one no row is decoded that still is what was made of it: who acts on a run of a
// thousand steps decodes the few that changed.
//
// Thread-safe. A plan stays as long as anybody uses it; the last few plans and states for longer.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "execution/state.h"
#include "protocol/plan.h"
#include "store/store.h"

namespace writ::execution {

using SharedPlan = std::shared_ptr<const protocol::Plan>;
using SharedState = std::shared_ptr<const RunState>;

class RunShelf {
 public:
  // From the store, held to its digest, unless somebody uses it already.
  // Errors: not_found, tampered.
  Result<SharedPlan> plan(store::Store& store, std::string_view digest);
  // How it stands now. Errors: not_found, tampered.
  Result<SharedState> state(store::Store& store, RunId run);
  // How somebody believes that it stands; it is held against its rows before it is told to others.
  void keep(SharedState state);

 private:
  SharedPlan keep(SharedPlan plan);
  SharedState known_state(RunId run);

  std::mutex plans_mutex_;  // held while one is read: who asks for the same then finds it
  std::map<std::string, std::weak_ptr<const protocol::Plan>, std::less<>> plans_;
  std::vector<SharedPlan> last_plans_;  // the newest at the end
  std::mutex states_mutex_;
  std::vector<SharedState> last_states_;  // likewise
};

}  // namespace writ::execution
