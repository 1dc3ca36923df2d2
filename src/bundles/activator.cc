#include "bundles/activator.h"

#include <cstddef>
#include <utility>

namespace writ::bundles {
namespace {

// Rounds in which those that failed are tried again because others have become active.
constexpr int kRounds = 10;

}  // namespace

std::vector<Result<void>> Activator::activate_all(std::span<const rego::NamedBundle> bundles) {
  if (bundles.empty()) return {};
  Result<void> together = fabric_.activate(bundles);
  if (together || bundles.size() == 1) return {bundles.size(), together};
  // One bad bundle must not keep the others out.
  std::vector<Result<void>> out(bundles.size(), together);
  bool has_progress = true;
  for (int round = 0; round < kRounds && has_progress; ++round) {
    has_progress = false;
    for (std::size_t i = 0; i < bundles.size(); ++i) {
      if (out[i]) continue;
      out[i] = fabric_.activate(bundles.subspan(i, 1));
      has_progress = has_progress || out[i].has_value();
    }
  }
  return out;
}

Result<void> Activator::activate(const rego::NamedBundle& bundle) {
  Waiting me{&bundle, {}};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&me);
  while (me.result.empty()) {
    if (is_busy_) {
      done_.wait(lock);
      continue;
    }
    // First come: takes along whoever else waits.
    is_busy_ = true;
    const std::vector<Waiting*> batch = std::exchange(waiting_, {});
    std::vector<rego::NamedBundle> bundles;
    for (const Waiting* one : batch) bundles.push_back(*one->bundle);
    lock.unlock();
    std::vector<Result<void>> results = activate_all(bundles);
    lock.lock();
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->result.push_back(results[i]);
    is_busy_ = false;
    done_.notify_all();
  }
  return me.result.front();
}

}  // namespace writ::bundles
