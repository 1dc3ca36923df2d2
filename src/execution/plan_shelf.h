#pragma once
// Plans that are in use, by digest: many runs of one plan read it from the store once and share it,
// and so do the acts on a run that come one after the other.
//
// Thread-safe. A plan stays as long as anybody uses it, and the last few for longer.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/plan.h"
#include "store/store.h"

namespace writ::execution {

using SharedPlan = std::shared_ptr<const protocol::Plan>;

class PlanShelf {
 public:
  // From the store, held to its digest, unless somebody uses it already.
  // Errors: not_found, tampered.
  Result<SharedPlan> take(store::Store& store, std::string_view digest);

 private:
  SharedPlan keep(SharedPlan plan);

  std::mutex mutex_;  // held while one is read: who asks for the same then finds it
  std::map<std::string, std::weak_ptr<const protocol::Plan>, std::less<>> plans_;
  std::vector<SharedPlan> last_;  // the newest at the end
};

}  // namespace writ::execution
