#pragma once
// Plans that are in use, by digest: many runs of one plan read it from the store once and share it.
//
// Thread-safe. A plan is forgotten with the last who uses it.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

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
  std::mutex mutex_;  // held while one is read: who asks for the same then finds it
  std::map<std::string, std::weak_ptr<const protocol::Plan>, std::less<>> plans_;
};

}  // namespace writ::execution
