#pragma once
// Makes bundles active, several in one change when they come at the same time: a change compiles
// everything, and policies of one bundle may need another. Thread-safe; decisions never wait.
#include <condition_variable>
#include <mutex>
#include <span>
#include <vector>

#include "base/result.h"
#include "policy/fabric/fabric.h"

namespace writ::bundles {

class Activator {
 public:
  // Borrowed.
  explicit Activator(rego::Fabric& fabric) : fabric_(fabric) {}

  // Blocks until it is active, or was refused. Errors: those of Fabric::activate.
  Result<void> activate(const rego::NamedBundle& bundle);
  // The same for each of several; results in their order.
  std::vector<Result<void>> activate_all(std::span<const rego::NamedBundle> bundles);

 private:
  struct Waiting {
    const rego::NamedBundle* bundle;
    std::vector<Result<void>> result;  // one, once it is known
  };

  rego::Fabric& fabric_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<Waiting*> waiting_;
  bool is_busy_ = false;
};

}  // namespace writ::bundles
